import { readFileSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { ConfigError, type ConfigIssue } from './config.errors.js';
import { mayHoldSecret } from './secret-lines.js';

/** The position of a key or value in a file. */
export interface SourcePosition {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters on that line. */
  readonly width: number;
  /** The line itself; absent where it would show a secret. */
  readonly source: string | undefined;
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly position: SourcePosition;
  readonly entries: ReadonlyMap<string, MappingEntry>;
}

export interface MappingEntry {
  readonly keyPosition: SourcePosition;
  readonly value: ConfigNode;
}

interface ListNode {
  readonly kind: 'list';
  readonly position: SourcePosition;
  readonly items: readonly ConfigNode[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly position: SourcePosition;
  readonly value: string | number | boolean | null;
  /** The text of the file, where the value comes from variables. */
  readonly from?: string;
}

/** YAML with the position of every node. Mappings are `Map`s: no name can reach a prototype. */
export type ConfigNode = MappingNode | ListNode | ScalarNode;

/** Most nodes of one file with its aliases expanded. A policy has hundreds; a larger file is an expansion bomb. */
const maxNodes = 20_000;
const maxDepth = 32;
/** Names with a meaning for objects of JavaScript: never a key. */
const refusedKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads one YAML 1.2 file whose root is a mapping.
 *
 * @throws ConfigError with the first syntax error, else every duplicate and every refused key; or where the file cannot be read
 */
export function readDocument(file: string): MappingNode {
  return new DocumentReader(file, readText(file)).read();
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new ConfigError([{ file, line: 1, column: 1, message: `this file cannot be read${reason}` }]);
  }
}

export function issueAt(position: SourcePosition, message: string): ConfigIssue {
  return {
    file: position.file,
    line: position.line,
    column: position.column,
    message,
    ...(position.source !== undefined && { source: position.source, width: position.width }),
  };
}

class DocumentReader {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: readonly string[];
  readonly #counter = new LineCounter();
  readonly #issues: ConfigIssue[] = [];
  #nodes = 0;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#lines = text.split(/\r?\n/);
  }

  read(): MappingNode {
    const documents = parseAllDocuments(this.#text, {
      lineCounter: this.#counter,
      prettyErrors: false,
      stringKeys: true,
      uniqueKeys: false, // found here instead, to name the first line as well
      resolveKnownTags: false,
      logLevel: 'silent',
    });
    const [document, second] = Array.isArray(documents) ? documents : [];
    // The first error of the parser is the mistake; later errors mostly follow from it.
    const error = document?.errors[0] ?? document?.warnings[0];
    if (error !== undefined) {
      this.#report(error.pos[0], error.pos[1], this.#explain(error.message, error.pos[0]));
      throw new ConfigError(this.#issues);
    }
    if (second !== undefined)
      this.#report(second.range[0], second.range[0], 'one file holds one document: remove this "---" and what follows');
    const contents = document?.contents ?? null;
    if (contents === null && this.#issues.length === 0)
      this.#report(0, 0, 'this file is empty; a policy begins with "bff: <name>"');
    const root = document === undefined || contents === null ? undefined : this.#node(document, contents, 0);
    if (root !== undefined && root.kind !== 'mapping')
      this.#report(0, 0, 'expected keys and values ("bff: <name>") at the top of this file');
    if (root?.kind !== 'mapping' || this.#issues.length > 0) throw new ConfigError(this.#issues);
    return root;
  }

  #node(document: Document, node: Node, depth: number): ConfigNode {
    const position = this.#positionOf(node);
    if (++this.#nodes > maxNodes || depth > maxDepth) {
      if (this.#nodes <= maxNodes + 1)
        this.#report(
          node.range?.[0] ?? 0,
          node.range?.[1] ?? 0,
          'this file is too large or too deep once its aliases are expanded',
        );
      this.#nodes = maxNodes + 1;
      return { kind: 'scalar', position, value: null };
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined) return this.#node(document, target, depth + 1);
      this.#report(
        node.range?.[0] ?? 0,
        node.range?.[1] ?? 0,
        'there is no such anchor above (a value that begins with * needs quotes)',
      );
      return { kind: 'scalar', position, value: null };
    }
    if (isMap<Node, Node>(node)) return this.#mapping(document, node.items, position, depth);
    if (isSeq<Node>(node))
      return { kind: 'list', position, items: node.items.map((item) => this.#node(document, item, depth + 1)) };
    const value = isScalar(node) ? node.value : null;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return { kind: 'scalar', position, value };
    return { kind: 'scalar', position, value: null };
  }

  #mapping(
    document: Document,
    pairs: readonly Pair<Node, Node | null>[],
    position: SourcePosition,
    depth: number,
  ): MappingNode {
    const entries = new Map<string, MappingEntry>();
    for (const pair of pairs) {
      const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
      const keyPosition = this.#positionOf(pair.key);
      const [start, end] = pair.key.range ?? [0, 0];
      const earlier = entries.get(key);
      if (earlier !== undefined)
        this.#report(start, end, `key "${key}" stands twice; the first is on line ${earlier.keyPosition.line}`);
      if (refusedKeys.has(key)) this.#report(start, end, `"${key}" cannot be a key`);
      if (key === '<<') this.#report(start, end, 'merge keys ("<<") are not read; use "extends:" or repeat the keys');
      // A missing value has no position of its own, so the report points at the key.
      const range = pair.value?.range;
      const empty = pair.value === null || (isScalar(pair.value) && range?.[0] === range?.[1]);
      const value: ConfigNode =
        empty || pair.value === null
          ? { kind: 'scalar', position: keyPosition, value: null }
          : this.#node(document, pair.value, depth + 1);
      entries.set(key, { keyPosition, value });
    }
    return { kind: 'mapping', position, entries };
  }

  /** Flow collections end a plain scalar at a brace, which is the usual reason why a line with a variable cannot be read. */
  #explain(message: string, offset: number): string {
    const index = this.#counter.linePos(offset).line - 1;
    const line = this.#lines[index] ?? '';
    // The parser repeats a tag or a key behind a colon, and a password may look like one.
    const said = mayHoldSecret(this.#lines, index) ? (message.split(':')[0] ?? '') : message;
    const sentence = said.charAt(0).toLowerCase() + said.slice(1);
    return /[[{,]\s*[^"'#]*\$\{/.test(line)
      ? `${sentence}; inside { } and [ ] a variable needs quotes: "\${NAME}"`
      : sentence;
  }

  #positionOf(node: Node): SourcePosition {
    const [start, end] = node.range ?? [0, 0];
    return this.#position(start, end);
  }

  #position(start: number, end: number): SourcePosition {
    const { line, col } = this.#counter.linePos(Math.min(start, this.#text.length));
    const source = this.#lines[Math.max(line, 1) - 1] ?? '';
    const column = Math.max(col, 1);
    const width = Math.max(1, Math.min(end - start, source.length - column + 1));
    const shown = mayHoldSecret(this.#lines, Math.max(line, 1) - 1) ? undefined : source;
    return { file: this.#file, line: Math.max(line, 1), column, width, source: shown };
  }

  #report(start: number, end: number, message: string): void {
    this.#issues.push(issueAt(this.#position(start, end), message));
  }
}

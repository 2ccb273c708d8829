import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument as parseYaml,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import { isObject, type JsonObject } from './json.js';
import { ContractError, setMemberOrigins, setOrigin, type ContractWarning, type Location } from './location.js';

export interface ParseLimits {
  /** Largest file in bytes. @default 64 MiB */
  readonly maxBytes: number;
  /** Deepest nesting of lists and mappings. @default 200 */
  readonly maxDepth: number;
  /** Most values a document may hold once its aliases are written out. @default 4,000,000 */
  readonly maxNodes: number;
  /** Most of these that may come from aliases. @default 1,000,000 */
  readonly maxAliased: number;
}

export const defaultLimits: ParseLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxDepth: 200,
  maxNodes: 4_000_000,
  maxAliased: 1_000_000,
};

export interface ParsedDocument {
  readonly value: unknown;
  readonly warnings: readonly ContractWarning[];
}

/**
 * Reads YAML 1.2 or JSON with anchors and merge keys. A duplicate key is a warning (the last one wins, as in JSON.parse), since
 * published contracts have them; the location of each object is kept.
 * @throws {ContractError} for text that is neither, and for documents beyond the limits
 */
export function parseDocument(file: string, text: string, limits: ParseLimits = defaultLimits): ParsedDocument {
  const start: Location = { file, line: 1, column: 1 };
  if (text.length > limits.maxBytes) {
    throw new ContractError(`the document has more than ${limits.maxBytes} bytes`, start);
  }
  const depth = flowDepth(text, limits.maxDepth);
  if (depth !== undefined) throw tooDeep(limits, { ...start, ...positionOf(text, depth) });

  const lines = new LineCounter();
  const document: Document = parseYaml(text, {
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const locate = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [error] = document.errors;
  // The composer is recursive: deep nesting exhausts its stack before our own limit is checked.
  if (error?.code === 'RESOURCE_EXHAUSTION') throw tooDeep(limits, locate(error.pos[0]));
  if (error !== undefined) {
    const value = parseJson(text);
    if (value !== undefined) return { value, warnings: [] };
    throw new ContractError(`this is neither YAML nor JSON: ${error.message}`, locate(error.pos[0]));
  }
  const reader = new NodeReader(document, limits, locate);
  const value = document.contents === null ? null : reader.read(document.contents, 0, 0);
  if (isObject(value)) setOrigin(value, () => start);
  return { value, warnings: reader.warnings };
}

function tooDeep(limits: ParseLimits, location: Location): ContractError {
  return new ContractError(`the document is nested deeper than ${limits.maxDepth} levels`, location);
}

/** Rare JSON that YAML refuses (a key of more than 1,024 characters): read as JSON, without lines. */
function parseJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** The offset at which brackets are nested beyond `maxDepth`, found before any parser recurses; text in double quotes is skipped. */
function flowDepth(text: string, maxDepth: number): number | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return at;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return undefined;
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return {
    line: before.split('\n').length,
    column: offset - before.lastIndexOf('\n'),
  };
}

/** Turns the syntax tree into plain values. Aliases share one value; its size counts against the limit at each alias. */
class NodeReader {
  readonly warnings: ContractWarning[] = [];
  readonly #anchors = new Map<string, { value: unknown; weight: number }>();
  /** Anchors of the values that are being read. */
  readonly #open = new Set<string>();
  #nodes = 0;
  #aliased = 0;

  constructor(
    private readonly document: Document,
    private readonly limits: ParseLimits,
    private readonly locate: (offset: number) => Location,
  ) {}

  /** @param offset where to point for this value: its key in a mapping, itself in a list */
  read(node: Node | null, depth: number, offset: number): unknown {
    if (depth > this.limits.maxDepth) throw tooDeep(this.limits, this.locate(offset));
    const before = this.#nodes;
    this.#count(1, offset);
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node, offset);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor === undefined) return this.#content(node, depth, offset);
    this.#open.add(anchor);
    const value = this.#content(node, depth, offset);
    this.#open.delete(anchor);
    this.#anchors.set(anchor, { value, weight: this.#nodes - before });
    return value;
  }

  #content(node: Node, depth: number, offset: number): unknown {
    if (isScalar(node)) return scalar(node);
    if (isSeq(node)) {
      const items = node.items.map((item) => {
        const child = isNode(item) ? item : null;
        return this.read(child, depth + 1, child?.range?.[0] ?? offset);
      });
      return setOrigin(items, () => this.locate(offset));
    }
    if (isMap(node)) return this.#mapping(node.items, depth, offset);
    throw new ContractError('this kind of value is not known', this.locate(offset));
  }

  #mapping(pairs: readonly Pair[], depth: number, offset: number): JsonObject {
    const object: JsonObject = {};
    const merged: JsonObject[] = [];
    const keys: string[] = [];
    const offsets: number[] = [];
    for (const pair of pairs) {
      const key = isScalar(pair.key) ? keyText(pair.key) : undefined;
      const at = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      if (key === undefined) throw new ContractError('a key must be text', this.locate(at));
      const child = isNode(pair.value) ? pair.value : null;
      const value = this.read(child, depth + 1, at);
      if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
        merged.push(...(Array.isArray(value) ? value : [value]).filter(isObject));
      } else if (key === '__proto__') {
        this.#warn('unsafe-key', 'a member named __proto__ is left out', at);
      } else {
        if (Object.hasOwn(object, key))
          this.#warn('duplicate-key', `the key "${key}" stands twice; the last one counts`, at);
        object[key] = value;
        keys.push(key);
        offsets.push(at);
      }
    }
    // https://yaml.org/type/merge.html: own keys win, then the earlier of several merged mappings.
    for (const source of merged) {
      for (const key of Object.keys(source)) if (!Object.hasOwn(object, key)) object[key] = source[key];
    }
    const { locate } = this;
    setMemberOrigins(object, (key) => {
      const at = offsets[keys.lastIndexOf(key)];
      return at === undefined ? undefined : locate(at);
    });
    return setOrigin(object, () => this.locate(offset));
  }

  #alias(node: Alias, offset: number): unknown {
    if (this.#open.has(node.source))
      throw new ContractError(`the alias *${node.source} is inside the value that it repeats`, this.locate(offset));
    const anchor = this.#anchors.get(node.source);
    if (anchor === undefined) throw new ContractError(`the alias *${node.source} has no anchor`, this.locate(offset));
    this.#count(anchor.weight, offset);
    this.#aliased += anchor.weight;
    if (this.#aliased > this.limits.maxAliased) {
      const message = `the aliases of the document stand for more than ${this.limits.maxAliased} values`;
      throw new ContractError(message, this.locate(offset));
    }
    return anchor.value;
  }

  #count(nodes: number, offset: number): void {
    this.#nodes += nodes;
    if (this.#nodes > this.limits.maxNodes) {
      throw new ContractError(`the document holds more than ${this.limits.maxNodes} values`, this.locate(offset));
    }
  }

  #warn(rule: string, message: string, offset: number): void {
    this.warnings.push({ rule, message, ...this.locate(offset) });
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

/** Keys are text in JSON: `200` keeps its spelling. */
function keyText(key: Scalar): string {
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** `.inf` and `.nan` have no JSON. */
function scalar({ value }: Scalar): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

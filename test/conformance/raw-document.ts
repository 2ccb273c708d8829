import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

export type RawObject = Readonly<Record<string, unknown>>;

/** A value of a document, and the file that it stands in: references are relative to that. */
export interface RawNode {
  readonly value: unknown;
  readonly file: string;
}

export const isRawObject = (value: unknown): value is RawObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A document as it was written, read without code of the product: the members of files, and references to them. */
export class RawDocument {
  readonly root: RawNode;
  readonly #files = new Map<string, unknown>();

  constructor(file: string) {
    this.root = { value: this.#read(file), file };
  }

  /** The value that a reference leads to; undefined where it leads nowhere, or to another host. */
  follow(node: RawNode): RawNode | undefined {
    let found: RawNode | undefined = node;
    for (let hops = 0; hops < 50 && found !== undefined; hops += 1) {
      if (!isRawObject(found.value) || typeof found.value['$ref'] !== 'string') return found;
      found = this.#target(found.value['$ref'], found.file);
    }
    return undefined;
  }

  /** A member of an object, its references followed. */
  member(node: RawNode | undefined, ...names: readonly string[]): RawNode | undefined {
    let found = node && this.follow(node);
    for (const name of names) {
      if (found === undefined || !isRawObject(found.value) || !Object.hasOwn(found.value, name)) return undefined;
      found = this.follow({ value: found.value[name], file: found.file });
    }
    return found;
  }

  /** The members of an object by name, references not followed. */
  entries(node: RawNode | undefined): readonly (readonly [string, RawNode])[] {
    if (node === undefined || !isRawObject(node.value)) return [];
    return Object.entries(node.value).map(([name, value]) => [name, { value, file: node.file }] as const);
  }

  #target(reference: string, file: string): RawNode | undefined {
    const [path = '', pointer = ''] = reference.split('#', 2);
    if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return undefined;
    const target = path === '' ? file : resolve(dirname(file), decodeURIComponent(path));
    const names = pointer
      .split('/')
      .slice(1)
      .map((token) => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~'));
    const root = this.#read(target);
    // `#/$defs/X` that the document does not have is meant from the schema around it: here, from the one that has it.
    const value = valueAt(root, names) ?? (names[0] === '$defs' ? anywhere(root, names) : undefined);
    return value === undefined ? this.#behind({ value: root, file: target }, names) : { value, file: target };
  }

  /** A place behind another reference: a section of the document may be one. */
  #behind(root: RawNode, names: readonly string[]): RawNode | undefined {
    let found: RawNode | undefined = root;
    for (const name of names) {
      if (found === undefined || !isRawObject(found.value)) return undefined;
      const holder: RawNode | undefined = Object.hasOwn(found.value, name) ? found : this.follow(found);
      if (holder === undefined || !isRawObject(holder.value) || !Object.hasOwn(holder.value, name)) return undefined;
      found = { value: holder.value[name], file: holder.file };
    }
    return found;
  }

  #read(file: string): unknown {
    if (this.#files.has(file)) return this.#files.get(file);
    let value: unknown;
    try {
      value = parsed(readFileSync(file, 'utf8'));
    } catch {
      value = undefined;
    }
    this.#files.set(file, value);
    return value;
  }
}

function valueAt(root: unknown, names: readonly string[]): unknown {
  let value = root;
  for (const name of names) {
    if (Array.isArray(value)) value = value[Number(name)];
    else if (isRawObject(value) && Object.hasOwn(value, name)) value = value[name];
    else return undefined;
  }
  return value;
}

function anywhere(within: unknown, names: readonly string[]): unknown {
  if (typeof within !== 'object' || within === null) return undefined;
  const here = valueAt(within, names);
  if (here !== undefined) return here;
  for (const inner of Object.values(within)) {
    const found = anywhere(inner, names);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(text: string): unknown {
  if (/^\s*\{/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // A flow mapping of YAML may begin like JSON.
    }
  }
  return parse(text, { uniqueKeys: false, merge: true, maxAliasCount: -1, logLevel: 'silent' });
}

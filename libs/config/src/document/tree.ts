import type { ConfigNode, MappingEntry, MappingNode, SourcePosition } from './document.js';

/** Keys and list positions from the root. */
export type Path = readonly (string | number)[];

/** Lays `lower` over `base`: mappings are merged key by key, everything else is replaced. Positions stay with their values. */
export function merge(base: MappingNode, lower: MappingNode): MappingNode {
  const entries = new Map<string, MappingEntry>(base.entries);
  for (const [key, entry] of lower.entries) {
    const below = entries.get(key)?.value;
    const value = below?.kind === 'mapping' && entry.value.kind === 'mapping' ? merge(below, entry.value) : entry.value;
    entries.set(key, { keyPosition: entry.keyPosition, value });
  }
  return { kind: 'mapping', position: lower.position, entries };
}

export function without(mapping: MappingNode, ...keys: readonly string[]): MappingNode {
  return { ...mapping, entries: new Map([...mapping.entries].filter(([key]) => !keys.includes(key))) };
}

export function nodeAt(root: ConfigNode, path: Path): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const step of path) node = node === undefined ? undefined : child(node, step);
  return node;
}

/** The position of the key at the end of a path; else of the value; else of the nearest node above. */
export function positionAt(root: ConfigNode, path: Path, want: 'key' | 'value'): SourcePosition {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent?.kind === 'mapping' && last !== undefined ? parent.entries.get(String(last)) : undefined;
  if (want === 'key' && entry !== undefined) return entry.keyPosition;
  const node = nodeAt(root, path);
  if (node !== undefined) return node.position;
  return path.length === 0 ? root.position : positionAt(root, path.slice(0, -1), 'key');
}

export function sameValue(a: ConfigNode | undefined, b: ConfigNode | undefined): boolean {
  return a !== undefined && b !== undefined && JSON.stringify(toPlain(a)) === JSON.stringify(toPlain(b));
}

/** Plain values for the schema. Mappings become objects without a prototype. */
export function toPlain(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  return byName([...node.entries].map(([key, { value }]) => [key, toPlain(value)]));
}

/** A table by name without a prototype: `constructor` is in it only where it was added. */
export function byName<T>(entries: Iterable<readonly [name: string, value: T]>): Record<string, T> {
  const table: Record<string, T> = Object.create(null);
  for (const [name, value] of entries) table[name] = value;
  return table;
}

/** A table by name, each of its values made by `map`. */
export function mapByName<T, R>(table: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return byName(Object.entries(table).map(([name, value]) => [name, map(value)] as const));
}

/** A path as people write it: `plans."mobile.home".calls`, `rateClasses.interactive[0]`. */
export function writtenPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      return `${index === 0 ? '' : '.'}${step.includes('.') ? `"${step}"` : step}`;
    })
    .join('');
}

function child(node: ConfigNode, step: string | number): ConfigNode | undefined {
  if (node.kind === 'mapping') return node.entries.get(String(step))?.value;
  return node.kind === 'list' ? node.items[Number(step)] : undefined;
}

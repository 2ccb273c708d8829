import { isObject, member, parsePointer, resolvePointer, type JsonObject } from './json.js';
import { formatLocation, locationOf, type ContractWarning, type Location } from './location.js';

/** A chain of references that never ends at a value. */
export interface CircularReference {
  /** The references in the order in which they are followed: the last one leads back to one before it. */
  readonly way: readonly string[];
  /** Location of the reference that closes the circle. */
  readonly location: Location | undefined;
}

/** `#/a leads back to itself`, or `#/a leads back to itself by way of #/b`. */
export function circleText({ way }: Pick<CircularReference, 'way'>): string {
  const circle = way.slice(way.indexOf(way.at(-1) ?? ''), -1);
  const others = circle.slice(1);
  const by = others.length === 0 ? '' : ` by way of ${others.join(' and ')}`;
  return `the reference ${circle[0] ?? way[0] ?? ''} leads back to itself${by}`;
}

/** Finds the circle that a reference inside one document leads into; undefined where the reference ends at a value or leads nowhere. */
export function circleFrom(document: JsonObject, holder: unknown): CircularReference | undefined {
  const way: string[] = [];
  let node = holder;
  for (let reference = referenceIn(node); reference !== undefined; reference = referenceIn(node)) {
    if (way.includes(reference)) return { way: [...way, reference], location: locationOf(node) };
    way.push(reference);
    const tokens = parsePointer(reference.slice(1));
    node = tokens === undefined ? undefined : resolvePointer(document, tokens);
  }
  return undefined;
}

function referenceIn(node: unknown): string | undefined {
  const reference = member(node, '$ref');
  return typeof reference === 'string' && reference.startsWith('#') ? reference : undefined;
}

/**
 * The document without its circular references, for readers that do not expect any: an empty object replaces each of them.
 * @returns the document itself where it has none
 */
export function withoutCircles(document: JsonObject): {
  readonly document: JsonObject;
  readonly warnings: readonly ContractWarning[];
  /** `file:line:column` of every object that is replaced. */
  readonly replaced: ReadonlySet<string>;
} {
  const replaced = new Set<string>();
  const warnings = new Map<string, ContractWarning>();
  const copies = new Map<object, unknown>();
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    // Aliases of YAML share one object; each object is visited once.
    if (copies.has(node)) return copies.get(node);
    copies.set(node, node);
    const made = Array.isArray(node) ? changedList(node, copy) : changedObject(node, copy);
    const circle = circleFrom(document, node);
    const location = circle && (circle.location ?? locationOf(node));
    if (circle !== undefined && location !== undefined) {
      replaced.add(formatLocation(locationOf(node) ?? location));
      warnings.set(formatLocation(location), { rule: 'circular-reference', message: circleText(circle), ...location });
    }
    copies.set(node, circle === undefined ? made : {});
    return copies.get(node);
  };
  const copied = copy(document);
  return { document: isObject(copied) ? copied : {}, warnings: [...warnings.values()], replaced };
}

function changedList(list: readonly unknown[], copy: (node: unknown) => unknown): readonly unknown[] {
  const copies = list.map(copy);
  return copies.some((item, index) => item !== list[index]) ? copies : list;
}

function changedObject(node: object, copy: (node: unknown) => unknown): object {
  const copies = Object.entries(node).map(([key, value]) => [key, value, copy(value)] as const);
  if (copies.every(([, value, made]) => value === made)) return node;
  return Object.fromEntries(copies.map(([key, , made]) => [key, made]));
}

import { isObject, member, type JsonObject } from '../document/json.js';
import { keepOrigin } from '../document/location.js';

/** Names for schemas that become components: none is given twice. */
export class ComponentNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The word itself where it is free and can be a name, else one like it. */
  free(wanted: string): string {
    const stem = clean(wanted);
    let name = stem;
    for (let count = 2; this.#taken.has(name); count++) name = `${stem}_${count}`;
    this.#taken.add(name);
    return name;
  }
}

export function clean(stem: string): string {
  return stem.replaceAll(/[^A-Za-z0-9._-]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'Schema';
}

/** The document with its section of schemas replaced. */
export function withSchemas(
  document: JsonObject,
  section: readonly string[],
  change: (schemas: JsonObject) => JsonObject,
): JsonObject {
  const [head, ...rest] = section;
  if (head === undefined) return change(document);
  const inner = member(document, head);
  return keepOrigin({ ...document, [head]: withSchemas(isObject(inner) ? inner : {}, rest, change) }, document);
}

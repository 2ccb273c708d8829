import type { JsonSchema } from '@frontage/core';
import { isObject } from '../document/json.js';
import { mapSubschemas, referencedName } from './schema-references.js';

type SchemaObject = { readonly [keyword: string]: unknown };
type Direction = 'readOnly' | 'writeOnly';

/** The comment at an annotation of a member that another schema of the same value declares. */
const elsewhere = 'declared in another part';

const directions: readonly Direction[] = ['readOnly', 'writeOnly'];

/**
 * Writes `readOnly` and `writeOnly` where every reader looks for them: on the member itself. Contracts also write them on the schema
 * that a member refers to, and behind its `allOf`. Where a part of an `allOf` requires a member that another part declares, it gets the
 * annotation too, so that a reader of `required` sees it at the same place.
 * @param component finds a component by its name
 */
export class Directions {
  readonly #component: (name: string) => JsonSchema | undefined;
  readonly #known = new Map<string, Direction | undefined>();

  constructor(component: (name: string) => JsonSchema | undefined) {
    this.#component = component;
  }

  settle(schema: JsonSchema): JsonSchema {
    return this.#settle(schema, schema);
  }

  /** @param whole the schema of the same value, of which `schema` may be a part */
  #settle(schema: JsonSchema, whole: JsonSchema): JsonSchema {
    if (typeof schema === 'boolean') return schema;
    const allOf: unknown = schema.allOf;
    const parts = Array.isArray(allOf) ? allOf.filter(isSchema) : [];
    const inner = mapSubschemas(schema, (each) =>
      parts.includes(each) ? this.#settle(each, whole) : this.#settle(each, each),
    );
    const marked = this.#members(schema, inner, whole);
    return marked === undefined ? inner : { ...inner, properties: marked };
  }

  /** The members with their annotations; undefined where nothing is added. */
  #members(schema: SchemaObject, inner: SchemaObject, whole: JsonSchema): SchemaObject | undefined {
    const own = isObject(schema.properties) ? schema.properties : {};
    const settled = isObject(inner.properties) ? inner.properties : {};
    const added: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(own)) {
      const said = this.#directionOf(member);
      const copy = settled[name];
      if (said !== undefined && isObject(copy) && copy[said] !== true) added[name] = { ...copy, [said]: true };
    }
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (typeof name !== 'string' || Object.hasOwn(own, name)) continue;
      const said = this.#directionIn(whole, name, new Set());
      // The comment says that another part declares it; comments of contracts are left out.
      if (said !== undefined) added[name] = { [said]: true, $comment: elsewhere };
    }
    return Object.keys(added).length === 0 ? undefined : { ...settled, ...added };
  }

  /** The direction of a member that a schema declares, also in the parts of its `allOf`. */
  #directionIn(schema: unknown, name: string, seen: Set<unknown>): Direction | undefined {
    for (const part of this.#partsOf(schema, seen)) {
      const members = part.properties;
      const said = isObject(members) && Object.hasOwn(members, name) ? this.#directionOf(members[name]) : undefined;
      if (said !== undefined) return said;
    }
    return undefined;
  }

  #directionOf(schema: unknown): Direction | undefined {
    if (!isObject(schema)) return undefined;
    const name = referencedName(schema);
    if (name === undefined || Object.keys(schema).length > 1) return this.#look(schema);
    // A reference alone, as most members are: looked up once.
    if (!this.#known.has(name)) this.#known.set(name, this.#look(schema));
    return this.#known.get(name);
  }

  #look(schema: unknown): Direction | undefined {
    const parts = this.#partsOf(schema, new Set());
    return directions.find((direction) => parts.some((part) => part[direction] === true));
  }

  /** A schema, the schemas that it refers to, and the parts of their `allOf`. */
  #partsOf(schema: unknown, seen: Set<unknown>): SchemaObject[] {
    if (!isObject(schema) || seen.has(schema)) return [];
    seen.add(schema);
    const name = referencedName(schema);
    const parts = Array.isArray(schema.allOf) ? schema.allOf : [];
    return [
      schema,
      ...(name === undefined ? [] : this.#partsOf(this.#component(name), seen)),
      ...parts.flatMap((part) => this.#partsOf(part, seen)),
    ];
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value);
}

import { isRawObject, type RawObject } from './raw-document.js';
import type { Step } from './raw-members.js';

const prefix = '#/components/schemas/';

/** A schema that a screen derives for its response, with the components that it refers to (JSON Schema 2020-12). */
export class DerivedSchema {
  constructor(
    private readonly schema: unknown,
    private readonly components: Readonly<Record<string, unknown>>,
  ) {}

  /** The schemas of the value at a path; empty where the schema has no value there. */
  at(steps: readonly Step[]): readonly RawObject[] {
    let found = this.#alternatives(this.schema);
    for (const step of steps)
      found = found.flatMap((schema) => this.#step(schema, step)).flatMap((schema) => this.#alternatives(schema));
    return found;
  }

  #step(schema: RawObject, step: Step): readonly unknown[] {
    const { properties, items, prefixItems, additionalProperties, patternProperties } = schema;
    if (step === '[]')
      return [...(Array.isArray(prefixItems) ? prefixItems : []), items].filter((one) => one !== undefined);
    const name = step.slice(1);
    const own = isRawObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
    if (own.length > 0) return own;
    return [additionalProperties, ...(isRawObject(patternProperties) ? Object.values(patternProperties) : [])].filter(
      isRawObject,
    );
  }

  /** References followed, `allOf` and choices taken apart. */
  #alternatives(schema: unknown, hops = 0): RawObject[] {
    if (!isRawObject(schema) || hops > 50) return [];
    const { $ref: reference, allOf, anyOf, oneOf } = schema;
    const target = typeof reference === 'string' ? this.components[reference.slice(prefix.length)] : undefined;
    const others = [allOf, anyOf, oneOf].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
    return [schema, ...[target, ...others].flatMap((one) => this.#alternatives(one, hops + 1))];
  }

  /** The JSON types that schemas of one value name; integers are numbers. */
  static typesOf(schemas: readonly RawObject[]): ReadonlySet<string> {
    const types = schemas.flatMap(({ type, enum: listed, const: fixed, properties, items }): unknown[] => {
      const values = [...(Array.isArray(listed) ? listed : []), ...(fixed === undefined ? [] : [fixed])];
      return [
        ...(Array.isArray(type) ? type : [type]),
        ...values.map((value: unknown) => (value === null ? 'null' : typeof value)),
        ...(isRawObject(properties) ? ['object'] : []),
        ...(items === undefined ? [] : ['array']),
      ];
    });
    return new Set(
      types.filter((type) => typeof type === 'string').map((type) => (type === 'integer' ? 'number' : type)),
    );
  }
}

import { isRawObject, type RawObject } from './raw-document.js';
import type { Step } from './raw-members.js';

const prefix = '#/components/schemas/';

/** A schema that a screen derives for its response, with the components that it refers to (JSON Schema 2020-12). */
export class DerivedSchema {
  readonly #found = new Map<string, readonly RawObject[]>();

  constructor(
    private readonly schema: unknown,
    private readonly components: Readonly<Record<string, unknown>>,
  ) {}

  /** The schemas of the value at a path; empty where the schema has no value there. */
  at(steps: readonly Step[]): readonly RawObject[] {
    const path = steps.join('\n');
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    const last = steps.at(-1);
    const found =
      last === undefined
        ? this.#alternatives([this.schema])
        : this.#alternatives(this.at(steps.slice(0, -1)).flatMap((schema) => this.#step(schema, last)));
    this.#found.set(path, found);
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

  /** References followed, `allOf` and choices taken apart: each schema once. */
  #alternatives(schemas: readonly unknown[]): readonly RawObject[] {
    const found = new Set<unknown>(schemas);
    for (const schema of found) {
      if (!isRawObject(schema)) continue;
      const { $ref: reference, allOf, anyOf, oneOf } = schema;
      if (typeof reference === 'string') found.add(this.components[reference.slice(prefix.length)]);
      for (const list of [allOf, anyOf, oneOf]) if (Array.isArray(list)) for (const one of list) found.add(one);
    }
    return [...found].filter(isRawObject);
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

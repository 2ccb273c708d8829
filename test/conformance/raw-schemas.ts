import { isRawObject, type RawDocument, type RawNode, type RawObject } from './raw-document.js';

/** The statements of a schema about one value, in the plainest reading: each list holds schemas for the same value or for values inside it. */
export interface RawSchema {
  readonly value: RawObject;
  readonly properties: readonly (readonly [string, RawNode])[];
  readonly items: readonly RawNode[];
  /** Of members without a name of their own. */
  readonly others: readonly RawNode[];
  /** `allOf`, and keywords beside a reference. */
  readonly parts: readonly RawNode[];
  readonly choices: readonly RawNode[];
  /** The kinds that inherit from this schema. */
  readonly kinds: readonly RawNode[];
}

/** Reads schemas of one document, inheritance included: a parent has a `discriminator`, its kinds name it in their `allOf`. */
export class RawSchemas {
  readonly #kinds = new Map<unknown, RawNode[]>();
  readonly #names = new Map<unknown, string>();
  /** By the object that is read: it stands in one file alone. */
  readonly #read = new WeakMap<object, RawSchema>();
  readonly #writeOnly = new WeakMap<object, boolean>();

  constructor(readonly document: RawDocument) {
    const { root } = document;
    const declared = [
      ...document.entries(document.member(root, 'components', 'schemas')),
      ...document.entries(document.member(root, 'definitions')),
    ];
    for (const [name, schema] of declared) {
      this.#names.set(schema.value, name);
      for (const part of listAt(document.follow(schema), 'allOf')) {
        const parent = document.follow(part);
        if (parent === undefined || !isRawObject(part.value) || part.value['$ref'] === undefined) continue;
        const known = this.#kinds.get(parent.value) ?? [];
        this.#kinds.set(parent.value, [...known, schema]);
      }
    }
  }

  /** Undefined where a reference leads nowhere, or the schema is a boolean. */
  read(node: RawNode): RawSchema | undefined {
    const known = isRawObject(node.value) ? this.#read.get(node.value) : undefined;
    if (known !== undefined) return known;
    const made = this.#readAnew(node);
    if (made !== undefined && isRawObject(node.value)) this.#read.set(node.value, made);
    return made;
  }

  #readAnew(node: RawNode): RawSchema | undefined {
    const found = this.document.follow(node);
    if (found === undefined || !isRawObject(found.value)) return undefined;
    const { value } = found;
    const at = (name: string): RawNode[] => {
      const inner = value[name];
      return isRawObject(inner) ? [{ value: inner, file: found.file }] : [];
    };
    const types = typesOf(value);
    const isList = types.length === 0 || types.includes('array');
    const isObject = types.length === 0 || types.includes('object');
    const beside = isRawObject(node.value) && found.value !== node.value ? besideReference(node, types) : [];
    const patterns = this.document.entries({ value: value['patternProperties'], file: found.file });
    const listed = this.#choicesOf(found);
    return {
      value,
      properties: isObject ? this.document.entries({ value: value['properties'], file: found.file }) : [],
      items: isList ? [...at('items'), ...listAt(found, 'items'), ...listAt(found, 'prefixItems')] : [],
      others: isObject ? [...at('additionalProperties'), ...patterns.map(([, schema]) => schema)] : [],
      parts: [...listAt(found, 'allOf'), ...beside],
      choices: listed,
      // A parent that lists its kinds has no others: one that has it as its only part is another name for it.
      kinds: isParent(value) && listed.length === 0 ? this.#descendants(value) : [],
    };
  }

  /** None where one of them is anything: then the union is, too. */
  #choicesOf(node: RawNode): readonly RawNode[] {
    const listed = [...listAt(node, 'oneOf'), ...listAt(node, 'anyOf')];
    const choices = listed.length > 1 ? listed.filter(({ value }) => !isNullAlone(value)) : listed;
    return choices.some((choice) => saysNothing(this.document.follow(choice)?.value)) ? [] : choices;
  }

  /** The name that a schema has where it is referred to: the last part of the reference. */
  nameOf({ value }: RawNode): string | undefined {
    const reference = isRawObject(value) ? value['$ref'] : undefined;
    return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : this.#names.get(value);
  }

  /** True if a member is sent in requests only. */
  isWriteOnly(node: RawNode): boolean {
    if (!isRawObject(node.value)) return false;
    const known = this.#writeOnly.get(node.value);
    if (known !== undefined) return known;
    const schema = this.read(node);
    const made =
      node.value['writeOnly'] === true ||
      schema?.value['writeOnly'] === true ||
      (schema?.parts.some((part) => this.isWriteOnly(part)) ?? false);
    this.#writeOnly.set(node.value, made);
    return made;
  }

  #descendants(parent: unknown, hops = 0): readonly RawNode[] {
    const children = hops > 10 ? [] : (this.#kinds.get(parent) ?? []);
    return children.flatMap((child) => [child, ...this.#descendants(this.document.follow(child)?.value, hops + 1)]);
  }
}

/**
 * Keywords beside `$ref`: later versions of OpenAPI give them their meaning, authors of 3.0 mean it too. A type that the schema behind the
 * reference excludes is a mistake.
 */
function besideReference({ value, file }: RawNode, behind: readonly string[]): RawNode[] {
  const { $ref: _, ...others } = value as Record<string, unknown>;
  if (behind.length > 0 && !typesOf(others).some((type) => behind.includes(type))) delete others['type'];
  return Object.keys(others).length === 0 ? [] : [{ value: others, file }];
}

function listAt(node: RawNode | undefined, name: string): RawNode[] {
  const list = isRawObject(node?.value) ? node.value[name] : undefined;
  return Array.isArray(list) ? list.map((value: unknown) => ({ value, file: node?.file ?? '' })) : [];
}

const annotations: ReadonlySet<string> = new Set(['title', 'description', 'default', 'example', 'nullable']);

/** Generators write the choice of null in this way. */
const isNullAlone = (value: unknown): boolean =>
  isRawObject(value) && value['nullable'] === true && Object.keys(value).every((key) => annotations.has(key));

export const saysNothing = (value: unknown): boolean =>
  value === true || (isRawObject(value) && Object.keys(value).every((key) => annotations.has(key)));

/** The JSON types that a schema names itself; integers are numbers. A list of values says more than the types beside it. */
export function typesOf(value: RawObject): readonly string[] {
  const { type, nullable, enum: listed } = value;
  const named = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
  const types = named.map((one) => (one === 'integer' ? 'number' : one === 'file' ? 'string' : one));
  const values = Array.isArray(listed) ? listed.map((one: unknown) => (one === null ? 'null' : typeof one)) : undefined;
  // Null alone is a value that the schema means; other values of another type than it names are mistakes: the type counts.
  if (values?.length === 1 && values[0] === 'null' && (nullable === true || types.includes('null'))) return ['null'];
  const fitting = values?.filter((one) => types.length === 0 || one === 'null' || types.includes(one)) ?? [];
  const all = new Set(fitting.some((one) => one !== 'null') || types.length === 0 ? fitting : types);
  if (nullable === true && all.size > 0) all.add('null');
  return [...all];
}

/**
 * True if the choices of a schema do not count where it is a part of another one: a kind names its parent as a part, which does not bring
 * the other kinds back.
 * @param owners the schemas that it is a part of
 */
export function isParentOf(owners: readonly unknown[], parent: RawSchema, schemas: RawSchemas): boolean {
  if (!isParent(parent.value)) return false;
  const values = parent.choices.map((choice) => schemas.read(choice)?.value);
  return values.length === 0 || values.some((value) => owners.includes(value));
}

/** True if other schemas may be kinds of this one. */
const isParent = (value: RawObject): boolean => value['discriminator'] !== undefined;

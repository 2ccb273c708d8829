import { isRawObject, type RawNode, type RawObject } from './raw-document.js';
import { isParentOf, typesOf, type RawSchemas } from './raw-schemas.js';

/** The value of a member that is required and declared nowhere: a response has it, and a screen does not send it. */
export const undeclared = 'not declared';

/** So many values of one schema have all members; further ones have the required members, so that a value stays as small as its document. */
const maxFull = 2;

export interface DeclaredValue {
  readonly value: unknown;
  /** False where a required member is left out, since its schema contains itself without an end. */
  readonly isWhole: boolean;
  /** By object, the tag that it needs and that no schema declares as a member: a screen does not send it. */
  readonly undeclaredTags: ReadonlyMap<unknown, string>;
}

/**
 * A value with all members that a schema declares. Where it has choices, the one that `turn` points at: values of a few turns together
 * have the members of all choices.
 */
export function valueFor(schema: RawNode, schemas: RawSchemas, turn: number): DeclaredValue {
  return new ValueMaker(schemas, turn).make(schema);
}

/** The schemas of a value, and of the values around it. */
interface Around {
  readonly entered: ReadonlySet<unknown>;
  readonly outside: Around | undefined;
}

class ValueMaker {
  /** The number of values of a schema that have all members. */
  readonly #full = new Map<unknown, number>();
  /** Values whose members are made later: outer ones first, so that paths stay short. */
  readonly #open: (() => void)[] = [];
  #isWhole = true;
  readonly #undeclaredTags = new Map<unknown, string>();

  constructor(
    private readonly schemas: RawSchemas,
    private readonly turn: number,
  ) {}

  make(schema: RawNode): DeclaredValue {
    const value = this.#value(schema, undefined);
    for (let next = 0; next < this.#open.length; next += 1) this.#open[next]?.();
    return { value, isWhole: this.#isWhole, undeclaredTags: this.#undeclaredTags };
  }

  #value(node: RawNode, around: Around | undefined): unknown {
    const members = new Map<string, RawNode>();
    const found = this.#gather(node, members, [], around, [], node);
    const { items, others, tag } = found;
    const inside: Around = { entered: new Set(found.entered), outside: around };
    if (members.size > 0 || tag !== undefined) return this.#object(found, members, inside);
    const implied = items.length > 0 ? 'array' : isOfObject(found.value) ? 'object' : undefined;
    const type = found.types.find((one) => one !== 'null') ?? implied;
    if (type === 'array') {
      const list: unknown[] = [];
      this.#open.push(() => {
        if (!this.#isFull(found)) return;
        for (const item of items) if (!this.#isTooDeep(item, inside)) list.push(this.#value(item, inside));
      });
      return list;
    }
    if (type !== 'object') return scalarOf(found.value, type);
    const dictionary = {};
    this.#open.push(() => {
      if (!this.#isFull(found)) return;
      for (const [index, other] of others.entries())
        if (!this.#isTooDeep(other, inside)) setMember(dictionary, `key${index}`, this.#value(other, inside));
    });
    return dictionary;
  }

  #object(found: Gathered, members: ReadonlyMap<string, RawNode>, inside: Around): object {
    const { tag } = found;
    const required = new Set(found.required.map(String));
    const object = {};
    this.#open.push(() => {
      const isFull = this.#isFull(found);
      for (const [name, member] of members) {
        if (name === tag?.name) {
          if (!this.schemas.isWriteOnly(member)) setMember(object, name, this.#fixedValue(member) ?? tag.value);
          continue;
        }
        const isCut = this.#isTooDeep(member, inside);
        if (isCut && required.has(name)) this.#isWhole = false;
        if (isCut || !(isFull || required.has(name)) || this.schemas.isWriteOnly(member)) continue;
        setMember(object, name, this.#value(member, inside));
      }
      if (tag !== undefined && !members.has(tag.name)) {
        setMember(object, tag.name, tag.value);
        this.#undeclaredTags.set(object, tag.name);
      }
      for (const name of required) if (!members.has(name) && name !== tag?.name) setMember(object, name, undeclared);
    });
    return object;
  }

  /** True if a value gets all members: one of its schemas has not had them often enough. */
  #isFull({ entered }: Gathered): boolean {
    const isNew = entered.some((schema) => (this.#full.get(schema) ?? 0) < maxFull && hasMembers(schema));
    if (isNew) for (const schema of entered) this.#full.set(schema, (this.#full.get(schema) ?? 0) + 1);
    return isNew;
  }

  /**
   * Collects the members of a schema, of its parts, and of the choice whose turn it is.
   * @param owners the schemas that it is a part of, by `allOf`
   * @param whole the schema that has it as a part, or that was chosen
   */
  #gather(
    node: RawNode,
    members: Map<string, RawNode>,
    owners: readonly unknown[],
    around: Around | undefined,
    chosenFrom: readonly unknown[],
    whole: RawNode,
  ): Gathered {
    const { schemas } = this;
    const isPart = owners.length > 0;
    const read = schemas.read(node);
    if (read === undefined) return nothing;
    for (const [name, property] of read.properties) members.set(name, bothOf(property, members.get(name)));
    const inside = [...owners, read.value];
    const parts = read.parts.map((part) => this.#gather(part, members, inside, around, chosenFrom, whole));
    const isInherited = isPart && isParentOf(owners, read, schemas);
    const choices = (isInherited ? [] : [...read.choices, ...(isPart ? [] : read.kinds)]).filter(
      (choice) =>
        !this.#isTooDeep(choice, around) &&
        !chosenFrom.includes(schemas.read(choice)?.value) &&
        typesOf(schemas.read(choice)?.value ?? {}).join() !== 'null',
    );
    const chosen = choices.length === 0 ? undefined : choices[this.turn % choices.length];
    const inner =
      chosen === undefined ? [] : [this.#gather(chosen, members, [], around, [...chosenFrom, read.value], chosen)];
    const all = [...inner, ...parts];
    // A kind has its own name as the tag of its parent.
    const tagged = chosen ?? (isInherited ? whole : undefined);
    const tag = tagged === undefined ? undefined : tagOf(read.value, tagged, schemas);
    return {
      value: Object.assign({}, ...all.map((one) => one.value), read.value),
      types: [...typesOf(read.value), ...all.flatMap((one) => one.types)],
      items: inEach([read.items, ...all.map((one) => one.items)]),
      required: [read.value['required'], ...all.map((one) => one.required)].flatMap((names): unknown[] =>
        Array.isArray(names) ? names : [],
      ),
      others: inEach([read.others, ...all.map((one) => one.others)]),
      entered: [read.value, ...all.flatMap((one) => one.entered)],
      tag: tag ?? all.find((one) => one.tag !== undefined)?.tag,
    };
  }

  /** True if two values around this one have the same schema, or those around each of its choices, or around a part. */
  #isTooDeep(node: RawNode, around: Around | undefined, hops = 0): boolean {
    const read = around === undefined || hops > 5 ? undefined : this.schemas.read(node);
    if (read === undefined) return false;
    let times = 0;
    for (let at = around; at !== undefined; at = at.outside)
      if (at.entered.has(read.value) && ++times >= maxFull) return true;
    const { choices, parts } = read;
    return (
      parts.some((part) => this.#isTooDeep(part, around, hops + 1)) ||
      (choices.length > 0 && choices.every((choice) => this.#isTooDeep(choice, around, hops + 1)))
    );
  }

  /** The value that a tag has anyway. */
  #fixedValue(node: RawNode): unknown {
    const value = this.schemas.read(node)?.value ?? {};
    const listed: unknown = value['enum'];
    return value['const'] ?? (Array.isArray(listed) && listed.length === 1 ? listed[0] : undefined);
  }
}

const hasMembers = (schema: unknown): boolean =>
  isRawObject(schema) &&
  ['properties', 'items', 'prefixItems', 'additionalProperties', 'patternProperties'].some((key) =>
    Object.hasOwn(schema, key),
  );

/** True if a schema without a type says something about objects alone: one is meant. */
const isOfObject = (schema: RawObject): boolean =>
  ['properties', 'additionalProperties', 'patternProperties', 'required'].some((key) => Object.hasOwn(schema, key));

/** Not by assignment, so that __proto__ is an ordinary name. */
function setMember(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function scalarOf(schema: RawObject, type: string | undefined): unknown {
  const values: readonly unknown[] = Array.isArray(schema['enum']) ? schema['enum'] : [];
  if (values.length > 0 && values.every((one) => one === null)) return null;
  const fixed: unknown = schema['const'] ?? values.find((one) => one !== null);
  if (fixed !== undefined) return fixed;
  return type === 'number' ? 1 : type === 'boolean' ? true : 'text';
}

/** A value that two parts describe has the rules of both; parts of one file are put together. */
function bothOf(one: RawNode, other: RawNode | undefined): RawNode {
  if (other === undefined || other.value === one.value || other.file !== one.file) return one;
  return { value: { allOf: [other.value, one.value] }, file: one.file };
}

/** The items that several parts describe: the first one by the first of each part, and so on. */
function inEach(lists: readonly (readonly RawNode[])[]): readonly RawNode[] {
  const [first = [], ...more] = lists.filter((list) => list.length > 0);
  return more.reduce<readonly RawNode[]>(
    (made, list) =>
      Array.from({ length: Math.max(made.length, list.length) }, (_, index) => {
        const [one, other] = [made[index], list[index]];
        return one === undefined ? other : other === undefined ? one : bothOf(other, one);
      }).filter((node) => node !== undefined),
    first,
  );
}

interface Gathered {
  readonly value: RawObject;
  readonly types: readonly string[];
  readonly items: readonly RawNode[];
  readonly others: readonly RawNode[];
  readonly required: readonly unknown[];
  readonly entered: readonly unknown[];
  readonly tag: { readonly name: string; readonly value: string } | undefined;
}

const nothing: Gathered = { value: {}, types: [], items: [], others: [], required: [], entered: [], tag: undefined };

/** The discriminator of a chosen schema: the key of the mapping that leads to it, else its name. */
function tagOf(parent: RawObject, chosen: RawNode, schemas: RawSchemas): Gathered['tag'] {
  const { discriminator } = parent;
  const name = isRawObject(discriminator) ? discriminator['propertyName'] : discriminator;
  const last = schemas.nameOf(chosen);
  if (typeof name !== 'string' || last === undefined) return undefined;
  const mapping = isRawObject(discriminator) && isRawObject(discriminator['mapping']) ? discriminator['mapping'] : {};
  const mapped = Object.entries(mapping).find(([, target]) => String(target).split('/').at(-1) === last);
  return { name, value: mapped?.[0] ?? last };
}

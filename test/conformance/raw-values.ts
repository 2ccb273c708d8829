import { isRawObject, type RawNode, type RawObject } from './raw-document.js';
import { isParent, typesOf, type RawSchemas } from './raw-schemas.js';

/** The value of a member that is required and declared nowhere: a response has it, and a screen does not send it. */
export const undeclared = 'not declared';

/** Deepest nesting of one schema in itself. */
const maxRepeats = 1;

export interface DeclaredValue {
  readonly value: unknown;
  /** False where a required member is left out, since its schema contains itself without an end. */
  readonly isWhole: boolean;
}

/**
 * A value with all members that a schema declares. Where it has choices, the one that `turn` points at: values of a few turns together
 * have the members of all choices.
 */
export function valueFor(schema: RawNode, schemas: RawSchemas, turn: number): DeclaredValue {
  let isWhole = true;
  const value = make(schema, new Map());
  return { value, isWhole };

  function make(node: RawNode, around: ReadonlyMap<unknown, number>): unknown {
    const members = new Map<string, RawNode>();
    const found = gather(node, members, false, around);
    const { value, items, others, tag } = found;
    const inside = deeper(around, found.entered);
    if (members.size > 0 || tag !== undefined) {
      const made = [...members].flatMap(([name, member]): [string, unknown][] => {
        const isCut = isTooDeep(member, inside);
        if (isCut && found.required.includes(name)) isWhole = false;
        if (schemas.isWriteOnly(member) || isCut) return [];
        return [[name, name === tag?.name ? (fixedValue(member) ?? tag.value) : make(member, inside)]];
      });
      if (tag !== undefined && !members.has(tag.name)) made.push([tag.name, tag.value]);
      const names = new Set([...members.keys(), ...(tag === undefined ? [] : [tag.name])]);
      for (const name of new Set(found.required.map(String))) if (!names.has(name)) made.push([name, undeclared]);
      return Object.fromEntries(made);
    }
    const implied = items.length > 0 ? 'array' : others.length > 0 ? 'object' : undefined;
    const type = found.types.find((one) => one !== 'null') ?? implied;
    if (type === 'array') return items.filter((item) => !isTooDeep(item, inside)).map((item) => make(item, inside));
    if (type === 'object')
      return Object.fromEntries(
        others.flatMap((other, index) => (isTooDeep(other, inside) ? [] : [[`key${index}`, make(other, inside)]])),
      );
    const values: readonly unknown[] = Array.isArray(value['enum']) ? value['enum'] : [];
    if (values.length > 0 && values.every((one) => one === null)) return null;
    const listed = values.find((one) => one !== null);
    const fixed: unknown = value['const'] ?? listed;
    if (fixed !== undefined) return fixed;
    return type === 'number' ? 1 : type === 'boolean' ? true : 'text';
  }

  /** Collects the members of a schema, of its parts, and of the choice whose turn it is. */
  function gather(
    node: RawNode,
    members: Map<string, RawNode>,
    isPart: boolean,
    around: ReadonlyMap<unknown, number>,
  ): Gathered {
    const read = schemas.read(node);
    if (read === undefined) return nothing;
    for (const [name, property] of read.properties) members.set(name, bothOf(property, members.get(name)));
    const parts = read.parts.map((part) => gather(part, members, true, around));
    const choices = (isPart && isParent(read.value) ? [] : [...read.choices, ...(isPart ? [] : read.kinds)]).filter(
      (choice) => !isTooDeep(choice, around) && typesOf(schemas.read(choice)?.value ?? {}).join() !== 'null',
    );
    const chosen = choices.length === 0 ? undefined : choices[turn % choices.length];
    const inner = chosen === undefined ? [] : [gather(chosen, members, false, deeper(around, [read.value]))];
    const all = [...parts, ...inner];
    const tag = chosen === undefined ? undefined : tagOf(read.value, chosen, schemas);
    return {
      value: Object.assign({}, ...all.map((one) => one.value), read.value),
      types: [...typesOf(read.value), ...all.flatMap((one) => one.types)],
      items: [...read.items, ...all.flatMap((one) => one.items)],
      required: [read.value['required'], ...all.map((one) => one.required)].flatMap((names): unknown[] =>
        Array.isArray(names) ? names : [],
      ),
      others: [...read.others, ...all.flatMap((one) => one.others)],
      entered: [read.value, ...all.flatMap((one) => one.entered)],
      tag: tag ?? all.find((one) => one.tag !== undefined)?.tag,
    };
  }

  function isTooDeep(node: RawNode, around: ReadonlyMap<unknown, number>): boolean {
    const read = schemas.read(node);
    return read !== undefined && (around.get(read.value) ?? 0) > maxRepeats;
  }

  /** The value that a tag has anyway. */
  function fixedValue(node: RawNode): unknown {
    const value = schemas.read(node)?.value ?? {};
    const listed: unknown = value['enum'];
    return value['const'] ?? (Array.isArray(listed) && listed.length === 1 ? listed[0] : undefined);
  }
}

/** A member that two parts declare has the rules of both; parts of one file are put together. */
function bothOf(one: RawNode, other: RawNode | undefined): RawNode {
  if (other === undefined || other.value === one.value || other.file !== one.file) return one;
  return { value: { allOf: [other.value, one.value] }, file: one.file };
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

function deeper(around: ReadonlyMap<unknown, number>, entered: readonly unknown[]): ReadonlyMap<unknown, number> {
  const inside = new Map(around);
  for (const value of new Set(entered)) inside.set(value, (inside.get(value) ?? 0) + 1);
  return inside;
}

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

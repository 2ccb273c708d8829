import type { ResponseSchema } from '@frontage/aggregation';
import type { Mask } from './masked-json.js';

type SchemaObject = Readonly<Record<string, unknown>>;
/** Schemas that hold for one value together. */
type Together = readonly SchemaObject[];

type Growing = Map<string, Growing | 'remove' | 'null'>;

/**
 * Finds how members are taken out of a response so that it still fits its schema: an optional one is removed, a required one that may be
 * null becomes null. Lists on the way are gone through. A path that leads to no declared member has nothing to take out.
 * @param paths `user.email`, `orders.total`
 * @returns a text that says which member cannot be taken out
 */
export function compileMask({ schema, components }: ResponseSchema, paths: readonly string[]): Mask | string {
  const root: Growing = new Map();
  for (const path of paths) {
    const steps = path.split('.');
    let at: Growing = root;
    let values: readonly Together[] = alternatives(schema, components);
    for (const [index, name] of steps.entries()) {
      const members = values.flatMap((value) => memberOf(value, name, components) ?? []);
      if (members.length === 0) break;
      if (index === steps.length - 1) {
        const how = howToTakeOut(members, components);
        if (how === undefined) return `the policy masks "${path}", which is required and not nullable`;
        at.set(name, how);
        break;
      }
      const known: Growing | 'remove' | 'null' | undefined = at.get(name);
      // Taken out as a whole by another path.
      if (typeof known === 'string') break;
      const next: Growing = known ?? new Map();
      at.set(name, next);
      at = next;
      values = members.flatMap((member) => member.schemas.flatMap((one) => alternatives(one, components)));
    }
  }
  return root;
}

interface Member {
  readonly schemas: readonly unknown[];
  readonly isRequired: boolean;
}

function howToTakeOut(
  members: readonly Member[],
  components: ResponseSchema['components'],
): 'remove' | 'null' | undefined {
  if (members.every(({ isRequired }) => !isRequired)) return 'remove';
  return members.every(({ schemas }) => schemas.every((schema) => takesNull(schema, components))) ? 'null' : undefined;
}

function memberOf(
  value: Together,
  name: string,
  components: ResponseSchema['components'],
): readonly Member[] | undefined {
  const lists = value.flatMap(({ items }) => (items === undefined ? [] : [items]));
  if (lists.length > 0)
    return lists.flatMap((items) =>
      alternatives(items, components).flatMap((item) => memberOf(item, name, components) ?? []),
    );
  const own = value.flatMap(({ properties }) =>
    isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [],
  );
  const others = value.flatMap(({ additionalProperties: rest }) => (isObject(rest) ? [rest] : []));
  const schemas = own.length > 0 ? own : others;
  if (schemas.length === 0) return undefined;
  return [{ schemas, isRequired: value.some(({ required }) => Array.isArray(required) && required.includes(name)) }];
}

/** The alternatives of a value: each is a list of schemas that hold together. */
function alternatives(schema: unknown, components: ResponseSchema['components']): readonly Together[] {
  const found = resolved(schema, components);
  if (found === undefined) return [];
  const { allOf, anyOf, oneOf, ...own } = found;
  let result: readonly Together[] = [[own]];
  for (const each of listOf(allOf)) result = crossed(result, alternatives(each, components));
  for (const choices of [listOf(anyOf), listOf(oneOf)]) {
    if (choices.length > 0)
      result = crossed(
        result,
        choices.flatMap((choice) => alternatives(choice, components)),
      );
  }
  return result;
}

const crossed = (left: readonly Together[], right: readonly Together[]): readonly Together[] =>
  left.flatMap((one) => right.map((other) => [...one, ...other]));

const takesNull = (schema: unknown, components: ResponseSchema['components']): boolean =>
  alternatives(schema, components).some((together) => together.every(mayBeNull));

function mayBeNull({ type, enum: values, const: only }: SchemaObject): boolean {
  if (only !== undefined) return only === null;
  if (Array.isArray(values)) return values.includes(null);
  return type === undefined || [type].flat().includes('null');
}

function resolved(schema: unknown, components: ResponseSchema['components']): SchemaObject | undefined {
  if (!isObject(schema)) return undefined;
  const { $ref: ref } = schema;
  if (typeof ref !== 'string') return schema;
  const name = decodeURIComponent(ref.replace(/^#\/components\/schemas\//, ''))
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  return Object.hasOwn(components, name) ? resolved(components[name], components) : undefined;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

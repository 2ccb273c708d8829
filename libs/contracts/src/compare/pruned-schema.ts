import { isObject, memberArray, memberObject, type JsonObject } from '../document/json.js';
import { schemaView } from './schema-view.js';

/** The reader or sender of one field. */
export interface FieldUse<User> {
  /** `items[].total` as tokens: `items`, `[]`, `total`; none for the whole value. */
  readonly path: readonly string[];
  readonly user: User;
}

export const usedBy = 'x-used-by';

/** `items[].total` -> `items`, `[]`, `total`; `(whole)` and the empty text have none. */
export const pathTokens = (field: string): readonly string[] =>
  field === '' || field === '(whole)' ? [] : field.split(/\.|(?=\[\])/).filter((token) => token !== '');

/**
 * The part of a schema that someone uses, each field with its users. A value that is used as a whole stays as it is. A union stays whole
 * where its kinds cannot be told apart by a member.
 */
export function prunedSchema<User>(schema: unknown, document: unknown, uses: readonly FieldUse<User>[]): unknown {
  const users = [...new Map(uses.map(({ user }) => [JSON.stringify(user), user])).values()];
  const whole = isObject(schema) ? { ...schema, [usedBy]: users } : schema;
  if (uses.some(({ path }) => path.length === 0)) return whole;
  const { variants, nullable } = schemaView(schema, document);
  if (variants.length !== 1 && !variants.every(hasMark)) return whole;
  const pruned = variants.map((variant) => prunedVariant(variant, document, uses));
  const [only] = pruned;
  if (only === undefined || pruned.includes(undefined)) return whole;
  const choices =
    pruned.length === 1 && !nullable ? only : { anyOf: [...pruned, ...(nullable ? [{ type: 'null' }] : [])] };
  return { ...choices, [usedBy]: users };
}

/** Undefined for a value that has no members. */
function prunedVariant<User>(
  variant: JsonObject,
  document: unknown,
  uses: readonly FieldUse<User>[],
): JsonObject | undefined {
  const below = Map.groupBy(uses, ({ path }) => path[0] ?? '');
  const inner = (token: string, schema: unknown): unknown =>
    prunedSchema(schema, document, (below.get(token) ?? []).map(({ path, user }) => ({ path: path.slice(1), user }))); // prettier-ignore
  if (below.has('[]')) return 'items' in variant ? { type: 'array', items: inner('[]', variant['items']) } : undefined;
  const properties = memberObject(variant, 'properties') ?? {};
  const others = variant['additionalProperties'];
  const isRead = (name: string): boolean => below.has(name) || isMark(properties[name]);
  const kept = Object.keys(properties).filter(isRead);
  const isTable = [...below.keys()].some((name) => !Object.hasOwn(properties, name)) && isObject(others);
  if (kept.length === 0 && !isTable) return undefined;
  const required = memberArray(variant, 'required').filter((name) => kept.includes(String(name)));
  return {
    type: 'object',
    properties: Object.fromEntries(
      kept.map((name) => [name, below.has(name) ? inner(name, properties[name]) : properties[name]]),
    ),
    ...(required.length > 0 && { required }),
    ...(isTable && { additionalProperties: others }),
  };
}

/** A member with one value tells the kinds of a union apart. */
const isMark = (schema: unknown): boolean =>
  isObject(schema) && ('const' in schema || (Array.isArray(schema['enum']) && schema['enum'].length === 1));

const hasMark = (variant: JsonObject): boolean => Object.values(memberObject(variant, 'properties') ?? {}).some(isMark);

import {
  isObject,
  memberArray,
  memberObject,
  parsePointer,
  resolvePointer,
  type JsonObject,
} from '../document/json.js';

/** The values that a schema allows, in one form for all ways to write it. */
export interface SchemaView {
  readonly nullable: boolean;
  /** The alternatives besides null; one schema where there are no alternatives. */
  readonly variants: readonly JsonObject[];
}

/** Follows references, merges `allOf` and takes null out. */
export function schemaView(schema: unknown, document: unknown): SchemaView {
  const views = alternatives(schema, document, 0);
  const isNull = (one: JsonObject): boolean => one['type'] === 'null' || one['const'] === null;
  const variants = views.filter((one) => !isNull(one)).map(withoutNull);
  return { nullable: views.some((one) => isNull(one) || allowsNull(one)), variants };
}

const allowsNull = (schema: JsonObject): boolean => memberArray(schema, 'type').includes('null');

function withoutNull(schema: JsonObject): JsonObject {
  if (!allowsNull(schema)) return schema;
  const types = memberArray(schema, 'type').filter((type) => type !== 'null');
  const values = memberArray(schema, 'enum').filter((value) => value !== null);
  return { ...schema, type: types.length === 1 ? types[0] : types, ...(values.length > 0 && { enum: values }) };
}

/** Longest chain of references to references that is followed. */
const maxDepth = 50;

function alternatives(schema: unknown, document: unknown, depth: number): readonly JsonObject[] {
  if (schema === false) return [];
  if (!isObject(schema) || depth > maxDepth) return [{}];
  const { $ref: reference, allOf, anyOf, oneOf, ...own } = schema;
  let made: readonly JsonObject[] = [own];
  const joinWith = (others: readonly JsonObject[]): void => {
    made = made.flatMap((one) => others.map((other) => merged(one, other)));
  };
  if (typeof reference === 'string') {
    const tokens = reference.startsWith('#') ? parsePointer(reference.slice(1)) : undefined;
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    const found = alternatives(tokens && resolvePointer(document, tokens), document, depth + 1);
    joinWith(found.length === 1 ? found.map((one) => ({ 'x-name': name, ...one })) : found);
  }
  for (const part of Array.isArray(allOf) ? allOf : []) joinWith(alternatives(part, document, depth + 1));
  for (const choice of [anyOf, oneOf]) {
    if (Array.isArray(choice)) joinWith(choice.flatMap((one) => alternatives(one, document, depth + 1)));
  }
  return made;
}

/** A schema with the rules of both; where both set the same keyword, the second wins. */
function merged(one: JsonObject, other: JsonObject): JsonObject {
  const [a, b] = [memberObject(one, 'properties'), memberObject(other, 'properties')];
  const required = [...new Set([...memberArray(one, 'required'), ...memberArray(other, 'required')])];
  const shared = Object.keys(b ?? {}).filter((name) => a !== undefined && Object.hasOwn(a, name));
  const both = Object.fromEntries(shared.map((name) => [name, { allOf: [a?.[name], b?.[name]] }]));
  return {
    ...one,
    ...other,
    ...((a ?? b) && { properties: { ...a, ...b, ...both } }),
    ...(required.length > 0 && { required }),
  };
}

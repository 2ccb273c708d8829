import type { JsonSchema } from '@frontage/core';
import { isSchema, isSchemaObject, listOf, textsIn, type SchemaObject } from '../codegen/schema-objects.js';

/** Changes of the schemas that both versions name, each reported once at its own schema: `Order.lines[].price is gone`. */
export function schemaChanges(
  before: ReadonlyMap<string, JsonSchema>,
  after: ReadonlyMap<string, JsonSchema>,
): string[] {
  return [...before].flatMap(([name, old]) => {
    const now = after.get(name);
    return now === undefined || JSON.stringify(old) === JSON.stringify(now) ? [] : changes(name, old, now);
  });
}

function changes(path: string, old: JsonSchema, now: JsonSchema): string[] {
  if (!isSchemaObject(old) || !isSchemaObject(now)) return old === now ? [] : [`${path} is described in another way`];
  return [
    ...typeChanges(path, old, now),
    ...choiceChanges(path, old, now),
    ...memberChanges(path, old, now),
    ...innerChanges(path, old, now),
  ];
}

function typeChanges(path: string, old: SchemaObject, now: SchemaObject): string[] {
  const [was, is] = [typeText(old), typeText(now)];
  if (was === is) return [];
  if (`${was} or null` === is) return [`${path} may be null now`];
  if (was === `${is} or null`) return [`${path} is never null now`];
  return [`${path} is ${is} now, it was ${was}`];
}

function typeText(schema: SchemaObject): string {
  const reference = schema.$ref;
  if (typeof reference === 'string') return reference.slice(reference.lastIndexOf('/') + 1);
  const types = textsIn(schema.type);
  const named = types.filter((type) => type !== 'null').join(' or ');
  return `${named === '' ? 'anything' : named}${types.includes('null') ? ' or null' : ''}`;
}

function choiceChanges(path: string, old: SchemaObject, now: SchemaObject): string[] {
  const values = (schema: SchemaObject): string[] => listOf(schema.enum).map((value) => JSON.stringify(value));
  const [was, is] = [values(old), values(now)];
  if (was.length === 0 || is.length === 0) return [];
  return [
    ...was.filter((value) => !is.includes(value)).map((value) => `${path} is never ${value} now`),
    ...is.filter((value) => !was.includes(value)).map((value) => `${path} may be ${value} now`),
  ];
}

function memberChanges(path: string, old: SchemaObject, now: SchemaObject): string[] {
  const [was, is] = [membersOf(old), membersOf(now)];
  const [needed, needs] = [textsIn(old.required), textsIn(now.required)];
  return [
    ...Object.keys(was)
      .filter((name) => !Object.hasOwn(is, name))
      .map((name) => `${path}.${name} is gone`),
    ...Object.entries(is).flatMap(([name, inner]) => {
      const before = Object.hasOwn(was, name) ? was[name] : undefined;
      if (before === undefined) return [`${path}.${name} is new${needs.includes(name) ? ' and required' : ''}`];
      const isNeeded = needs.includes(name);
      const need =
        needed.includes(name) === isNeeded ? [] : [`${path}.${name} is ${isNeeded ? '' : 'not '}required now`];
      return [...need, ...changes(`${path}.${name}`, before, inner)];
    }),
  ];
}

function innerChanges(path: string, old: SchemaObject, now: SchemaObject): string[] {
  const items = isSchema(old.items) && isSchema(now.items) ? changes(`${path}[]`, old.items, now.items) : [];
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => {
    const [was, is] = [listOf(old[keyword]).filter(isSchema), listOf(now[keyword]).filter(isSchema)];
    if (was.length !== is.length) return [`${path} has ${is.length} forms under ${keyword} now, it had ${was.length}`];
    return was.flatMap((each, index) => changes(path, each, is[index] ?? true));
  });
  return [...items, ...parts];
}

function membersOf(schema: SchemaObject): Readonly<Record<string, JsonSchema>> {
  const members = Object.entries(isSchemaObject(schema.properties) ? schema.properties : {});
  return Object.fromEntries(members.filter((entry): entry is [string, JsonSchema] => isSchema(entry[1])));
}

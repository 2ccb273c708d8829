import type { JsonSchema } from '@frontage/core';
import { isRecord } from '../model/behaviour.js';
import { isSchema, merge, type Resolve, flatten, type SchemaObject } from '../model/schema-view.js';
import { expressionOf, matchOf } from '../patterns/pattern-sample.js';
import type { Random } from '../patterns/random.js';

export interface MemberChoice {
  readonly resolve: Resolve;
  readonly random: Random;
  /** True if members that are not required are generated. */
  readonly withOptional: boolean;
  /** True if a member is not sent in this direction. */
  readonly isUnsent: (property: JsonSchema, isRequired: boolean) => boolean;
  /** A name for a schema of names. */
  readonly nameFor: (schema: JsonSchema) => string;
}

/** The members that a generated object has, with the schema of each. */
export function membersOf(schema: SchemaObject, choice: MemberChoice): readonly (readonly [string, JsonSchema])[] {
  const { random, withOptional, isUnsent, nameFor } = choice;
  const flat = withDependents(schema, choice);
  const properties = isRecord(flat['properties']) ? flat['properties'] : {};
  const patterns = patternsOf(flat);
  const required = requiredOf(flat);
  const [min, max] = [countOf(flat['minProperties'], 0), countOf(flat['maxProperties'], Infinity)];
  const members = new Map<string, JsonSchema>();
  const add = (name: string): void => {
    const made = schemaOf(name, flat, properties, patterns);
    if (made !== undefined) members.set(name, made);
  };
  const declared = Object.entries(properties).flatMap(([name, property]) => {
    const isNeeded = required.includes(name);
    const isLeftOut = !isSchema(property) || property === false || isUnsent(property, isNeeded);
    return isLeftOut ? [] : [{ name, isNeeded }];
  });
  const undeclared = required.filter((name) => !Object.hasOwn(properties, name));
  let spare = max - undeclared.length - declared.filter(({ isNeeded }) => isNeeded).length;
  for (const { name, isNeeded } of declared) {
    if (!isNeeded && (!withOptional || spare <= 0)) continue;
    if (!isNeeded) spare -= 1;
    add(name);
  }
  for (const name of undeclared) add(name);
  for (const { name } of declared) if (members.size < min) add(name);
  // An empty dictionary would not show its values.
  const isDictionary =
    members.size === 0 && withOptional && (isRecord(flat['additionalProperties']) || patterns.length > 0);
  const count = Math.min(Math.max(min, isDictionary ? 1 : 0), max);
  for (let tries = 0; members.size < count && tries < count + 50; tries += 1) {
    const name = nameOf(flat, patterns, tries + 1, random, nameFor);
    if (!members.has(name)) add(name);
  }
  return [...members];
}

type Patterns = readonly { readonly source: string; readonly expression: RegExp; readonly schema: JsonSchema }[];

function patternsOf(flat: SchemaObject): Patterns {
  const declared = isRecord(flat['patternProperties']) ? Object.entries(flat['patternProperties']) : [];
  return declared.flatMap(([source, schema]) => {
    const expression = expressionOf(source);
    return expression === undefined || !isSchema(schema) ? [] : [{ source, expression, schema }];
  });
}

/** The required names, and those that they require (JSON Schema validation section 6.5.4). */
function requiredOf(flat: SchemaObject): readonly string[] {
  const names = new Set(Array.isArray(flat['required']) ? flat['required'].map(String) : []);
  const dependent = isRecord(flat['dependentRequired']) ? flat['dependentRequired'] : {};
  const properties = isRecord(flat['properties']) ? Object.keys(flat['properties']) : [];
  // Optional members may be generated: what they require is generated too.
  for (const name of [...names, ...properties]) {
    const more = Object.hasOwn(dependent, name) ? dependent[name] : undefined;
    for (const one of Array.isArray(more) ? more.map(String) : []) names.add(one);
  }
  return [...names];
}

/** Applies the `dependentSchemas` of the members that may be generated (JSON Schema core section 10.2.2.4). */
function withDependents(flat: SchemaObject, { resolve }: MemberChoice): SchemaObject {
  const dependent = isRecord(flat['dependentSchemas']) ? Object.entries(flat['dependentSchemas']) : [];
  const properties = isRecord(flat['properties']) ? flat['properties'] : {};
  return dependent.reduce<SchemaObject>(
    (merged, [name, more]) =>
      isSchema(more) && Object.hasOwn(properties, name) ? merge(merged, flatten(more, resolve)) : merged,
    flat,
  );
}

/** Undefined where a member of this name is not allowed. */
function schemaOf(
  name: string,
  flat: SchemaObject,
  properties: SchemaObject,
  patterns: Patterns,
): JsonSchema | undefined {
  const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
  const matching = patterns.flatMap(({ expression, schema }) => (expression.test(name) ? [schema] : []));
  const all = [...(isSchema(own) ? [own] : []), ...matching];
  const [only] = all;
  if (only !== undefined) return all.length === 1 ? only : { allOf: all };
  const more = flat['additionalProperties'] ?? flat['unevaluatedProperties'];
  return more === false ? undefined : isSchema(more) ? more : {};
}

function nameOf(
  flat: SchemaObject,
  patterns: Patterns,
  index: number,
  random: Random,
  nameFor: MemberChoice['nameFor'],
): string {
  const { propertyNames } = flat;
  if (isRecord(propertyNames)) return nameFor({ type: 'string', ...propertyNames });
  const [pattern] = patterns;
  const isOpen = isRecord(flat['additionalProperties']) || patterns.length === 0;
  return (isOpen ? undefined : pattern && matchOf(pattern.source, random)) ?? `key${index}`;
}

const countOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

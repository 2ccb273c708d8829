import type { JsonObject } from '../document/json.js';
import { isObject, member } from '../document/json.js';
import { shown } from './shown-value.js';
import { numberIn, truthIn } from './written-scalars.js';

/** Tells the author about a keyword. */
export type Tell = (key: string, message: string) => void;

/**
 * Makes the keywords of one schema agree with each other, in place: limits that exclude each other are left out, values of `enum`, `const`
 * and `default` get the type that the schema has, and keywords that need another one are left out without it.
 */
export function reconcile(schema: JsonObject, isNullable: boolean, tell: Tell): void {
  for (const [low, high] of pairs) checkPair(schema, low, high, tell);
  checkRange(schema, tell);
  const types = typesIn(schema);
  if (types !== undefined) {
    listToTypes(schema, types, tell);
    valueToTypes(schema, 'const', types, isNullable, tell);
    valueToTypes(schema, 'default', types, isNullable, tell);
  }
  checkFormat(schema, tell);
  checkDefault(schema, isNullable, tell);
  checkDependents(schema, tell);
}

/**
 * `type: null` beside choices, parts, members or values of other types: no value fits both. Converters write a nullable schema in this way.
 * The type is left out, in place.
 * @returns whether null is one more choice
 */
export function nullBesideOthers(schema: JsonObject, tell: Tell): boolean {
  if (typesIn(schema)?.join() !== 'null') return false;
  const other = ['oneOf', 'anyOf', 'allOf', 'properties', 'enum'].find((key) => {
    const value = member(schema, key);
    return Array.isArray(value) ? value.some((one: unknown) => !isNullAlone(one)) : isObject(value);
  });
  if (other === undefined) return false;
  tell('type', `type is null beside ${other}, which no value fits; null is taken as one more choice`);
  delete schema.type;
  return true;
}

const isNullAlone = (choice: unknown): boolean =>
  choice === null || (isObject(choice) && typesIn(choice)?.join() === 'null');

/** Beginnings and marks of texts in a format. */
const formats: ReadonlyMap<unknown, RegExp> = new Map([
  ['date', /^\d{4}-\d\d-\d\d$/],
  ['date-time', /^\d{4}-\d\d-\d\dt/i],
  ['time', /^\d\d:\d\d/],
  ['uuid', /^[\da-f]{8}-[\da-f]{4}-/i],
  ['email', /@/],
  ['uri', /^[a-z][a-z\d+.-]*:/i],
  ['ipv4', /^\d+\.\d+\.\d+\.\d+$/],
  ['ipv6', /:/],
]);

/** The values of an `enum` are what may be sent; a format that none of them has is meant for other values. */
function checkFormat(schema: JsonObject, tell: Tell): void {
  const [values, format] = [member(schema, 'enum'), member(schema, 'format')];
  const expression = formats.get(format);
  if (expression === undefined || !Array.isArray(values)) return;
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length === 0 || texts.some((value) => expression.test(value))) return;
  tell('format', `format is ${String(format)}, which no value of enum has (${shown(texts[0])}); it is left out`);
  delete schema.format;
}

const pairs = [
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
  ['minContains', 'maxContains'],
] as const;

const numberOf = (schema: JsonObject, key: string): number | undefined => {
  const value = member(schema, key);
  return typeof value === 'number' ? value : undefined;
};

function checkPair(schema: JsonObject, low: string, high: string, tell: Tell): void {
  const [least, most] = [numberOf(schema, low), numberOf(schema, high)];
  if (least === undefined || most === undefined || least <= most) return;
  tell(low, `${low} ${least} is above ${high} ${most}, which no value fits; both are left out`);
  delete schema[low];
  delete schema[high];
}

const lowKeys = ['minimum', 'exclusiveMinimum'] as const;
const highKeys = ['maximum', 'exclusiveMaximum'] as const;

function checkRange(schema: JsonObject, tell: Tell): void {
  const low = Math.max(...lowKeys.map((key) => numberOf(schema, key) ?? -Infinity));
  const high = Math.min(...highKeys.map((key) => numberOf(schema, key) ?? Infinity));
  if (low === -Infinity || high === Infinity) return;
  const isOpen = numberOf(schema, 'exclusiveMinimum') === low || numberOf(schema, 'exclusiveMaximum') === high;
  if (low < high || (low === high && !isOpen)) return;
  const present = [...lowKeys, ...highKeys].filter((key) => numberOf(schema, key) !== undefined);
  const named = present.map((key) => `${key} ${numberOf(schema, key)}`).join(' and ');
  tell(present[0] ?? 'minimum', `no number fits ${named}; they are left out`);
  for (const key of present) delete schema[key];
}

/** The types of the values of a schema; undefined where something else than `type` may say so too. */
function typesIn(schema: JsonObject): readonly string[] | undefined {
  const type = member(schema, 'type');
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((each) => typeof each === 'string') : undefined;
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

/** The value with one of the types; undefined where it cannot mean one. */
function withType(value: unknown, types: readonly string[]): unknown {
  if (types.some((type) => hasType(value, type))) return value;
  for (const type of types) {
    const made = madeOf(value, type);
    if (made !== undefined && hasType(made, type)) return made;
  }
  return undefined;
}

function madeOf(value: unknown, type: string): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
    case 'integer':
    case 'number':
      return numberIn(value);
    case 'boolean':
      return typeof value === 'string' ? truthIn(value) : undefined;
    case 'array':
    case 'object':
      return typeof value === 'string' ? parsed(value) : undefined;
    default:
      return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** `null` in an `enum` stays: authors mean that it may be there. */
function listToTypes(schema: JsonObject, types: readonly string[], tell: Tell): void {
  const values = member(schema, 'enum');
  if (!Array.isArray(values)) return;
  const kept = values.map((value: unknown) => (value === null ? value : withType(value, types)));
  const changed = values.findIndex((value, index) => kept[index] !== value);
  if (changed === -1) return;
  const fitting = kept.filter((value) => value !== undefined);
  const distinct = fitting.filter((value, index) => fitting.indexOf(value) === index);
  const found = `enum has ${shown(values[changed])}, which is not of type ${types.join(' or ')}`;
  if (distinct.length === 0) {
    tell('enum', `${found}, like the others; enum is left out`);
    delete schema.enum;
    return;
  }
  const instead = kept[changed];
  tell('enum', instead === undefined ? `${found}; it is left out` : `${found}; ${shown(instead)} is used`);
  schema.enum = distinct;
}

function valueToTypes(
  schema: JsonObject,
  key: 'const' | 'default',
  types: readonly string[],
  isNullable: boolean,
  tell: Tell,
): void {
  if (!Object.hasOwn(schema, key)) return;
  const value = schema[key];
  if (value === null && isNullable) return;
  const made = withType(value, types);
  if (made === value) return;
  const found = `${key} is ${shown(value)}, which is not of type ${types.join(' or ')}`;
  tell(key, made === undefined ? `${found}; it is left out` : `${found}; ${shown(made)} is used`);
  if (made === undefined) delete schema[key];
  else schema[key] = made;
}

/** A default that the schema itself does not allow cannot be sent. */
function checkDefault(schema: JsonObject, isNullable: boolean, tell: Tell): void {
  if (!Object.hasOwn(schema, 'default')) return;
  const value = schema.default;
  if (value === null && isNullable) return;
  const broken = brokenBy(value, schema);
  if (broken === undefined) return;
  tell('default', `default is ${shown(value)}, which ${broken} does not allow; it is left out`);
  delete schema.default;
}

function brokenBy(value: unknown, schema: JsonObject): string | undefined {
  const choices = member(schema, 'enum');
  if (Array.isArray(choices) && !choices.some((choice) => JSON.stringify(choice) === JSON.stringify(value)))
    return 'enum';
  if (typeof value === 'number') return limitOf(value, schema, 'minimum', 'maximum');
  if (typeof value === 'string') return limitOf(Array.from(value).length, schema, 'minLength', 'maxLength');
  return Array.isArray(value) ? limitOf(value.length, schema, 'minItems', 'maxItems') : undefined;
}

function limitOf(size: number, schema: JsonObject, low: string, high: string): string | undefined {
  if (size < (numberOf(schema, low) ?? -Infinity)) return `${low} ${numberOf(schema, low)}`;
  return size > (numberOf(schema, high) ?? Infinity) ? `${high} ${numberOf(schema, high)}` : undefined;
}

/** Keywords that do nothing without another one. */
const needs = [
  ['then', 'if'],
  ['else', 'if'],
  ['minContains', 'contains'],
  ['maxContains', 'contains'],
] as const;

function checkDependents(schema: JsonObject, tell: Tell): void {
  for (const [key, needed] of needs) {
    if (member(schema, key) === undefined || member(schema, needed) !== undefined) continue;
    tell(key, `${key} has no meaning without ${needed}; it is left out`);
    delete schema[key];
  }
  if (
    member(schema, 'if') === undefined ||
    member(schema, 'then') !== undefined ||
    member(schema, 'else') !== undefined
  )
    return;
  tell('if', 'if has no meaning without then and else; it is left out');
  delete schema.if;
}

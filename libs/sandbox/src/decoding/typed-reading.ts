import type { JsonSchema } from '@frontage/core';
import { isRecord } from '../model/behaviour.js';
import { choicesOf, flatten, isSchema, merge, typesOf, type Resolve } from '../model/schema-view.js';

/** Functions that the reading of a text value needs. */
export interface ReadingContext {
  readonly resolve: Resolve;
  readonly accepts: (schema: JsonSchema, value: unknown) => boolean;
}

/** Gives texts, lists of texts and objects of texts the types of their schema; a value stays text where no type fits. */
export function readAs(schema: JsonSchema, value: unknown, reading: ReadingContext): unknown {
  const flat = flatten(schema, reading.resolve);
  const choices = choicesOf(flat);
  if (choices !== undefined) {
    const { [choices.keyword]: _, ...common } = flat;
    const given: unknown = value;
    // A list of one text may be that text.
    const values: readonly unknown[] = Array.isArray(given) && given.length === 1 ? [given, given[0]] : [given];
    const read = values.flatMap((one) =>
      choices.schemas.map((choice) => readAs(merge(common, flatten(choice, reading.resolve)), one, reading)),
    );
    return read.find((one) => reading.accepts(schema, one)) ?? read[0];
  }
  if (typeof value === 'string') return textAs(schema, typesOf(flat), value, reading);
  if (Array.isArray(value)) {
    const head = Array.isArray(flat['prefixItems']) ? flat['prefixItems'] : [];
    return value.map((item, index) => readMember(head[index] ?? flat['items'], item, reading));
  }
  if (!isRecord(value)) return value;
  const properties = isRecord(flat['properties']) ? flat['properties'] : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : flat['additionalProperties'];
      return [name, readMember(own, member, reading)];
    }),
  );
}

const readMember = (schema: unknown, value: unknown, reading: ReadingContext): unknown =>
  isSchema(schema) ? readAs(schema, value, reading) : value;

function textAs(schema: JsonSchema, types: readonly string[], text: string, { accepts }: ReadingContext): unknown {
  if (types.length === 0) return text;
  const readings: Readonly<Record<string, unknown>> = {
    string: text,
    ...(numeric.test(text) && { number: Number(text), integer: Number(text) }),
    ...((text === 'true' || text === 'false') && { boolean: text === 'true' }),
    ...((text === '' || text === 'null') && { null: null }),
    ...(text === '' && { array: [], object: {} }),
  };
  const read = types.filter((type) => Object.hasOwn(readings, type)).map((type) => readings[type]);
  if (read.length <= 1) return read.length === 0 ? text : read[0];
  return read.find((one) => accepts(schema, one)) ?? read[0];
}

const numeric = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** True if a schema, or one of its choices, names this type; a schema without types names none. */
export function takesType(schema: JsonSchema, type: string, resolve: Resolve, hops = 0): boolean {
  const flat = flatten(schema, resolve);
  const choices = [flat['anyOf'], flat['oneOf']].flatMap((list) => (Array.isArray(list) ? list.filter(isSchema) : []));
  return typesOf(flat).includes(type) || (hops < 8 && choices.some((each) => takesType(each, type, resolve, hops + 1)));
}

/** The named members of a schema and of its choices. */
export function propertiesOf(schema: JsonSchema, resolve: Resolve, hops = 0): Readonly<Record<string, JsonSchema>> {
  const flat = flatten(schema, resolve);
  const choices = hops < 8 ? [flat['anyOf'], flat['oneOf']] : [];
  const own = isRecord(flat['properties']) ? flat['properties'] : {};
  return Object.fromEntries([
    ...choices
      .flatMap((list) => (Array.isArray(list) ? list.filter(isSchema) : []))
      .flatMap((each) => Object.entries(propertiesOf(each, resolve, hops + 1))),
    ...Object.entries(own).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1])),
  ]);
}

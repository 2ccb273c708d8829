import { table } from '@frontage/core';
import type { KeywordReading } from './keyword-reading.js';
import { shown } from './shown-value.js';

const types: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

/** Names of types in programming languages and formats, which authors write in the place of a type. */
const meant: Readonly<Record<string, string>> = table(
  Object.fromEntries(
    (
      [
        ['string', 'str text char uuid guid email uri url date time datetime date-time password enum file'],
        ['integer', 'int int32 int64 long short bigint timestamp'],
        ['number', 'float double decimal numeric float32 float64'],
        ['boolean', 'bool'],
        ['object', 'map dict dictionary hash json struct'],
        ['array', 'list set'],
        ['null', 'none nil'],
      ] as const
    ).flatMap(([type, names]) => names.split(' ').map((name) => [name, type])),
  ),
);

/** The format that a name in the place of a type means; undefined where it means none. */
export function formatOfType(type: unknown): string | undefined {
  return typeof type === 'string' ? formats[type.trim().toLowerCase()] : undefined;
}

const formats: Readonly<Record<string, string>> = table({
  file: 'binary',
  date: 'date',
  'date-time': 'date-time',
  datetime: 'date-time',
  uuid: 'uuid',
  guid: 'uuid',
  email: 'email',
  uri: 'uri',
  url: 'uri',
  int32: 'int32',
  int64: 'int64',
  long: 'int64',
  float: 'float',
  double: 'double',
});

/** The type that a text means; undefined where it means none. */
function typeIn(value: unknown, isListed: boolean): string | undefined {
  if (types.has(value)) return String(value);
  // YAML reads a bare `null` as no value.
  if (value === null && isListed) return 'null';
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  return types.has(word) ? word : meant[word];
}

/** One type as text, several as a list; a type that there is not becomes the one that it means, or nothing. */
export function readTypes(key: string, value: unknown): KeywordReading {
  const written: readonly unknown[] = Array.isArray(value) ? value : [value];
  const found = written.map((type) => typeIn(type, Array.isArray(value)));
  const listed = [...new Set(found.filter((type) => type !== undefined))];
  const [only] = listed;
  if (only === undefined) return { note: `there is no type ${shown(value)}; anything is taken` };
  const read = listed.length === 1 ? only : listed;
  const unknown = written.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0)
    return {
      value: read,
      note: `there is no type ${shown(unknown[0])}; ${shown(read)} is used`,
    };
  const isSame = listed.length === written.length && listed.every((type, index) => type === written[index]);
  return isSame
    ? { value: read }
    : {
        value: read,
        note: `${key} is ${shown(value)}; ${shown(read)} is used`,
      };
}

import { nearest } from '@frontage/core';
import { isObject, mapMembers } from '../document/json.js';
import { repairedPattern } from '../patterns/pattern-repair.js';
import { unsafePattern } from '../patterns/pattern-safety.js';
import { keywordKinds, type KeywordKind } from './keyword-table.js';
import type { KeywordReading } from './keyword-reading.js';
import { shown } from './shown-value.js';
import { numberIn, truthIn } from './written-scalars.js';
import { readTypes } from './written-types.js';

type Read = (key: string, value: unknown) => KeywordReading;

/** Reads the value of a keyword: kept where it is of the right kind, made right where only its form is wrong, left out otherwise. */
export function readKeyword(kind: KeywordKind, key: string, value: unknown): KeywordReading {
  const read = readers[kind];
  return read === undefined ? { value } : read(key, value);
}

const leftOut = (key: string, value: unknown, wanted: string): KeywordReading => ({
  note: `${key} is ${shown(value)}, not ${wanted}; it is left out`,
});

const used = (key: string, value: unknown, wanted: string, instead: unknown): KeywordReading => ({
  value: instead,
  note: `${key} is ${shown(value)}, not ${wanted}; ${shown(instead)} is used`,
});

const readCount: Read = (key, value) => {
  const wanted = 'a whole number of at least 0';
  const number = numberIn(value);
  if (number === undefined || number < 0) return leftOut(key, value, wanted);
  // The same rule for lengths, which are whole.
  const whole = key.startsWith('max') ? Math.floor(number) : Math.ceil(number);
  return whole === value ? { value } : used(key, value, wanted, whole);
};

const readNumber: Read = (key, value) => {
  const number = numberIn(value);
  if (number === undefined) return leftOut(key, value, 'a number');
  return number === value ? { value } : used(key, value, 'a number', number);
};

const readFactor: Read = (key, value) => {
  const number = numberIn(value);
  if (number === undefined || number === 0) return leftOut(key, value, 'a number above 0');
  return number === value && number > 0 ? { value } : used(key, value, 'a number above 0', Math.abs(number));
};

const readFlag: Read = (key, value) => {
  const truth = truthIn(value);
  if (truth === undefined) return leftOut(key, value, 'true or false');
  return truth === value ? { value } : used(key, value, 'true or false', truth);
};

const readBound: Read = (key, value) => {
  const truth = truthIn(value);
  // 1 and 0 are limits here.
  if (truth !== undefined && numberIn(value) === undefined)
    return truth === value ? { value } : used(key, value, 'true or false', truth);
  return readNumber(key, value);
};

const readText: Read = (key, value) => {
  if (typeof value === 'string') return value.trim() === '' && key === 'format' ? {} : { value };
  if (typeof value === 'number' || typeof value === 'boolean') return used(key, value, 'text', String(value));
  const [only] = Array.isArray(value) && value.length === 1 ? value : [];
  return typeof only === 'string' ? used(key, value, 'text', only) : leftOut(key, value, 'text');
};

const readPattern: Read = (key, value) => {
  if (typeof value !== 'string') return { note: `${key} is ${shown(value)}, not text; it is not checked` };
  const { pattern: repaired, reason = unsafePattern(repaired) } = repairedPattern(value);
  if (reason !== undefined) return { note: `${reason}; it is not checked` };
  return repaired === value
    ? { value }
    : {
        value: repaired,
        note: `${key} is ${shown(value)}, which JavaScript reads otherwise; ${shown(repaired)} is used`,
      };
};

const readNames: Read = (key, value) => {
  if (typeof value === 'boolean' || value === 'true' || value === 'false')
    return {
      note: `${key} is ${value} at a member; it is left out: the object that has the member lists its name in ${key}`,
    };
  if (typeof value === 'string' && value.trim() !== '') return used(key, value, 'a list of names', [value]);
  if (!Array.isArray(value)) return leftOut(key, value, 'a list of names');
  const names = [...new Set(value.filter((name) => typeof name === 'string' || typeof name === 'number').map(String))];
  const isSame = names.length === value.length && value.every((name) => typeof name === 'string');
  return isSame ? { value } : used(key, value, 'a list of distinct names', names);
};

/** Reads each member of a mapping. */
function readMembers(key: string, value: unknown, wanted: string, read: Read): KeywordReading {
  if (!isObject(value)) return leftOut(key, value, wanted);
  const notes: string[] = [];
  const members = mapMembers(value, (each, name) => {
    const reading = read(`${key}.${name}`, each);
    if (reading.note !== undefined) notes.push(reading.note);
    return reading.value;
  });
  return notes.length === 0 ? { value: members } : { value: members, note: notes.join('; ') };
}

const readNameLists: Read = (key, value) => readMembers(key, value, 'a mapping of lists of names', readNames);

const readDependencies: Read = (key, value) =>
  readMembers(key, value, 'a mapping of lists of names, or of schemas', (name, each) =>
    Array.isArray(each) ? readNames(name, each) : readSchema(name, each),
  );

const readValues: Read = (key, value) => {
  const wanted = 'a list of values';
  if (typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && !value.includes(',')))
    return used(key, value, wanted, [value]);
  if (!Array.isArray(value)) return leftOut(key, value, wanted);
  if (value.length === 0) return leftOut(key, value, `${wanted}, of which one is allowed`);
  const seen = new Set<string>();
  const distinct = value.filter((each) => {
    const text = JSON.stringify(each);
    return seen.has(text) ? false : seen.add(text);
  });
  return distinct.length === value.length
    ? { value }
    : {
        value: distinct,
        note: `${key} has ${shown(firstTwice(value))} twice; each value counts once`,
      };
};

function firstTwice(values: readonly unknown[]): unknown {
  const texts = values.map((value) => JSON.stringify(value));
  return values.find((_, index) => texts.indexOf(texts[index] ?? '') < index);
}

const readExamples: Read = (_key, value) => (Array.isArray(value) ? { value } : {});

const readSchema: Read = (key, value) => {
  if (typeof value === 'boolean' || isObject(value)) return { value };
  const truth = typeof value === 'string' ? truthIn(value) : undefined;
  return truth === undefined ? leftOut(key, value, 'a schema') : used(key, value, 'a schema', truth);
};

const readSchemas: Read = (key, value) =>
  isObject(value) ? { value } : leftOut(key, value, 'a mapping of names to schemas');

const readChoices: Read = (key, value) => {
  if (Array.isArray(value))
    return value.length === 0 ? leftOut(key, value, 'a list of at least one schema') : { value };
  return isObject(value)
    ? {
        value: [value],
        note: `${key} is one schema, not a list of schemas; it is taken as the only one`,
      }
    : leftOut(key, value, 'a list of schemas');
};

const readItems: Read = (key, value) => {
  if (Array.isArray(value)) return value.length === 0 ? leftOut(key, value, 'a schema') : { value };
  return readSchema(key, value);
};

const readTag: Read = (key, value) => {
  if (typeof value === 'string' && value.trim() !== '')
    return {
      value: { propertyName: value },
      note: `${key} is ${shown(value)}, not a mapping; it is taken as its propertyName`,
    };
  if (!isObject(value)) return leftOut(key, value, 'a mapping with propertyName');
  return typeof value.propertyName === 'string' ? { value } : leftOut(key, value, 'a mapping with propertyName');
};

const readers: Readonly<Record<KeywordKind, Read | undefined>> = {
  count: readCount,
  number: readNumber,
  factor: readFactor,
  flag: readFlag,
  bound: readBound,
  text: readText,
  pattern: readPattern,
  types: readTypes,
  names: readNames,
  'lists of names': readNameLists,
  values: readValues,
  examples: readExamples,
  value: undefined,
  schema: readSchema,
  schemas: readSchemas,
  patterns: readSchemas,
  choices: readChoices,
  items: readItems,
  tag: readTag,
  dependencies: readDependencies,
  silent: () => ({}),
};

/** The warning for the author about a keyword that neither JSON Schema nor OpenAPI has. */
export function unknownKeyword(key: string): string {
  const meant = nearest(key, Object.keys(keywordKinds));
  return `there is no keyword ${shown(key)}${meant === undefined ? '' : `, which may mean ${meant}`}; it is left out`;
}

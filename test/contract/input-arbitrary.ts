import fc from 'fast-check';

export type Json = Readonly<Record<string, unknown>>;

/** Texts that parsers trip over, each of them ordinary in the eyes of a schema that says `string`. */
const awkward = [
  '..',
  '.',
  '%',
  '%2e%2e',
  '/',
  '\\',
  '?',
  '#',
  '&a=b',
  'null',
  'true',
  '0',
  '{}',
  "' OR 1=1",
  '\u0000',
  '\r\nx: y',
  'ä€😀',
  '\u202e',
  '__proto__',
];

/** Values that a schema allows. @param known values that mean something to the services, tried as often as made-up ones */
export function valid(schema: Json, known: readonly unknown[] = []): fc.Arbitrary<unknown> {
  const made = madeUp(schema);
  const fitting = known.filter((value) => allows(schema, value));
  return fitting.length === 0 ? made : fc.oneof(fc.constantFrom(...fitting), made);
}

function madeUp(schema: Json): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return fc.oneof(...choices.map((one: Json) => madeUp(one)));
  switch (Array.isArray(schema['type']) ? schema['type'][0] : schema['type']) {
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer(range(schema));
    case 'number':
      return fc.double({ ...range(schema), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const bounds = {
        minLength: numberOf(schema['minItems'], 0),
        maxLength: Math.min(numberOf(schema['maxItems'], 5), 5),
      };
      return fc.array(madeUp((schema['items'] ?? {}) as Json), bounds);
    }
    case 'object': {
      const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Json>>);
      const required = (schema['required'] ?? []) as string[];
      const members = Object.fromEntries(properties.map(([name, own]) => [name, madeUp(own)]));
      return fc.record(members, { requiredKeys: required });
    }
    default:
      return fc.jsonValue();
  }
}

function texts(schema: Json): fc.Arbitrary<string> {
  const bounds = {
    minLength: numberOf(schema['minLength'], 0),
    maxLength: Math.min(numberOf(schema['maxLength'], 40), 200),
  };
  if (typeof schema['pattern'] === 'string') {
    const pattern = new RegExp(schema['pattern']);
    return fc.stringMatching(pattern).filter((text) => allows(schema, text));
  }
  const any = fc.string({ ...bounds, unit: 'grapheme' }).map((text) => text.slice(0, bounds.maxLength));
  const fitting = awkward.filter((text) => allows(schema, text));
  return fitting.length === 0
    ? any
    : fc.oneof({ weight: 3, arbitrary: any }, { weight: 1, arbitrary: fc.constantFrom(...fitting) });
}

const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const range = (schema: Json) => ({
  min: numberOf(schema['minimum'], -1e6),
  max: Math.min(numberOf(schema['maximum'], 1e6), 2 ** 31 - 1),
});

/** The keywords that tell scalars apart; enough to choose and to spoil values. */
function allows(schema: Json, value: unknown): boolean {
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return choices.some((one: Json) => allows(one, value));
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value);
  if (typeof value === 'string') {
    const { pattern, type = 'string' } = schema;
    return (
      type === 'string' &&
      value.length >= numberOf(schema['minLength'], 0) &&
      value.length <= numberOf(schema['maxLength'], Infinity) &&
      (typeof pattern !== 'string' || new RegExp(pattern).test(value))
    );
  }
  return true;
}

/** Values that a schema refuses, as JSON. */
export function invalid(schema: Json): fc.Arbitrary<unknown> {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  const others = fc
    .constantFrom<unknown>(null, true, -1.5, 'x', [], {}, [[]], -(2 ** 70))
    .filter((value) => kindOf(value) !== type);
  if (type === 'object') return fc.oneof(others, spoiltObjects(schema));
  if (type === 'string' && typeof schema['maxLength'] === 'number') {
    const { maxLength } = schema;
    return fc.oneof(others, fc.constant('x'.repeat(maxLength + 1)));
  }
  if (type === 'integer' && typeof schema['maximum'] === 'number') {
    return fc.oneof(others, fc.constantFrom(schema['maximum'] + 1, 1.5, -(2 ** 60)));
  }
  return type === undefined ? fc.constant(undefined) : others;
}

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** A good object with one member spoilt or left out. */
function spoiltObjects(schema: Json): fc.Arbitrary<unknown> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Json>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const names = Object.entries(properties).filter(([, own]) => own['type'] !== undefined);
  if (names.length === 0) return fc.constant('no object');
  return madeUp(schema).chain((good) =>
    fc.constantFrom(...names).chain(([name, own]) => {
      const { [name]: _, ...rest } = good as Json;
      const spoilt = invalid(own).map((value) => ({ ...rest, [name]: value }));
      return required.includes(name) ? fc.oneof(spoilt, fc.constant(rest)) : spoilt;
    }),
  );
}

/** Texts that are wrong as a parameter. Undefined: the schema allows every text. */
export function invalidText(schema: Json): fc.Arbitrary<string> | undefined {
  const candidates = ['', 'x'.repeat(5000), '-1', '1.5', 'NaN', '1e999', '😀', '[object Object]', 'true'];
  const wrong = candidates.filter((text) => !allowsText(schema, text));
  return wrong.length === 0 ? undefined : fc.constantFrom(...wrong);
}

function allowsText(schema: Json, text: string): boolean {
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return choices.some((one: Json) => allowsText(one, text));
  if (schema['type'] === 'array') return allowsText((schema['items'] ?? {}) as Json, text);
  if (schema['type'] === 'integer' || schema['type'] === 'number') {
    const value = Number(text);
    const isWhole = schema['type'] === 'number' || Number.isInteger(value);
    return isWhole && value >= numberOf(schema['minimum'], -Infinity) && value <= numberOf(schema['maximum'], Infinity);
  }
  return allows(schema, text);
}

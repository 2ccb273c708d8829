import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { SchemaObject } from '../model/schema-view.js';
import { expressionOf, matchOf } from '../patterns/pattern-sample.js';
import type { Random } from '../patterns/random.js';
import { formatSamples, wordsSample, type LengthLimits } from './format-sample.js';

/** A text for the rules of a schema together: pattern, length and format. Where no text is found for all, one for as many as possible. */
export function textSample(flat: SchemaObject, random: Random): string {
  const limits: LengthLimits = { min: countOf(flat['minLength'], 0), max: countOf(flat['maxLength'], Infinity) };
  const pattern = typeof flat['pattern'] === 'string' ? flat['pattern'] : undefined;
  const format = formatOf(flat);
  const isInFormat = format === undefined ? undefined : formatCheck(format);
  const matches = pattern === undefined ? undefined : expressionOf(pattern);
  const isLongEnough = (text: string): boolean => {
    const length = Array.from(text).length;
    return length >= limits.min && length <= limits.max;
  };
  const known = format === undefined ? [] : formatSamples(format, random, limits);
  const found = known.find(
    (text) => isLongEnough(text) && (matches?.test(text) ?? true) && (isInFormat?.(text) ?? true),
  );
  if (found !== undefined) return found;
  if (pattern !== undefined) {
    const lengths = { minLength: limits.min, ...(limits.max !== Infinity && { maxLength: limits.max }) };
    const made =
      (isInFormat && matchOf(pattern, random, { ...lengths, accepts: isInFormat })) ??
      matchOf(pattern, random, lengths) ??
      matchOf(pattern, random);
    if (made !== undefined) return made;
  }
  const [usual] = known;
  if (usual !== undefined && isInFormat !== undefined) return usual;
  return (usual ?? wordsSample(random)).padEnd(limits.min, 'x').slice(0, Math.max(limits.min, limits.max));
}

function formatOf(flat: SchemaObject): string | undefined {
  if (typeof flat['format'] === 'string') return flat['format'];
  return flat['contentEncoding'] === 'base64' ? 'byte' : undefined;
}

/** The check of a format, where the validators of contracts have one for texts. */
function formatCheck(format: string): ((text: string) => boolean) | undefined {
  if (!textFormats.has(format)) return undefined;
  const known = formatChecks.get(format);
  if (known !== undefined) return known;
  const made = formats.compile<string>({ type: 'string', format });
  formatChecks.set(format, made);
  return made;
}

const formats = new Ajv2020({ strict: false, logger: false });
ajvFormats.default(formats);
/** By name: bounded by the names below. */
const formatChecks = new Map<string, (text: string) => boolean>();
const textFormats: ReadonlySet<string> = new Set(
  (
    'date time date-time iso-time iso-date-time duration uri uri-reference uri-template url email hostname ipv4 ipv6 regex uuid ' +
    'json-pointer relative-json-pointer byte'
  ).split(' '),
);

const countOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

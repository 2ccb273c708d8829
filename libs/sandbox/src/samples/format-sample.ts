import type { Random } from './random.js';

/** A text of a format that JSON Schema or OpenAPI defines; undefined for any other format. */
export function formatSample(format: string, random: Random): string | undefined {
  const integer = (min: number, max: number): number => random.integer(min, max);
  const hex = (digits: number): string => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join('');
  const date = new Date(Date.UTC(2026, integer(0, 11), integer(1, 28), integer(0, 23), integer(0, 59))).toISOString();
  const word = random.pick(nouns);
  switch (format) {
    case 'date-time':
      return date;
    case 'date':
      return date.slice(0, 10);
    case 'time':
      return date.slice(11, 19) + 'Z';
    case 'duration':
      return `PT${integer(1, 59)}M`;
    case 'uuid':
      return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
    case 'email':
    case 'idn-email':
      return `${word}@shop.example`;
    case 'hostname':
    case 'idn-hostname':
      return `${word}.shop.example`;
    case 'ipv4':
      return `192.0.2.${integer(1, 254)}`;
    case 'ipv6':
      return `2001:db8::${hex(4)}`;
    case 'uri':
    case 'url':
    case 'iri':
      return `https://shop.example/${word}/${integer(1, 999)}`;
    case 'uri-reference':
    case 'iri-reference':
      return `/${word}/${integer(1, 999)}`;
    case 'byte':
      return Buffer.from(word).toString('base64');
    case 'json-pointer':
      return `/${word}`;
    case 'regex':
      return '^[a-z]+$';
    default:
      return undefined;
  }
}

/** Two words. */
export const wordsSample = (random: Random): string => `${random.pick(adjectives)} ${random.pick(nouns)}`;

const adjectives = ['amber', 'brisk', 'calm', 'early', 'green', 'quiet', 'plain', 'round', 'small', 'warm'];
const nouns = ['anchor', 'basket', 'candle', 'garden', 'harbour', 'ladder', 'meadow', 'orchard', 'pebble', 'window'];

import type { Random } from '../patterns/random.js';

/** Limits of a text, in code points. */
export interface LengthLimits {
  readonly min: number;
  readonly max: number;
}

/** Texts of a format that JSON Schema or OpenAPI defines, the most usual one first; none for any other format. */
export function formatSamples(format: string, random: Random, { min, max }: LengthLimits): readonly string[] {
  const integer = (least: number, most: number): number => random.integer(least, most);
  const hex = (digits: number): string => Array.from({ length: digits }, () => integer(0, 15).toString(16)).join('');
  const date = new Date(Date.UTC(2026, integer(0, 11), integer(1, 28), integer(0, 23), integer(0, 59))).toISOString();
  const word = random.pick(nouns);
  const more = (text: string): string => text.padEnd(min, word);
  switch (format) {
    case 'date-time':
    case 'iso-date-time':
      return [date, `${date.slice(0, 19)}Z`, `${date.slice(0, 19)}+00:00`, `${date.slice(0, 23)}000Z`];
    case 'date':
      return [date.slice(0, 10)];
    case 'time':
    case 'iso-time':
      return [`${date.slice(11, 19)}Z`, `${date.slice(11, 19)}+00:00`, date.slice(11, 19)];
    case 'duration':
      return [`PT${integer(1, 59)}M`, `P${integer(1, 30)}D`, 'P1Y2M3DT4H5M6S', 'PT1H', 'PT30S', 'P2W'];
    case 'uuid':
    case 'guid':
      return [`${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`];
    case 'email':
    case 'idn-email':
      return [`${word}@shop.example`, `${word.padEnd(min - 13, 'x')}@shop.example`, 'a@shop.example', 'a@b.co'];
    case 'hostname':
    case 'idn-hostname':
      return [
        `${word}.shop.example`,
        `${word}.`.repeat(Math.ceil(min / (word.length + 1))) + 'example',
        word,
        'a.co',
        'a',
      ];
    case 'ipv4':
      return [`192.0.2.${integer(1, 254)}`];
    case 'ipv6':
      return [`2001:db8::${hex(4)}`, '2001:0db8:0000:0000:0000:0000:0000:0001', '::1'];
    case 'uri':
    case 'url':
    case 'iri': {
      const whole = `https://shop.example/${word}/${integer(1, 999)}`;
      return [whole, more(whole), 'https://shop.example/', 'https://a.co', 'urn:a'];
    }
    case 'uri-template':
      return [`/${word}/{id}`, more(`/${word}/{id}`), '{a}'];
    case 'uri-reference':
    case 'iri-reference': {
      const whole = `/${word}/${integer(1, 999)}`;
      return [whole, more(whole), '/', 'a'];
    }
    case 'byte':
    case 'base64':
      return [
        Buffer.from(word).toString('base64'),
        Buffer.from(word.repeat(Math.ceil(min / word.length))).toString('base64'),
        Buffer.from(more(word).slice(0, Math.ceil(min / 4) * 3)).toString('base64'),
        Buffer.from(word.slice(0, Math.floor(max / 4) * 3)).toString('base64'),
      ];
    case 'json-pointer':
      return [`/${word}`, more(`/${word}`), '/a', ''];
    case 'relative-json-pointer':
      return [`1/${word}`, more(`1/${word}`), '0'];
    case 'regex':
      return ['^[a-z]+$', more('^[a-z]+$'), 'a'];
    // Numbers that are sent as texts, as services of Google write 64-bit integers.
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'uint64':
      return [String(integer(1, 1000)).padStart(min, '1'), String(integer(1, 9))];
    case 'decimal':
    case 'double':
    case 'float':
      return [`${integer(1, 100)}.${integer(10, 99)}`, String(integer(1, 9)).padStart(min, '1')];
    default:
      return [];
  }
}

/** Two words. */
export const wordsSample = (random: Random): string => `${random.pick(adjectives)} ${random.pick(nouns)}`;

const adjectives = ['amber', 'brisk', 'calm', 'early', 'green', 'quiet', 'plain', 'round', 'small', 'warm'];
const nouns = ['anchor', 'basket', 'candle', 'garden', 'harbour', 'ladder', 'meadow', 'orchard', 'pebble', 'window'];

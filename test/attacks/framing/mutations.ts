import fc from 'fast-check';
import { framingCases, smuggled } from './cases.js';

/** Bytes that parsers of HTTP have taken for other ones. */
const spice = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '\u000b',
  '\u000c',
  '\u0085',
  '\u00a0',
  '0',
  '0\r\n\r\n',
  'f',
  '-',
  '+',
  'HTTP/1.1',
  'HTTP/1.0',
  'content-length: 0\r\n',
  'content-length: 5\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: identity\r\n',
  'connection: close\r\n',
  'connection: upgrade\r\nupgrade: h2c\r\n',
  'connection: content-length\r\n',
  'expect: 100-continue\r\n',
  'host: y\r\n',
  'trailer: content-length\r\n',
  smuggled,
] as const;

interface Change {
  readonly at: number;
  readonly length: number;
  readonly way: 'insert' | 'remove' | 'repeat' | 'replace' | 'case';
  readonly bytes: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat({ max: 24 }),
  way: fc.constantFrom('insert', 'insert', 'remove', 'repeat', 'replace', 'case'),
  bytes: fc.oneof(
    fc.constantFrom(...spice),
    fc.nat({ max: 255 }).map((code) => String.fromCodePoint(code)),
  ),
});

function applied(text: string, { at, length, way, bytes }: Change): string {
  const from = Math.floor(at * text.length);
  const [before, touched, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
  if (way === 'insert') return before + bytes + touched + after;
  if (way === 'remove') return before + after;
  if (way === 'repeat') return before + touched + touched + after;
  if (way === 'replace') return before + bytes + after;
  const other = touched === touched.toLowerCase() ? touched.toUpperCase() : touched.toLowerCase();
  return before + other + after;
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => Math.floor(place * text.length)).toSorted((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

/** Pipelined requests with a few changes, in the pieces in which they are sent. */
export const mutated: fc.Arbitrary<string[]> = fc
  .tuple(
    fc.array(fc.constantFrom(...framingCases.map(({ bytes }) => bytes), smuggled), { minLength: 1, maxLength: 3 }),
    fc.array(change, { maxLength: 4 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  )
  .map(([requests, changes, places]) => cut(changes.reduce(applied, requests.join('')), places));

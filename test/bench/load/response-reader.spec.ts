import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseReader } from './response-reader.js';

const counted = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"a":"0\\r"}';
const chunked = 'HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n2\r\nab\r\n0\r\n\r\n';
const empty = 'HTTP/1.1 204 No Content\r\n\r\n';

describe('reading responses of one connection', () => {
  it.each([
    ['counted', counted, 200],
    ['chunked', chunked, 404],
    ['without a body', empty, 204],
  ])('finds the end of one that is %s', (_, text, status) => {
    expect(new ResponseReader().read(Buffer.from(text))).toBe(status);
  });

  it('reads one after the other, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: counted.length - 1 }), { maxLength: 5 }), (cuts) => {
        const reader = new ResponseReader();
        for (let turn = 0; turn < 2; turn++) {
          const places = [0, ...cuts.toSorted((a, b) => a - b), counted.length];
          const pieces = places.slice(1).map((end, i) => counted.slice(places[i], end));
          const statuses = pieces.filter((piece) => piece !== '').map((piece) => reader.read(Buffer.from(piece)));
          expect(statuses.at(-1)).toBe(200);
          expect(statuses.slice(0, -1).every((status) => status === undefined)).toBe(true);
        }
      }),
    );
  });
});

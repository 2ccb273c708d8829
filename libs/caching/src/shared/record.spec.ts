import { randomBytes } from 'node:crypto';
import { serialize } from 'node:v8';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyValue } from '../fixtures/every-value.contract.js';
import { KeptBody } from '../bodies/kept-body.js';
import { decodeRecord, encodeRecord } from './record.js';

const record = async (value: unknown): Promise<Buffer> =>
  (await encodeRecord({ value, expiresAt: 1_700_000_000_000 })) ?? Buffer.alloc(0);
const list = JSON.stringify(Array.from({ length: 3_000 }, (_, id) => ({ id, name: `article ${id}` })));

describe('a record of the shared cache', () => {
  it.each(everyValue)('gives back %s', async (_, make) => {
    expect(await decodeRecord(await record(make()))).toStrictEqual({ value: make(), expiresAt: 1_700_000_000_000 });
  });

  it('gives back any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
        // JSON.stringify loses -0, which is a number of JSON; the record keeps it.
        expect((await decodeRecord(await record(value)))?.value).toEqual(value);
      }),
    );
  });

  it('is a copy of the bytes that were read', async () => {
    for (const value of [Buffer.from('picture'), Buffer.from('picture'.repeat(1_000))]) {
      const expected = Buffer.from(value);
      const bytes = await record(value);
      const found = (await decodeRecord(bytes))?.value;
      bytes.fill(0);
      expect(found).toEqual(expected);
    }
  });

  it.each(['{"id":9007199254740993}', ' [1, 2]\n', list])(
    'keeps a body byte for byte, with what stands beside it',
    async (text) => {
      const body = new KeptBody(Buffer.from(text));
      const alone = await decodeRecord(await record(body));
      expect(alone?.value instanceof KeptBody && alone.value.bytes.toString()).toBe(text);
      const members = new Map<string, unknown>([
        ['value', body],
        ['headers', { 'X-Total-Count': 7 }],
      ]);
      const both = (await decodeRecord(await record(members)))?.value;
      if (!(both instanceof Map)) throw new TypeError('no map');
      expect(both.get('headers')).toEqual({ 'X-Total-Count': 7 });
      expect(both.get('value') instanceof KeptBody && both.get('value').bytes.toString()).toBe(text);
    },
  );

  it('is smaller than a body of some length, and no larger than one that cannot be made smaller', async () => {
    expect((await record(list)).byteLength).toBeLessThan(list.length / 4);
    const noise = randomBytes(100_000);
    expect((await record(noise)).byteLength).toBeLessThan(noise.byteLength + 100);
    expect((await record('a'.repeat(4_000))).byteLength).toBeGreaterThan(4_000);
  });

  it.each<[string, Uint8Array | Promise<Uint8Array>]>([
    ['of the version before', Buffer.from('{"value":{"type":"Buffer","data":[1]},"expiresAt":9999999999999}')],
    ['of the version without headers', Buffer.from('frontage-2 json 9999999999999 2\n{}')],
    ['of the version without compression', Buffer.from('frontage-3 json 9999999999999 2\n{}')],
    ['of a version to come', Buffer.from('frontage-5 json plain 9999999999999 0 2 2\n{}')],
    ['of a kind to come', Buffer.from('frontage-4 cbor plain 9999999999999 0 2 2\n{}')],
    ['of a coding to come', Buffer.from('frontage-4 json br 9999999999999 0 2 2\n{}')],
    ['cut short', record({ a: 1 }).then((bytes) => bytes.subarray(0, -1))],
    ['with more behind it', record({ a: 1 }).then((bytes) => Buffer.concat([bytes, Buffer.from(' ')]))],
    ['with a body that is no JSON', Buffer.from('frontage-4 json plain 9999999999999 0 2 2\n{]')],
    ['with a body that is none of V8', Buffer.from('frontage-4 v8 plain 9999999999999 0 2 2\n{]')],
    ['with members that are none of V8', Buffer.from('frontage-4 kept plain 9999999999999 2 2 2\n{]{}')],
    ['with members that are no map', withMembers({ a: 1 })],
    ['with another length than its body', Buffer.from('frontage-4 json plain 9999999999999 0 3 2\n{}')],
    ['without a length', Buffer.from('frontage-4 json plain 9999999999999\n{}')],
    ['with a body that is not compressed', Buffer.from('frontage-4 json zstd 9999999999999 0 5000 2\n{}')],
    ['with a compressed body that is damaged', record(list).then((bytes) => bytes.fill(0, 500, 501))],
    ['with a body that becomes larger than it says', bombOf(10_000_000, 5_000)],
    ['with a body that becomes larger than any body may', bombOf(65 * 1024 * 1024, 65 * 1024 * 1024)],
    ['with a body that becomes smaller than it says', bombOf(5_000, 5_001)],
    ['empty', Buffer.alloc(0)],
    ['of another program', Buffer.from('*1\r\n$4\r\nPING\r\n')],
  ])('is not read from one %s', async (_, bytes) => {
    expect(await decodeRecord(await bytes)).toBeUndefined();
  });

  it('never throws for any bytes', async () => {
    const headed = (kind: string, coding: string, length = 0) =>
      fc.uint8Array().map((body) => {
        const line = `frontage-4 ${kind} ${coding} 1 0 ${length || body.length} ${body.length}\n`;
        return Buffer.concat([Buffer.from(line), body]);
      });
    const drawn = fc.oneof(
      fc.uint8Array(),
      headed('v8', 'plain'),
      headed('json', 'plain'),
      headed('json', 'zstd', 5_000),
      headed('kept', 'zstd', 50_000),
    );
    await fc.assert(fc.asyncProperty(drawn, async (bytes) => void (await decodeRecord(bytes))));
  });

  it('does not stop the event loop for a large body', async () => {
    const large = Buffer.from(list.repeat(40));
    const turned: number[] = [];
    const timer = setInterval(() => turned.push(1), 0);
    const packed = await record(new KeptBody(large));
    const beforeReading = turned.length;
    await decodeRecord(packed);
    clearInterval(timer);
    expect([beforeReading, turned.length - beforeReading].every((turns) => turns > 0)).toBe(true);
  });

  it('is not made of a value that no process could read', async () => {
    expect(await encodeRecord({ value: () => 1, expiresAt: 1 })).toBeUndefined();
    expect(await encodeRecord({ value: { run: () => 1 }, expiresAt: 1 })).toBeUndefined();
  });
});

function bombOf(length: number, said: number): Buffer {
  const body = zstdCompressSync(Buffer.alloc(length, 'a'));
  return Buffer.concat([Buffer.from(`frontage-4 bytes zstd 9999999999999 0 ${said} ${body.byteLength}\n`), body]);
}

function withMembers(value: unknown): Buffer {
  const members = serialize(value);
  return Buffer.concat([
    Buffer.from(`frontage-4 kept plain 9999999999999 ${members.byteLength} 2 2\n`),
    members,
    Buffer.from('{}'),
  ]);
}

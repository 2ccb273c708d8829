import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyValue } from '../fixtures/every-value.contract.js';
import { decodeRecord, encodeRecord } from './record.js';

const record = (value: unknown): Buffer => encodeRecord({ value, expiresAt: 1_700_000_000_000 }) ?? Buffer.alloc(0);

describe('a record of the shared cache', () => {
  it.each(everyValue)('gives back %s', (_, make) => {
    expect(decodeRecord(record(make()))).toStrictEqual({ value: make(), expiresAt: 1_700_000_000_000 });
  });

  it('gives back any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        // JSON.stringify loses -0, which is a number of JSON; the record keeps it.
        expect(decodeRecord(record(value))?.value).toEqual(value);
      }),
    );
  });

  it('is a copy of the bytes that were read', () => {
    const bytes = record(Buffer.from('picture'));
    const found = decodeRecord(bytes)?.value;
    bytes.fill(0);
    expect(found).toEqual(Buffer.from('picture'));
  });

  it.each([
    ['of the version before', Buffer.from('{"value":{"type":"Buffer","data":[1]},"expiresAt":9999999999999}')],
    ['of the version without headers', Buffer.from('frontage-2 json 9999999999999 2\n{}')],
    ['of a version to come', Buffer.from('frontage-4 json 9999999999999 2\n{}')],
    ['of a kind to come', Buffer.from('frontage-3 cbor 9999999999999 2\n{}')],
    ['cut short', record({ a: 1 }).subarray(0, -1)],
    ['with more behind it', Buffer.concat([record({ a: 1 }), Buffer.from(' ')])],
    ['with a body that is no JSON', Buffer.from('frontage-3 json 9999999999999 2\n{]')],
    ['with a body that is none of V8', Buffer.from('frontage-3 v8 9999999999999 2\n{]')],
    ['without a length', Buffer.from('frontage-3 json 9999999999999\n{}')],
    ['empty', Buffer.alloc(0)],
    ['of another program', Buffer.from('*1\r\n$4\r\nPING\r\n')],
  ])('is not read from one %s', (_, bytes) => {
    expect(decodeRecord(bytes)).toBeUndefined();
  });

  it('never throws for any bytes', () => {
    const drawn = fc.oneof(
      fc.uint8Array(),
      fc.uint8Array().map((body) => Buffer.concat([Buffer.from(`frontage-3 v8 1 ${body.length}\n`), body])),
      fc.uint8Array().map((body) => Buffer.concat([Buffer.from(`frontage-3 json 1 ${body.length}\n`), body])),
    );
    fc.assert(fc.property(drawn, (bytes) => void decodeRecord(bytes)));
  });

  it('is not made of a value that no process could read', () => {
    expect(encodeRecord({ value: () => 1, expiresAt: 1 })).toBeUndefined();
    expect(encodeRecord({ value: { run: () => 1 }, expiresAt: 1 })).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { directivesOf } from './directives.js';
import type { CacheKind, Fields } from './fields.js';
import { whyNotStored } from './storable.js';
import { controlOf, termsOf } from './terms.js';
import { confirms, storedFields, updatedFields, validatorsOf } from './validation.js';

const judged = (fields: Fields, kind: CacheKind, status = 200, asked = '', isAuthorized = false): string => {
  const control = controlOf(fields, []);
  const directives = asked === '' ? undefined : directivesOf({ 'cache-control': asked });
  return whyNotStored(status, fields, control, termsOf(fields, control, kind, 0), kind, { directives, isAuthorized }) ?? 'stored'; // prettier-ignore
};

describe('a response (R2, RFC 9111 section 3)', () => {
  it.each([
    ['max-age=60', 'stored', 'stored'],
    ['max-age=60, private', 'private', 'stored'],
    ['max-age=60, private=""', 'private', 'stored'],
    ['max-age=60, private="set-cookie"', 'private', 'stored'],
    ['max-age=60, no-store', 'no-store', 'no-store'],
    ['max-age=60, no-store="x"', 'no-store', 'no-store'],
    ['max-age=60, private="', 'malformed', 'malformed'],
    ['max-age=60; private', 'malformed', 'malformed'],
    ['max-age=60, must-understand, no-store', 'stored', 'stored'],
    ['max-age=0', 'useless', 'useless'],
    ['no-cache', 'useless', 'useless'],
  ])('with %s is in a shared cache: %s, in a private one: %s', (control, shared, own) => {
    const fields = { 'cache-control': control };
    expect([judged(fields, 'shared'), judged(fields, 'private')]).toEqual([shared, own]);
  });

  it.each([
    ['max-age=60', 'authorization'],
    ['max-age=60, public', 'stored'],
    ['max-age=60, must-revalidate', 'stored'],
    ['s-maxage=60', 'stored'],
    ['max-age=60, public="x"', 'authorization'],
    ['max-age=60, s-maxage=x', 'authorization'],
  ])('to a request with Authorization and %s is in a shared cache: %s (section 3.5)', (control, shared) => {
    const fields = { 'cache-control': control };
    expect(judged(fields, 'shared', 200, '', true)).toBe(shared);
    expect(judged({ 'cache-control': 'max-age=60' }, 'private', 200, '', true)).toBe('stored');
  });

  it.each([
    [200, 'stored'],
    [204, 'stored'],
    [299, 'stored'],
    [206, 'status'],
    [304, 'status'],
    [404, 'status'],
    [500, 'status'],
  ])('of status %i is: %s', (status, result) => {
    expect(judged({ 'cache-control': 'max-age=60' }, 'private', status)).toBe(result);
  });

  it('whose status must be understood is stored if it is', () => {
    expect(judged({ 'cache-control': 'max-age=60, must-understand' }, 'private', 299)).toBe('status');
  });

  it('with a cookie is for one caller', () => {
    const fields = { 'cache-control': 'max-age=60, public', 'set-cookie': 'a=b' };
    expect([judged(fields, 'shared'), judged(fields, 'private')]).toEqual(['set-cookie', 'stored']);
  });

  it('that varies by anything, and one whose request says no-store, is not stored', () => {
    expect(judged({ 'cache-control': 'max-age=60', vary: ['accept', ', *'] }, 'private')).toBe('vary');
    expect(judged({ 'cache-control': 'max-age=60' }, 'private', 200, 'no-store')).toBe('request');
    expect(judged({ 'cache-control': 'max-age=60' }, 'private', 200, 'max-age=60;')).toBe('request');
  });

  it('that has to be validated at each use is stored with a validator', () => {
    expect(judged({ 'cache-control': 'no-cache', etag: '"a"' }, 'shared')).toBe('stored');
    expect(judged({ 'last-modified': 'Mon, 30 Nov 2026 00:00:00 GMT' }, 'shared')).toBe('stored');
    expect(judged({ etag: 'a' }, 'shared')).toBe('useless');
  });
});

describe('a validation (RFC 9111 section 4.3)', () => {
  const modified = 'Mon, 30 Nov 2026 00:00:00 GMT';

  it('names all validators that are written as they should', () => {
    expect(validatorsOf({ etag: 'W/"a"', 'last-modified': modified })).toEqual([
      'if-none-match',
      'W/"a"',
      'if-modified-since',
      modified,
    ]);
    expect(validatorsOf({ etag: ['"a"', '"b"'], 'last-modified': 'yesterday' })).toEqual([]);
  });

  it.each([
    [{ etag: '"a"' }, true],
    [{ etag: 'W/"a"' }, true],
    [{ etag: '"b"' }, false],
    [{}, true],
    [{ 'last-modified': modified }, true],
    [{ 'last-modified': 'Tue, 01 Dec 2026 00:00:00 GMT' }, false],
  ])('by a 304 with %j is about the stored response: %s', (fields: Fields, isSame) => {
    expect(confirms(fields, { etag: '"a"', 'last-modified': modified })).toBe(isSame);
  });

  it('puts the headers of a 304 in the place of the stored ones, but those about the bytes and the connection', () => {
    const stored = { a: '1', b: '1', age: '9', vary: 'x', 'content-length': '5', 'content-encoding': 'br' };
    const update = {
      b: ['2', '3'],
      vary: 'y',
      'content-length': '0',
      'content-encoding': 'gzip',
      connection: 'c',
      c: '1',
    };
    expect(updatedFields(stored, update)).toEqual({ ...stored, b: ['2', '3'], vary: 'y', age: undefined });
  });

  it('stores no header of the connection', () => {
    const fields = { connection: 'close, X', x: '1', 'keep-alive': '1', 'proxy-authenticate': 'Basic', y: '2' };
    expect(storedFields(fields)).toEqual({ y: '2' });
  });
});

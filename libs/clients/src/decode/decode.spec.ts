import { isInexact } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import type { ResponseSpec } from '@frontage/core';
import { compileDecoder } from './decode.js';
import { operation } from '../fixtures/operations.js';
import { retryAfterMs } from './retry-after.js';
import type { BigNumbers } from '../policy/upstream.options.js';

const jsonType = { 'content-type': 'application/json; charset=utf-8' };
const options = { bigNumbers: 'reject' as BigNumbers, wallTime: () => 0 };

function read(
  responses: ResponseSpec[],
  status: number,
  body = '',
  headers: Record<string, string> = jsonType,
  bigNumbers: BigNumbers = 'reject',
) {
  const decoder = compileDecoder(operation({ responses }), { ...options, bigNumbers });
  return decoder.decoderFor(status).decode(status, headers, Buffer.from(body));
}

const ok: ResponseSpec = { status: '200', media: 'application/json' };
const problem = (status: string): ResponseSpec => ({ status, media: 'application/problem+json' });
const problemType = { 'content-type': 'application/problem+json' };

describe('a success', () => {
  it('is read as it is declared', () => {
    expect(read([ok], 200, ' [1.5, null, "é"] ')).toEqual({ ok: true, value: [1.5, null, 'é'] });
    expect(read([{ status: '204' }], 204)).toEqual({ ok: true, value: undefined });
    expect(
      read([{ status: '2XX', media: 'application/hal+json' }], 203, '1', { 'content-type': 'application/json' }),
    ).toMatchObject({ ok: true });
    expect(read([{ status: 'default', media: 'application/json' }], 200, '1')).toMatchObject({ ok: true });
    expect(read([{ status: '200', media: 'text/plain' }], 200, 'hé', { 'content-type': 'text/plain' })).toEqual({
      ok: true,
      value: 'hé',
    });
    expect(read([{ status: '200', media: 'image/png' }], 200, 'x', { 'content-type': 'image/png' })).toEqual({
      ok: true,
      value: Buffer.from('x'),
    });
  });

  it('has no content with 204 and 205, also where the contract declares one', () => {
    expect(read([{ status: '204', media: 'application/json' }], 204, '', {})).toEqual({ ok: true, value: undefined });
    expect(read([{ status: '2XX', media: 'application/json' }], 205, '', {})).toEqual({ ok: true, value: undefined });
  });

  const none = { ok: true, value: undefined };
  const bodies = [
    ['application/json', '{"a":1}'],
    ['application/json', 'no JSON'],
    ['text/html', '<p>'],
  ] as const;

  it.each<[string, ResponseSpec[]]>([
    ['no response at all', []],
    ['one error', [{ status: '404' }]],
    ['errors with a body', [{ status: '400', media: 'application/json' }, problem('401')]],
    ['ranges of errors', [problem('4XX'), problem('5xx')]],
    ['a redirect and an error', [{ status: '302' }, problem('400')]],
    ['an interim response', [{ status: '100' }]],
  ])('is any 2xx, without a value, where the contract declares %s', (_, declared) => {
    for (const status of [200, 201, 202, 203, 206, 299])
      for (const [type, body] of bodies) expect(read(declared, status, body, { 'content-type': type })).toEqual(none);
    expect(read(declared, 200, '', {})).toEqual(none);
    for (const status of [204, 205]) expect(read(declared, status, '', {})).toEqual(none);
    for (const status of [302, 404, 500]) expect(read(declared, status)).toMatchObject({ ok: false });
  });

  it('is one that is declared where a range or a default beside the errors declares it', () => {
    expect(read([problem('404'), { status: '2xx', media: 'application/json' }], 201, '[1]')).toMatchObject({
      value: [1],
    });
    expect(read([problem('404'), { status: 'default', media: 'application/json' }], 201, '[1]')).toMatchObject({
      value: [1],
    });
    expect(read([problem('404'), { status: '204' }], 200, '[1]')).toMatchObject({ ok: false, made: true });
  });

  it('is not taken from a description of errors', () => {
    expect(read([ok, { status: 'default', media: 'application/json' }], 201, '1')).toMatchObject({
      status: 'bad_payload',
    });
  });
});

describe('a failure', () => {
  it.each<[number, ResponseSpec[], object]>([
    [404, [ok, problem('404')], { status: 'not_found', code: 'GW_NOT_FOUND' }],
    [404, [ok, problem('4XX')], { status: 'not_found' }],
    [404, [ok], { status: 'error', code: 'GW_UPSTREAM_FAILED' }],
    [404, [ok, problem('default')], { status: 'error' }],
    [401, [ok], { status: 'forbidden', code: 'GW_UPSTREAM_REFUSED' }],
    [403, [ok], { status: 'forbidden', code: 'GW_UPSTREAM_REFUSED' }],
    [408, [ok], { status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' }],
    [409, [ok], { status: 'error' }],
    [500, [ok], { status: 'error', code: 'GW_UPSTREAM_FAILED' }],
    [302, [ok], { status: 'error' }],
  ])('with status %i and %o', (status, responses, expected) => {
    expect(read(responses, status)).toMatchObject({ ok: false, upstreamStatus: status, ...expected });
  });

  it('carries its body where it is declared and is what was declared', () => {
    const declared = { status: 409, body: { title: 'taken' } };
    expect(read([ok, problem('409')], 409, '{"title":"taken"}', problemType)).toMatchObject({ declared });
    expect(read([ok, problem('409')], 409, '<html>', { 'content-type': 'text/html' })).not.toHaveProperty('declared');
    expect(read([ok], 409, '{"title":"taken"}', problemType)).not.toHaveProperty('declared');
  });

  it('says when to come back', () => {
    expect(read([ok], 503, '', { 'retry-after': '2' })).toMatchObject({ status: 'error', retryAfterMs: 2_000 });
    expect(read([ok], 500, '', { 'retry-after': '2' })).not.toHaveProperty('retryAfterMs');
  });
});

describe('Retry-After (F12)', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  it.each([
    ['0', 0],
    ['3', 3_000],
    ['99999999999999999999', 3_600_000],
    ['Thu, 01 Jan 2026 12:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2025 12:00:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2026', 2_026_000],
    ['2026-01-01T12:00:05Z', undefined],
    ['', undefined],
  ])('%j means %s', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });
});

describe('an integer that a number cannot hold (F9)', () => {
  it.each([
    ['{"a":9007199254740991}', true],
    ['{"a":9007199254740992}', false],
    ['[-9007199254740993]', false],
    ['12345678901234567890', false],
    ['{"a":"12345678901234567890"}', true],
    ['{"a":"id: 12345678901234567890"}', true],
    ['{"a":0.30000000000000004}', true],
    ['{"a":1763823456123456}', true],
    ['{"a":[52.520006600000002,1.10]}', true],
    ['{"a":[0.12345678901234567]}', false],
    ['[1, 12345678901234567890]', false],
  ])('%s passes: %s', (text, passes) => {
    expect(read([ok], 200, text).ok).toBe(passes);
  });

  it('is handed on as text where policy says so', () => {
    expect(read([ok], 200, '{"a":9007199254740993,"b":1.10,"c":1.00000000000000000001}', jsonType, 'text')).toEqual({
      ok: true,
      value: { a: '9007199254740993', b: 1.1, c: '1.00000000000000000001' },
    });
  });

  it.each([
    ['1e400', false],
    ['{"a":[1,-1.5E+309]}', false],
    ['{"a":1e-400}', false],
    [`[${'9'.repeat(400)}]`, false],
    [`[0.${'0'.repeat(400)}1]`, false],
    ['{"a":1e308,"b":0e999,"c":5e-324,"d":-0.0}', true],
    ['{"a":"1e400","b":"0-1e400"}', true],
    ['{"a":"550e8400-e29b-41d4-a716-446655440000"}', true],
  ])('is one beyond the range of a double too: %s passes: %s', (text, passes) => {
    expect(read([ok], 200, text).ok).toBe(passes);
  });

  it.each(['{"a":9007199254740993,"b":{"c":[1e400]},"d":1}', '[0,{"b":1e-400}]'])(
    'harms nothing in %s for a caller that judges what it reads',
    (text) => {
      const decoder = compileDecoder(operation({ responses: [ok] }), { ...options, bigNumbers: 'judge_when_read' });
      const outcome = decoder.decoderFor(200).decode(200, jsonType, Buffer.from(text));
      expect(outcome.ok && isInexact(outcome.value)).toBe(true);
      expect(() => JSON.stringify(outcome)).toThrow('Invalid upstream response');
    },
  );
});

import { channels, SchemaTable, type LenientSuccess, type OperationInfo, type ResponseSpec } from '@frontage/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operation } from '../fixtures/operations.js';
import type { Leniency } from '../policy/upstream.options.js';
import { compileDecoder } from './decode.js';
import { lenienceOf } from './lenience.js';

const components: Readonly<Record<string, unknown>> = {
  Tag: { type: 'object', properties: { ok: { type: 'boolean' } } },
  MaybeTag: { anyOf: [{ $ref: '#/components/schemas/Tag' }, { type: 'null' }] },
  Alias: { allOf: [{ $ref: '#/components/schemas/Tag' }, { description: 'the same' }] },
  Untyped: { properties: { ok: true } },
  Tags: { type: 'array', items: { $ref: '#/components/schemas/Tag' } },
  Count: { type: 'integer' },
  Word: { enum: ['on', 'off', null] },
  Anything: {},
  Loop: { oneOf: [{ $ref: '#/components/schemas/Loop' }, { type: 'array' }] },
};
const schemas = new SchemaTable(Object.entries(components).map(([name, schema]) => [name, JSON.stringify(schema)]));
const contract = { upstream: 'tags', title: 'Tags', version: '1', schemas };

const counted: string[] = [];
const count = (event: unknown): void => void counted.push((event as LenientSuccess).kind);
beforeEach(() => {
  counted.length = 0;
  channels.lenientSuccess.subscribe(count);
});
afterEach(() => {
  channels.lenientSuccess.unsubscribe(count);
});

interface Response {
  readonly status?: number;
  readonly type?: string | undefined;
  readonly body?: string | Buffer;
}

function read(
  lenient: readonly Leniency[],
  responses: readonly ResponseSpec[],
  { status = 200, type = 'application/json', body = '' }: Response,
  method: OperationInfo['method'] = 'GET',
) {
  const info = operation({ contract, responses, method });
  const decoder = compileDecoder(info, {
    bigNumbers: 'reject',
    wallTime: () => 0,
    lenience: lenienceOf(info, lenient),
  });
  const headers = type === '' ? {} : { 'content-type': type };
  return decoder.decoderFor(status).decode(status, headers, Buffer.from(body));
}

const json = (schema?: string, status = '200'): ResponseSpec[] => [
  { status, media: 'application/json', ...(schema !== undefined && { schema }) },
];
const none = { ok: true, value: undefined };

describe('a success without content, where content is declared', () => {
  it.each<[string | undefined, unknown]>([
    ['Tag', {}],
    ['Alias', {}],
    ['Untyped', {}],
    ['MaybeTag', null],
    ['Word', null],
    ['Tags', []],
    ['Loop', []],
    ['Anything', undefined],
    [undefined, undefined],
  ])('of the schema %s has the value %j, and is counted', (schema, value) => {
    for (const response of [{}, { status: 204, type: '' }, { type: '' }, { body: '\r\n' }])
      expect(read(['empty'], json(schema), response)).toEqual({ ok: true, value });
    expect(counted).toEqual(['empty', 'empty', 'empty', 'empty']);
  });

  it('fails a read of a value that cannot be empty, and is the success of a change', () => {
    expect(read(['empty'], json('Count'), {})).toMatchObject({ status: 'bad_payload' });
    expect(read(['empty'], json('Count'), {}, 'POST')).toEqual(none);
  });

  it('has the empty value of its media type', () => {
    const of = (media: string) => read(['empty'], [{ status: '200', media }], { type: '' });
    expect(of('text/plain')).toEqual({ ok: true, value: '' });
    expect(of('application/x-ndjson')).toEqual({ ok: true, value: [] });
    expect(of('image/png')).toEqual({ ok: true, value: Buffer.alloc(0) });
  });

  it('has no value where another success of the contract has none', () => {
    expect(read(['empty'], [...json('Tag'), { status: '204' }], {})).toEqual(none);
  });

  it('fails without the policy, says that a change was made, and how to accept it', () => {
    for (const response of [{}, { status: 204, type: '' }]) {
      const outcome = read(['status', 'contentType'], json('Tag'), response, 'POST');
      expect(outcome).toMatchObject({ ok: false, status: 'bad_payload', made: true });
      expect(outcome).toMatchObject({ detail: expect.stringContaining('lenient: [empty]') as unknown });
    }
    expect(counted).toEqual([]);
  });
});

describe('a success with a status that is not declared', () => {
  it.each([201, 202, 203, 206, 299])('%i is read like the declared one, and counted', (status) => {
    expect(read(['status'], json('Tag'), { status, body: '{"ok":true}' })).toEqual({ ok: true, value: { ok: true } });
    expect(counted).toEqual(['status']);
  });

  it('has no value where no success is declared, or the declared one has none', () => {
    expect(read(['status'], [{ status: '204' }], { status: 200, body: '{}' })).toEqual(none);
    expect(read(['status'], json('Tag', '404'), { status: 200, body: '{}' })).toEqual(none);
  });

  it('is not read by the description of errors', () => {
    const responses = [...json('Tag'), { status: 'default', media: 'text/plain' }];
    expect(read(['status'], responses, { status: 201, body: '{}' })).toEqual({ ok: true, value: {} });
  });

  it('still needs what else it departs in', () => {
    expect(read(['status'], json('Tag'), { status: 201 })).toMatchObject({ ok: false, made: true });
    expect(read(['status', 'empty'], json('Tag'), { status: 201 })).toEqual({ ok: true, value: {} });
    expect(counted).toEqual(['empty', 'status']);
  });

  it('fails without the policy, and says that a change was made', () => {
    const outcome = read(['empty', 'contentType'], json('Tag'), { status: 201, body: '{}' }, 'POST');
    expect(outcome).toMatchObject({ ok: false, status: 'bad_payload', upstreamStatus: 201, made: true });
  });

  it.each(['2XX', '2xx', 'default'])('is declared by %s', (range) => {
    for (const status of [200, 201, 206])
      expect(read([], json('Tag', range), { status, body: '{}' })).toEqual({ ok: true, value: {} });
    expect(read([], json('Tag', range), { status: 204, type: '' })).toEqual({ ok: true, value: {} });
    expect(counted).toEqual([]);
  });
});

describe('a success with another content type', () => {
  it.each(['text/html', 'text/plain; charset=utf-8', 'application/octet-stream', ''])(
    'or none (%j) is read where its body is JSON, and counted',
    (type) => {
      expect(read(['contentType'], json('Tag'), { type, body: '{"ok":true}' })).toEqual({
        ok: true,
        value: { ok: true },
      });
      expect(counted).toEqual(['contentType']);
    },
  );

  it('fails where its body is something else: the page of a proxy is no response', () => {
    const outcome = read(
      ['contentType', 'empty', 'status'],
      json('Tag'),
      { type: 'text/html', body: '<html>' },
      'POST',
    );
    expect(outcome).toMatchObject({ ok: false, status: 'bad_payload' });
    expect(outcome).not.toHaveProperty('made');
    expect(counted).toEqual([]);
  });

  it('is read in the declared form that it has', () => {
    const responses = [
      { status: '200', media: 'text/csv' },
      { status: '200', media: 'application/json' },
    ];
    expect(read(['contentType'], responses, { type: '', body: '[1]' })).toEqual({ ok: true, value: [1] });
    expect(read(['contentType'], responses, { type: '', body: 'a;b' })).toEqual({ ok: true, value: 'a;b' });
  });

  it('fails without the policy; the detail names it only where it would help', () => {
    const details = ['{}', '<html>'].map((body) => read(['empty'], json('Tag'), { type: 'text/html', body }));
    expect(details[0]).toMatchObject({ detail: expect.stringContaining('lenient: [contentType]') as unknown });
    expect(details[1]).toMatchObject({ detail: expect.not.stringContaining('lenient') as unknown });
  });
});

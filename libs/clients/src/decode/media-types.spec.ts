import { describe, expect, it } from 'vitest';
import type { ResponseSpec } from '@frontage/core';
import { operation } from '../fixtures/operations.js';
import { compileDecoder } from './decode.js';

interface Response {
  readonly type?: string | undefined;
  readonly body: string | Buffer;
}

function read(specs: readonly Omit<ResponseSpec, 'status'>[], { type, body }: Response) {
  const responses = specs.map((spec) => ({ status: '200', ...spec }));
  const checked: string[] = [];
  const decoder = compileDecoder(operation({ responses }), {
    bigNumbers: 'reject',
    wallTime: () => 0,
    check: (schema) => void checked.push(schema),
  });
  const headers = type === undefined ? {} : { 'content-type': type };
  const outcome = decoder.decoderFor(200).decode(200, headers, Buffer.from(body));
  return { value: outcome.ok ? outcome.value : outcome.detail, schema: checked[0] };
}

describe('a response of JSON', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;v=1',
    'application/json; charset=iso-8859-1',
    'application/json; charset="utf-16"; odata.metadata=minimal',
    'text/json',
    'application/x-json',
    'application/problem+json',
    'application/vnd.shop.v2+json',
  ])('is read whatever its type of JSON and its parameters are: %s', (type) => {
    expect(read([{ media: 'application/json' }], { type, body: '{"a":"é"}' }).value).toEqual({ a: 'é' });
    expect(read([{ media: type }], { type: 'application/json', body: '[1]' }).value).toEqual([1]);
  });

  it('is held against the schema of exactly its type, where several are declared', () => {
    const specs = [
      { media: 'application/vnd.shop.v1+json', schema: 'V1' },
      { media: 'application/vnd.shop.v2+json', schema: 'V2' },
      { media: 'application/json; v=3', schema: 'V3' },
    ];
    const schemaOf = (type: string) => read(specs, { type, body: '{}' }).schema;
    expect(schemaOf('application/vnd.shop.v2+json; charset=utf-8')).toBe('V2');
    expect(schemaOf('application/vnd.shop.V1+JSON')).toBe('V1');
    expect(schemaOf('application/json;v=3')).toBe('V3');
    expect(schemaOf('application/json')).toBe('V3');
    expect(schemaOf('application/hal+json')).toBe('V1');
  });

  it('is taken under each content type that is declared for the same content, and where any is, without one', () => {
    const plain = [{ media: 'application/json', also: ['text/plain'] }];
    expect(read(plain, { type: 'text/plain; charset=utf-8', body: '{"a":1}' }).value).toEqual({ a: 1 });
    expect(read(plain, { type: 'text/html', body: '{"a":1}' }).value).toContain('has content type text/html');
    const any = [{ media: 'application/json', also: ['*/*'] }];
    for (const type of ['application/octet-stream', 'text/html', undefined])
      expect(read(any, { type, body: '{"a":1}' }).value).toEqual({ a: 1 });
    expect(read(any, { type: 'text/html', body: '<html>' }).value).toBe('is not JSON');
  });
});

describe('a response of text', () => {
  it('is decoded by the charset that it names', () => {
    const text = [{ media: 'text/plain' }];
    expect(read(text, { type: 'text/plain; charset=ISO-8859-1', body: Buffer.from([0xe9]) }).value).toBe('é');
    expect(read(text, { type: 'text/plain', body: Buffer.from([0xe9]) }).value).toBe('is not UTF-8');
    expect(read(text, { type: 'text/plain; charset=utf-16le', body: Buffer.from('hé', 'utf16le') }).value).toBe('hé');
    expect(read(text, { type: 'text/plain; charset=klingon', body: 'x' }).value).toContain('klingon');
    expect(read(text, { type: 'TEXT/PLAIN;format=flowed', body: 'x' }).value).toBe('x');
  });

  it('is taken with each suffix that a range covers', () => {
    const xml = [{ media: 'application/xml', also: ['application/*+xml'] }];
    expect(read(xml, { type: 'application/soap+xml', body: '<a/>' }).value).toBe('<a/>');
    expect(read(xml, { type: 'application/soap+json', body: '{}' }).value).toContain('has content type');
  });

  it('of any content type is the text, and the text in a JSON string', () => {
    const any = [{ media: 'text/plain', also: ['*/*'] }];
    for (const type of ['text/plain', 'text/html', 'application/json', 'application/octet-stream', undefined])
      expect(read(any, { type, body: 'hello' }).value).toBe('hello');
    expect(read(any, { type: 'application/json', body: '"hello"' }).value).toBe('hello');
    expect(read(any, { type: 'application/json', body: '12' }).value).toBe('12');
  });
});

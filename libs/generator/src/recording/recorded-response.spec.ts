import { describe, expect, it } from 'vitest';
import { fileNameOf, recordedResponse, type ReceivedResponse } from './recorded-response.js';

const received = (body: string | Uint8Array, more: Partial<ReceivedResponse> = {}): ReceivedResponse => ({
  method: 'GET',
  target: '/orders/o-1?expand=all',
  requestBody: new Uint8Array(),
  status: 200,
  headers: new Headers({ 'content-type': 'application/json; charset=utf-8', 'set-cookie': 'sid=1', etag: '"1"' }),
  body: Buffer.from(body),
  ...more,
});

describe('a recorded response', () => {
  it('keeps what a plan reads, and no cookie', () => {
    expect(recordedResponse(received('{"id":"o-1","total":4.5,"open":true,"note":null,"lines":[]}'))).toEqual({
      request: { method: 'GET', target: '/orders/o-1?expand=all' },
      response: {
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8', etag: '"1"' },
        body: { id: 'o-1', total: 4.5, open: true, note: null, lines: [] },
      },
    });
  });

  it('holds no secret and no address of a person, and each value keeps its type', () => {
    const body = {
      user: { email: 'ada@lovelace.org', password: 'correct horse', pin: 123456, name: 'Ada' },
      tokens: ['abcdefgh12345678'],
      secret: { value: 'hidden one', parts: ['hidden two'], size: 3 },
      note: 'call with Bearer abcdefghijk.lmnop',
      jwt: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2ln',
    };
    const made = recordedResponse(
      received(JSON.stringify(body), { target: '/users?api_key=sk_live_abcdefghijklmnop&page=2' }),
    );
    expect(made?.request.target).toBe('/users?api_key=[redacted]&page=2');
    const text = JSON.stringify(made);
    for (const secret of ['lovelace', 'horse', 'abcdefgh', 'eyJ', 'sk_live', '123456', 'hidden'])
      expect(text).not.toContain(secret);
    expect(made?.response.body).toMatchObject({
      user: { email: 'redacted@example.com', password: '[redacted]', pin: 0, name: 'Ada' },
    });
  });

  it('loses no digit, and takes a text that is no JSON as it is', () => {
    expect(recordedResponse(received('{"id":9007199254740993,"token":"abcdefgh12345678"}'))?.response).toMatchObject({
      bodyText: '{"id":9007199254740993,"token":"[redacted]"}',
    });
    const headers = new Headers({ 'content-type': 'text/plain' });
    expect(recordedResponse(received('hello', { headers }))?.response).toMatchObject({ bodyText: 'hello' });
    expect(recordedResponse(received('{oops'))?.response).toMatchObject({ bodyText: '{oops' });
  });

  it('is none for bytes that are no text, and has no body where there was none', () => {
    expect(recordedResponse(received(new Uint8Array([0xff, 0xd8, 0x00])))).toBeUndefined();
    expect(recordedResponse(received(new Uint8Array(), { status: 204 }))?.response).toEqual({
      status: 204,
      headers: expect.any(Object),
    });
  });

  it('has one file per request: method, target and body', () => {
    const name = (more: Partial<ReceivedResponse>): string => {
      const made = recordedResponse(received('{}', more));
      return made === undefined ? '' : fileNameOf(made.request);
    };
    const names = [
      name({}),
      name({ target: '/orders/o-1' }),
      name({ method: 'POST' }),
      name({ method: 'POST', requestBody: Buffer.from('{"a":1}') }),
      name({ target: '/../../etc/passwd' }),
      name({ target: `/${'x'.repeat(5000)}` }),
      name({ target: '/' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const each of names) expect(each).toMatch(/^[A-Z]+[\w.-]{0,70}-[0-9a-f]{8}\.json$/);
    expect(name({})).toBe(name({}));
  });
});

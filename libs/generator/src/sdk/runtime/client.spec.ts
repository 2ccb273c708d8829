import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sender } from './client.js';
import type { CallOptions, ClientOptions, Fetch, Input, Operation } from './types.js';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON unless it is a text. */
  readonly body?: unknown;
}

type Sent = { readonly url: string } & Parameters<Fetch>[1];

let sent: Sent[] = [];
beforeEach(() => {
  sent = [];
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
});
afterEach(() => vi.useRealTimers());

/** A server that gives these answers one after another, and then none. */
function serverOf(...answers: readonly Answer[]): Fetch {
  const left = [...answers];
  return (url, init) => {
    sent.push({ url, ...init });
    const answer = left.shift();
    if (answer === undefined)
      return new Promise((_, reject) => {
        init.signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    const { status = 200, body, headers } = answer;
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    const type = status < 300 ? 'application/json' : 'application/problem+json';
    return Promise.resolve(
      new Response(status === 204 ? null : text, { status, headers: { 'content-type': type, ...headers } }),
    );
  };
}

const home: Operation = { method: 'GET', path: '/home', codes: 'GW_RATE_LIMITED GW_OVERLOADED' };
const problem = (status: number, code: string): object => ({
  type: 'about:blank',
  title: 'No',
  status,
  code,
  requestId: 'r-1',
});

interface Call {
  readonly operation?: Partial<Operation>;
  readonly input?: Input;
  readonly options?: CallOptions;
  readonly settings?: Partial<ClientOptions>;
}

function call(fetch: Fetch, { operation, input = {}, options, settings }: Call = {}) {
  const send = sender({ baseUrl: 'https://bff.test', fetch, ...settings });
  return send<unknown, unknown, unknown>({ ...home, ...operation }, input, options);
}

describe('the result of a request', () => {
  it('is complete: a null and an absent member stay what they are', async () => {
    const result = await call(serverOf({ body: { name: 'Ada', note: null } }));
    expect(result).toMatchObject({ kind: 'complete', status: 200, data: { name: 'Ada', note: null } });
  });

  it('is partial where parts are missing, without the member that names them', async () => {
    const parts = { banners: { status: 'timeout', source: 'fallback' } };
    const result = await call(serverOf({ body: { banners: [], _parts: parts } }));
    expect(result).toMatchObject({ kind: 'partial', partialData: { banners: [] }, missing: parts });
    expect(result).not.toHaveProperty('data');
    expect('partialData' in result && result.partialData).toEqual({ banners: [] });
  });

  it('is partial where a header names the parts, because the root is a list', async () => {
    const field =
      'banners=timeout;source=fallback, related_items=error;source=last_good;age-ms=1500, pages=error;source=none;from=20, parcels=(3;status=error "a, b)\\"c";status=not_found %"f%c3%bc";status=shed)';
    const result = await call(serverOf({ body: [1], headers: { 'frontage-parts': field } }));
    expect(result).toMatchObject({
      kind: 'partial',
      partialData: [1],
      missing: {
        banners: { status: 'timeout', source: 'fallback' },
        related_items: { status: 'error', source: 'last_good', ageMs: 1500 },
        pages: { status: 'error', source: 'none', from: 20 },
        parcels: { items: { '3': 'error', 'a, b)"c': 'not_found', fü: 'shed' } },
      },
    });
  });

  it('is a problem where the document lists its code', async () => {
    const body = problem(503, 'GW_OVERLOADED');
    const result = await call(serverOf({ status: 503, body, headers: { 'retry-after': '60' } }));
    expect(result).toMatchObject({ kind: 'problem', status: 503, problem: body, retryAfterMs: 60_000 });
  });

  it('is a failure that has the problem where the document does not list its code', async () => {
    const body = problem(409, 'of_tomorrow');
    expect(await call(serverOf({ status: 409, body }))).toEqual({ kind: 'failed', reason: 'unlisted', error: body });
  });

  it.each([
    ['a page of HTML with status 200', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['a page of HTML with status 502', { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['JSON that is cut', { body: '{"name":' }],
    ['JSON that is no problem', { status: 500, body: { error: 'x' } }],
    ['nothing, with status 500', { status: 500, headers: { 'content-type': 'text/plain' } }],
  ])('is a failure where something else responds: %s', async (_, answer) => {
    expect(await call(serverOf(answer))).toMatchObject({ kind: 'failed', reason: 'invalid' });
  });

  it('is a text where the operation has one, and undefined where there is no content', async () => {
    const page = { body: '<html>', headers: { 'content-type': 'text/html' } };
    expect(await call(serverOf(page), { operation: { takesText: true } })).toMatchObject({ data: '<html>' });
    expect(await call(serverOf({ status: 204 }))).toMatchObject({ kind: 'complete', status: 204, data: undefined });
  });

  it('is a failure where no connection is made', async () => {
    const error = new TypeError('fetch failed');
    expect(await call(() => Promise.reject(error))).toEqual({ kind: 'failed', reason: 'network', error });
  });
});

describe('the end of a request', () => {
  it('is its deadline, which no slow part of it prolongs', async () => {
    const hanging = () => new Promise<Record<string, string>>(() => undefined);
    const pending = [
      call(serverOf(), { options: { deadlineMs: 300 } }),
      call(serverOf(), { options: { deadlineMs: 300 }, settings: { headers: hanging } }),
      call(() => new Promise(() => undefined), { settings: { deadlineMs: 300 } }),
    ];
    await vi.advanceTimersByTimeAsync(299);
    expect(await Promise.race([...pending, Promise.resolve('none yet')])).toBe('none yet');
    await vi.advanceTimersByTimeAsync(1);
    for (const result of await Promise.all(pending))
      expect(result).toMatchObject({ kind: 'failed', reason: 'deadline' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is an abort of the caller, which reaches the platform', async () => {
    const aborter = new AbortController();
    const pending = call(serverOf(), { options: { signal: aborter.signal } });
    await vi.advanceTimersByTimeAsync(10);
    aborter.abort();
    expect(await pending).toMatchObject({ kind: 'failed', reason: 'aborted' });
    expect(sent[0]?.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('comes before the request where the caller has aborted already', async () => {
    const result = await call(serverOf({ body: {} }), { options: { signal: AbortSignal.abort() } });
    expect(result).toMatchObject({ kind: 'failed', reason: 'aborted' });
    expect(sent).toEqual([]);
  });

  it('leaves no listener on a signal that lives on', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await call(serverOf({ body: {} }), { options: { signal } });
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe('a request that the BFF puts off', () => {
  const busy = (status: number, after: string): Answer => ({
    status,
    body: problem(status, 'GW_RATE_LIMITED'),
    headers: { 'retry-after': after },
  });

  it.each([
    ['seconds', 429, '2'],
    ['a date', 503, 'Mon, 30 Nov 2026 12:00:02 GMT'],
  ])('is sent again after the time that it says: %s', async (_, status, after) => {
    const pending = call(serverOf(busy(status, after), { body: { name: 'Ada' } }));
    await vi.advanceTimersByTimeAsync(1999);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await pending).toMatchObject({ kind: 'complete' });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['its deadline comes before', '10', {}],
    ['one attempt is allowed', '1', { options: { attempts: 1 } }],
    ['it is a write without a key', '1', { operation: { method: 'POST' } }],
    ['the time is no time', 'soon', {}],
  ] satisfies readonly (readonly [string, string, Call])[])('is not sent again where %s', async (_, after, how) => {
    expect(await call(serverOf(busy(503, after)), how)).toMatchObject({ kind: 'problem', status: 503 });
    expect(sent).toHaveLength(1);
  });

  it('is sent again with its filter where it is a QUERY', async () => {
    const pending = call(serverOf(busy(503, '1'), { body: {} }), {
      operation: { method: 'QUERY' },
      input: { body: { ids: ['a'] } },
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await pending).toMatchObject({ kind: 'complete' });
    expect(sent.map(({ method, body }) => [method, body])).toEqual([
      ['QUERY', '{"ids":["a"]}'],
      ['QUERY', '{"ids":["a"]}'],
    ]);
  });

  it('has the same key in each attempt where it is a write with one', async () => {
    const pending = call(serverOf(busy(503, '1'), busy(503, '1'), { status: 201, body: {} }), {
      operation: { method: 'POST' },
      input: { body: { sku: 'a' } },
      options: { idempotencyKey: 'k-1', attempts: 3 },
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(await pending).toMatchObject({ kind: 'complete', status: 201 });
    expect(sent.map(({ headers }) => headers['idempotency-key'])).toEqual(['k-1', 'k-1', 'k-1']);
  });

  it('ends at once where the caller aborts while it waits', async () => {
    const aborter = new AbortController();
    const pending = call(serverOf(busy(503, '5')), { options: { signal: aborter.signal } });
    await vi.advanceTimersByTimeAsync(1000);
    aborter.abort();
    expect(await pending).toMatchObject({ kind: 'failed', reason: 'aborted' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a request', () => {
  const urlOf = async (input: Input, operation: Partial<Operation> = {}): Promise<string | undefined> => {
    await call(serverOf({ body: {} }), { input, operation });
    return sent.at(-1)?.url.slice('https://bff.test'.length);
  };

  it('has the values of its path encoded', async () => {
    expect(await urlOf({ path: { id: 'a/b ?', ids: [1, 2] } }, { path: '/orders/{id}/{ids}' })).toBe(
      '/orders/a%2Fb%20%3F/1,2',
    );
  });

  it('leaves out what is undefined', async () => {
    expect(await urlOf({ query: { limit: undefined, cursor: 'x' } })).toBe('/home?cursor=x');
    expect(await urlOf({ query: { limit: undefined } })).toBe('/home');
  });

  it.each([
    [undefined, 'a=1&a=2%2C3'],
    ['comma', 'a=1,2%2C3'],
    ['space', 'a=1%202%2C3'],
    ['pipe', 'a=1%7C2%2C3'],
    ['json', 'a=%5B%221%22%2C%222%2C3%22%5D'],
  ] as const)('writes a list in the style %s', async (style, query) => {
    const styles = style && { a: style };
    expect(await urlOf({ query: { a: ['1', '2,3'] } }, styles && { styles })).toBe(`/home?${query}`);
  });

  it.each([
    [undefined, 'b=1&c=x'],
    ['comma', 'a=b,1,c,x'],
    ['deep', 'a%5Bb%5D=1&a%5Bc%5D=x'],
  ] as const)('writes an object in the style %s', async (style, query) => {
    const styles = style && { a: style };
    expect(await urlOf({ query: { a: { b: 1, c: 'x' } } }, styles && { styles })).toBe(`/home?${query}`);
  });

  it('has its fields: of the operation, of the client and of the call', async () => {
    await call(serverOf({ body: {} }), {
      input: { header: { 'X-Tags': ['a', 'b'] } },
      settings: { headers: () => Promise.resolve({ authorization: 'Bearer t' }), credentials: 'include' },
      options: { headers: { 'accept-language': 'de' } },
    });
    expect(sent[0]).toMatchObject({
      credentials: 'include',
      headers: { 'X-Tags': 'a,b', authorization: 'Bearer t', 'accept-language': 'de' },
    });
  });

  it.each([
    ['JSON', {}, { a: [1] }, '{"a":[1]}', 'application/json'],
    [
      'JSON of another type',
      { media: 'application/merge-patch+json' },
      { a: null },
      '{"a":null}',
      'application/merge-patch+json',
    ],
    ['a form', { body: 'form' }, { a: [1, 2], b: 'x y' }, 'a=1&a=2&b=x%20y', 'application/x-www-form-urlencoded'],
    ['text', { body: 'raw', media: 'text/plain' }, 'hello', 'hello', 'text/plain'],
  ] satisfies readonly (readonly [string, Partial<Operation>, unknown, string, string])[])(
    'has a body: %s',
    async (_, operation, body, text, type) => {
      await call(serverOf({ body: {} }), { operation: { method: 'POST', ...operation }, input: { body } });
      expect(sent[0]).toMatchObject({ body: text, headers: { 'content-type': type } });
    },
  );

  it('has a form with files, whose media type the platform writes', async () => {
    const body = { title: 'Cat', photo: new Blob(['x']), tags: ['a', 'b'], size: { w: 1 } };
    await call(serverOf({ body: {} }), { operation: { method: 'POST', body: 'multipart' }, input: { body } });
    const form = sent[0]?.body;
    expect(form instanceof FormData && [...form.keys()]).toEqual(['title', 'photo', 'tags', 'tags', 'size']);
    expect(form instanceof FormData && form.get('size')).toBe('{"w":1}');
    expect(sent[0]?.headers).not.toHaveProperty('content-type');
  });
});

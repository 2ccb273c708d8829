import { describe, expect, it } from 'vitest';
import { mockFetch, mockOf, mockResponse, type MockScreen } from './mocks.js';

const screen = (path: string, rest: Partial<MockScreen> = {}): MockScreen => ({
  method: 'GET',
  path,
  complete: { status: 200, body: { at: path } },
  parts: {},
  problems: {},
  ...rest,
});

const parts = {
  banners: {
    status: 200,
    body: {
      text: 'error',
      _parts: { banners: { status: 'error', source: 'none' }, ads: { status: 'skipped', source: 'none' } },
    },
  },
  items: { status: 200, body: { _parts: { items: { items: { 0: 'error', 3: 'error' } } } } },
  list: { status: 200, headers: { 'frontage-parts': 'list=error;source=none' }, body: [1] },
};
const home = screen('/home', {
  parts,
  problems: { 'profile=error': { status: 502, body: { code: 'GW_UPSTREAM_FAILED' } } },
});

const bodyOf = (scenario: string): unknown => JSON.parse(mockResponse(home, scenario).body);

describe('a mock of a screen', () => {
  it('has the reason that is asked for, in the report of this part alone', () => {
    expect(bodyOf('banners=shed')).toEqual({
      text: 'error',
      _parts: { banners: { status: 'shed', source: 'none' }, ads: { status: 'skipped', source: 'none' } },
    });
    expect(bodyOf('items=timeout')).toEqual({ _parts: { items: { items: { 0: 'timeout', 3: 'timeout' } } } });
    expect(mockResponse(home, 'list=not_found').headers).toMatchObject({
      'frontage-parts': 'list=not_found;source=none',
    });
  });

  it('is the problem of a part that the screen needs', () => {
    expect(mockResponse(home, 'profile=error')).toMatchObject({
      status: 502,
      headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    });
  });

  it.each(['profile=timeout', 'nothing', 'constructor=error', 'toString'])(
    'refuses a state that it does not have: %s',
    (scenario) => {
      expect(() => mockResponse(home, scenario)).toThrow(`GET /home has no state ${scenario}`);
    },
  );
});

describe('the mock of a request', () => {
  const mocks = {
    home,
    one: screen('/orders/{id}'),
    open: screen('/orders/open'),
    add: screen('/orders', { method: 'POST' }),
  };
  const at = (method: string, url: string, scenario: string | null = null): unknown => {
    const found = mockOf(mocks, { home: 'items=error' }, { method, url, scenario });
    return found && JSON.parse(found.body);
  };

  it.each([
    ['GET', '/orders/o-1', { at: '/orders/{id}' }],
    ['GET', 'https://bff.test/api/orders/open?x=/home', { at: '/orders/open' }],
    ['GET', 'https://bff.test/orders/o-1/#top', { at: '/orders/{id}' }],
    ['POST', '/orders', { at: '/orders' }],
    ['DELETE', '/orders', undefined],
    ['GET', '/orders', undefined],
  ])('is found by method and path: %s %s', (method, url, body) => {
    expect(at(method, url)).toEqual(body);
  });

  it('has the state of the request, else that of the test', () => {
    expect(at('GET', '/home')).toHaveProperty('_parts.items');
    expect(at('GET', '/home', 'complete')).toEqual({ at: '/home' });
  });

  it('comes from a fetch that takes what the platform takes', async () => {
    const fetch = mockFetch(mocks, {});
    const headers = { 'X-Frontage-Scenario': 'profile=error' };
    expect((await fetch(new Request('https://bff.test/home', { headers }))).status).toBe(502);
    expect((await fetch(new URL('https://bff.test/home'), { headers })).status).toBe(502);
    expect(await (await fetch('/orders', { method: 'post' })).json()).toEqual({ at: '/orders' });
    await expect(fetch('/home', { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    await expect(fetch('/other')).rejects.toThrow('there is no mock for GET /other');
  });
});

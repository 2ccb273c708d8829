import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createGateway, type Gateway } from '../create-gateway.js';
import { policyFile, policyText, specModule } from '../fixtures/gateway-under-test.js';
import { addItem, getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';
import { pageTerms } from './page-terms.js';

const itemScreen = screen(
  plan('spec.item', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 900 }, ({ path }) => {
    const item = required(getItem, { path: { id: path.id } });
    const other = optional(getItem, { path: { id: item.name } });
    return { item, other };
  }),
  ({ item, other }) => ({ ...pick(item, 'id', 'name'), other: orNull(pick(other, 'name')) }),
);
const addScreen = screen(
  plan('spec.add', { input: { body: z.object({ name: z.string() }) }, deadlineMs: 900 }, ({ body }) => ({
    item: write(addItem, { body: { name: body.name } }),
  })),
  ({ item }) => pick(item, 'id'),
);

@Controller('items')
@Public()
class ItemController {
  @Get(':id')
  @Screen(itemScreen)
  show(@Param() path: object) {
    return { path };
  }
  @Post()
  @Screen(addScreen)
  add(@Body() body: object) {
    return { body };
  }
  @Get()
  written(): object {
    return { words: ['by hand'] };
  }
}

const policy = 'upstreamDefaults: { timeout: 700ms, breaker: {} }\nlimits: { maxInFlight: 90 }\n';
const upstreams =
  "  shop: { urls: ['${SHOP_URL}'], lenient: [status], cache: { getItem: { ttl: 1m, scope: public } } }";

let shop: RawServer;
let gateway: Gateway;
let url = '';
let adminUrl = '';
beforeAll(async () => {
  shop = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'Lamp' }));
  const file = policyFile(policyText({ policy, upstreams }));
  const loaded = loadConfig(file, { env: { SHOP_URL: shop.url }, environment: 'test' });
  gateway = createGateway(specModule({ controllers: [ItemController] }), { loaded, developerPage: {} });
  ({ url, adminUrl = '' } = await gateway.start());
});
afterAll(async () => {
  await gateway?.close();
  await shop?.stop();
});
afterEach(() => vi.unstubAllEnvs());

interface State {
  readonly app: string;
  readonly requests: readonly {
    readonly id: number;
    readonly path: string;
    readonly status: number;
    readonly replayOf?: number;
    readonly rows: readonly object[];
  }[];
  readonly upstreams: readonly object[];
}

async function read<T>(path: string): Promise<T> {
  const response = await fetch(`${adminUrl}/developer/${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${adminUrl}/developer/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** Sends a request to the app, and gives back its record once the page has it. */
async function recordOf(path: string, init?: RequestInit): Promise<State['requests'][number]> {
  const { boot, requests } = await read<State & { readonly boot: string }>('state');
  const events = await fetch(`${adminUrl}/developer/events?after=${boot}.${requests[0]?.id ?? 0}`);
  const reader = (events.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  await (await fetch(url + path, init)).arrayBuffer();
  let text = '';
  for (;;) {
    text += (await reader.read()).value ?? '';
    const data = /^event: request\n.*\ndata: (.*)\n\n/m.exec(text)?.[1];
    if (data === undefined) continue;
    await reader.cancel();
    return JSON.parse(data);
  }
}

describe('the page for developers', () => {
  it('has a record of each request, with its calls, what they waited for, and what was cached', async () => {
    const first = await recordOf('/items/i-1?secret=abcdefgh12345678');
    expect(first).toMatchObject({ method: 'GET', route: '/items/:id', status: 200, deadlineMs: 900, missingParts: 0 });
    expect(first.path).not.toContain('abcdefgh12345678');
    expect(first.rows).toMatchObject([
      { part: 'item', upstream: 'shop', operation: 'getItem', attempts: [{ attempt: 1, status: 200, outcome: 'ok' }] },
      { part: 'other', attempts: [{ outcome: 'ok' }], waitedFor: 'item' },
    ]);
    const again = await recordOf('/items/i-1');
    expect(again.rows).toMatchObject([
      { part: 'item', attempts: [], cache: { result: 'hit', count: 1 } },
      { part: 'other', attempts: [], cache: { result: 'hit', count: 1 } },
    ]);
    const state = await read<State>('state');
    expect(state.requests[0]).toEqual(again);
    expect(state.upstreams).toMatchObject([
      { name: 'shop', calls: 2, failures: 0, breakers: [{ operation: 'getItem', state: 'closed' }, { operation: 'addItem' }] },
    ]); // prettier-ignore
  });

  it('shows the response of a screen, and of a controller that is written by hand only its form', async () => {
    const shown = await recordOf('/items/i-1');
    expect(await read('bytes?id=' + shown.id)).toMatchObject({
      response: { id: 'i-1', name: 'Lamp', other: { name: 'Lamp' } },
      masked: [],
    });
    const { id } = await recordOf('/items', { headers: { authorization: 'Bearer of-someone' } });
    const bytes = await read<{ readonly requestHeaders: readonly unknown[] }>(`bytes?id=${id}`);
    expect(bytes).toMatchObject({ response: { words: ['[hidden]'] }, masked: ['words[]'] });
    expect(bytes.requestHeaders).toContainEqual(['authorization', '[hidden]']);
    expect(await read(`bytes?id=${id}&reveal=true`)).toMatchObject({ response: { words: ['by hand'] } });
    expect((await fetch(`${adminUrl}/developer/bytes?id=9999`)).status).toBe(404);
  });

  it('says the origin of a member, and nothing of one that there is not', async () => {
    expect(await read('why?method=GET&route=/items/:id&member=other.name')).toMatchObject([
      { member: 'other.name', sources: [{ part: 'other', upstream: 'shop', operation: 'getItem', field: 'name', need: 'optional', maxAgeMs: 60_000 }] },
    ]); // prettier-ignore
    for (const query of ['method=GET&route=/items/:id&member=nothing', 'method=GET&route=/items&member=words'])
      expect(await read(`why?${query}`)).toEqual([]);
  });

  it('gives each value of the policy with its file and line, also at the upstreams that take a default', async () => {
    vi.stubEnv('SHOP_URL', shop.url);
    const values = await read<readonly { readonly path: string; readonly line: number }[]>('policy');
    const named = (path: string) => values.find((value) => value.path === path);
    expect(named('upstreams.shop.timeout')).toMatchObject({
      value: '700ms',
      file: expect.stringMatching(/bff\d+\.yaml$/),
    });
    expect(named('upstreams.shop.timeout')?.line).toBe(named('upstreamDefaults.timeout')?.line);
    expect(named('upstreams.shop.urls')).toMatchObject({ value: shop.url, written: '${SHOP_URL}' });
  });

  it('sends a request again, a write with its body as well', async () => {
    const headers = { 'content-type': 'application/json' };
    const added = await recordOf('/items', { method: 'POST', headers, body: JSON.stringify({ name: 'A lamp' }) });
    expect(added).toMatchObject({ status: 201 });
    expect((await post('replay', { id: added.id })).status).toBe(200);
    const { requests } = await read<State>('state');
    expect(requests[0]).toMatchObject({ status: 201, replayOf: added.id, path: '/items' });
    expect(shop.requests.slice(-2).map(({ body }) => body.includes('A lamp'))).toEqual([true, true]);
    expect((await post('replay', { id: 9_999 })).status).toBe(404);
  });

  it('takes no word of a client for a repetition', async () => {
    expect(await recordOf('/items', { headers: { 'x-frontage-replay': 'guess.1' } })).not.toHaveProperty('replayOf');
  });

  it('is refused to pages of other sites and by other names, and changes nothing for a form', async () => {
    const statusOf = async (path: string, headers: Record<string, string>, method = 'GET') => {
      const sent = request(`${adminUrl}${path}`, { method, headers }).end(method === 'POST' ? '{"id":1}' : undefined);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    const evil = { origin: 'https://evil.example' };
    for (const path of ['/developer/state', '/developer/events', '/developer/bytes?id=1', '/developer/policy'])
      expect([path, await statusOf(path, evil)]).toEqual([path, 403]);
    for (const path of ['/', '/developer/state']) expect(await statusOf(path, { host: 'evil.example' })).toBe(421);
    expect(await statusOf('/developer/replay', { ...evil, 'content-type': 'application/json' }, 'POST')).toBe(403);
    expect(await statusOf('/developer/replay', { 'content-type': 'text/plain' }, 'POST')).toBe(403);
    expect(await statusOf('/developer/replay', { 'content-type': 'application/json' })).toBe(405);
  });

  it('has faults only where a sandbox plays upstreams', async () => {
    const refused = await post('faults', { upstream: 'shop', fault: { latencyMs: 5 } });
    expect([refused.status, await refused.json()]).toEqual([
      409,
      { detail: 'no sandbox plays the upstreams of this app' },
    ]);
    expect((await post('faults', [])).status).toBe(400);
  });
});

describe('an app that nobody develops', () => {
  const local = { environment: 'development', listen: { adminHost: '127.0.0.1' } };
  const given = (changes: object): Parameters<typeof pageTerms>[0] => ({ ...local, ...changes }) as never;

  it('has no page: not in production, not on a port that others reach, and not where nobody asks', () => {
    const terms = { sandboxUrl: 'http://127.0.0.1:4100' };
    expect(pageTerms(given({}), terms)).toEqual(terms);
    expect(pageTerms(given({ environment: 'production' }), terms)).toBeUndefined();
    expect(pageTerms(given({ environment: 'staging' }), terms)).toBeUndefined();
    expect(pageTerms(given({ listen: { adminHost: '0.0.0.0' } }), terms)).toBeUndefined();
    expect(pageTerms(given({}), false)).toBeUndefined();
    expect(pageTerms(given({}))).toBeUndefined();
    vi.stubEnv('FRONTAGE_DEVELOPER_PAGE', 'http://127.0.0.1:4100');
    expect(pageTerms(given({}))).toEqual(terms);
    vi.stubEnv('NODE_ENV', 'production');
    expect(pageTerms(given({}), terms)).toBeUndefined();
  });

  it('answers its paths as it answers those that there never were, and keeps nothing of a request', async () => {
    vi.stubEnv('FRONTAGE_DEVELOPER_PAGE', 'http://127.0.0.1:4100');
    const file = policyFile(policyText({ policy, upstreams }));
    const loaded = loadConfig(file, { env: { SHOP_URL: shop.url }, environment: 'production' });
    const other = createGateway(specModule({ controllers: [ItemController] }), { loaded });
    try {
      const address = await other.start();
      await fetch(`${address.url}/items`);
      for (const path of ['/', '/developer/state', '/developer/events', '/developer/page.js'])
        expect((await fetch(`${address.adminUrl}${path}`)).status).toBe(404);
    } finally {
      await other.close();
    }
  });
});

import { createHmac } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { channels, systemClock, type AddressOut, type OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, operation, scopeOf } from './fixtures/operations.js';
import { http, json } from './fixtures/responses.js';
import { createUpstream, type Upstream, type UpstreamOptions } from './index.js';

const started: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function servers(count: number, reply?: RawReply): Promise<RawServer[]> {
  const all: RawServer[] = [];
  for (let at = 0; at < count; at++)
    all.push(await RawServer.start(reply ?? ((socket) => void socket.write(json(200, `server ${at}`)))));
  started.push(...all);
  return all;
}

/** A port at which nothing listens. */
async function deadPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
}

/** The generator of Park and Miller. */
function seeded(): () => number {
  let state = 7;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function clientOf(
  urls: readonly string[],
  options: Partial<UpstreamOptions> = {},
  clock: typeof systemClock = systemClock,
): Upstream {
  const client = createUpstream('orders', { urls, timeoutMs: 5_000, ...options }, { clock, random: seeded() });
  started.push({ stop: () => client.close() });
  return client;
}

const urlsOf = (all: readonly RawServer[]): string[] => all.map(({ url }) => url);
const countsOf = (all: readonly RawServer[]): number[] => all.map(({ requests }) => requests.length);

const create: OperationInfo = operation({ id: 'createOrder', method: 'POST', body: { media: ['application/json'] } });
const getOne = operation({
  id: 'getOrder',
  path: '/orders/{id}',
  parameters: [{ name: 'id', in: 'path', required: true }],
});

describe('an address that takes no connection', () => {
  it('is tried past within the call, for writes too, and each call is sent once', async () => {
    const all = await servers(1);
    const client = clientOf([await deadPort(), await deadPort(), ...urlsOf(all)], { balance: { eject: 'off' } });
    const execute = client.executor(create);
    for (let call = 0; call < 20; call++)
      expect(await execute({ body: { call } }, scopeOf())).toEqual({ ok: true, value: 'server 0' });
    expect(all[0]?.requests.map(({ body }) => body)).toEqual(
      Array.from({ length: 20 }, (_, call) => JSON.stringify({ call })),
    );
    expect(client.addresses().every(({ active }) => active === 0)).toBe(true);
  });

  it('fails the call as not sent, if all are like that', async () => {
    const client = clientOf([await deadPort(), await deadPort()]);
    const context = contextOf();
    expect(await client.executor(create)({ body: {} }, scopeOf(context))).toMatchObject({
      status: 'error',
      unsent: true,
    });
    expect(new Set(context.calls.map(({ address }) => address)).size).toBe(2);
  });

  it('is ejected, and operators hear of it once', async () => {
    const heard: unknown[] = [];
    const hear = (message: unknown): unknown => heard.push(message);
    channels.addressOut.subscribe(hear);
    const [dead, all] = [await deadPort(), await servers(1)];
    const client = clientOf([dead, ...urlsOf(all)], { balance: { by: 'round-robin', eject: { failures: 2 } } });
    for (let call = 0; call < 10; call++) await client.executor(operation())({}, scopeOf());
    channels.addressOut.unsubscribe(hear);
    expect(heard).toEqual([{ upstream: 'orders', address: dead, reason: 'failures' } satisfies AddressOut]);
    expect(client.addresses()).toMatchObject([
      { address: dead, state: 'ejected', active: 0 },
      { state: 'in_use', active: 0 },
    ]);
  });
});

it('does not send a write to another address after a byte of it was sent', async () => {
  const all = await servers(3, (socket) => void socket.destroy());
  const client = clientOf(urlsOf(all));
  expect(await client.executor(create)({ body: {} }, scopeOf())).toMatchObject({ status: 'error' });
  expect(countsOf(all).reduce((sum, each) => sum + each, 0)).toBe(1);
});

it('sends fewer calls to the address that holds its calls', async () => {
  const slow = await RawServer.start(() => undefined);
  const [quick] = await servers(1);
  started.push(slow);
  const client = clientOf([slow.url, quick!.url]);
  const context = contextOf();
  const held = Array.from({ length: 5 }, () => client.executor(operation())({}, scopeOf(context)));
  await expect.poll(() => slow.requests.length + quick!.requests.length).toBe(5);
  const before = slow.requests.length;
  expect(before).toBeGreaterThan(0);
  for (let call = 0; call < 30; call++) await client.executor(operation())({}, scopeOf());
  expect(slow.requests.length).toBe(before);
  context.cancellation.cancel('client_gone');
  await Promise.all(held);
});

describe('a hash', () => {
  const placeOf = (all: readonly RawServer[], text: string): number[] =>
    all.flatMap(({ requests }, index) => requests.filter(({ target }) => target.includes(text)).map(() => index));

  it('of a parameter sends the calls for one value to one address', async () => {
    const all = await servers(3);
    const execute = clientOf(urlsOf(all), { balance: { by: 'hash', on: { path: 'id' } } }).executor(getOne);
    for (let round = 0; round < 3; round++)
      for (let id = 0; id < 60; id++) await execute({ path: { id: `order-${id}-` } }, scopeOf());
    for (let id = 0; id < 60; id++) expect(new Set(placeOf(all, `order-${id}-`)).size).toBe(1);
    expect(countsOf(all).every((count) => count > 0)).toBe(true);
  });

  it.each([
    ['the caller', 'caller' as const],
    ['a header', { header: 'X-Shop' }],
  ])('of %s sends the calls of one to one address', async (_, on) => {
    const all = await servers(2);
    const execute = clientOf(urlsOf(all), { balance: { by: 'hash', on } }).executor(operation());
    for (let call = 0; call < 40; call++) {
      const context = contextOf({ 'x-shop': `shop-${call % 4}` });
      context.caller = { subject: `user-${call % 4}`, scopes: new Set(), roles: [], kind: 'user' } as never;
      await execute({}, scopeOf(context));
    }
    for (const count of countsOf(all)) expect(count % 10).toBe(0);
  });
});

describe('groups', () => {
  const key = 'a-key-of-the-shop';
  const signed = (group: string, expiry: number, by = key): string => {
    const text = `${group}.${expiry}`;
    return `${text}.${createHmac('sha256', by).update(text).digest('base64url')}`;
  };
  const soon = Math.floor(Date.now() / 1_000) + 60;

  async function world(choose?: { header: string; key?: string }): Promise<{ all: RawServer[]; client: Upstream }> {
    const all = await servers(2);
    const [stable = '', canary = ''] = urlsOf(all);
    const groups = { stable: { weight: 1, urls: [stable] }, canary: { weight: 0, urls: [canary] } };
    return { all, client: clientOf([stable, canary], { balance: { groups, ...(choose && { choose }) } }) };
  }

  it.each([
    ['signed by the key', signed('canary', soon), 'server 1'],
    ['signed by another key', signed('canary', soon, 'other'), 'server 0'],
    ['not signed', 'canary', 'server 0'],
    ['whose time has passed', signed('canary', 1_000), 'server 0'],
    ['with another group under the signature', signed('stable', soon).replace('stable', 'canary'), 'server 0'],
    ['of a group that is not there', signed('other', soon), 'server 0'],
    ['that is cut', signed('canary', soon).slice(0, -1), 'server 0'],
  ])('follow a header %s', async (_, header, value) => {
    const { client } = await world({ header: 'x-release', key });
    expect(await client.executor(operation())({}, scopeOf(contextOf({ 'x-release': header })))).toEqual({
      ok: true,
      value,
    });
  });

  it('follow the header of a proxy only where policy says so', async () => {
    const plain = await world();
    const trusting = await world({ header: 'x-release' });
    const context = (): ReturnType<typeof scopeOf> => scopeOf(contextOf({ 'x-release': 'canary' }));
    expect(await plain.client.executor(operation())({}, context())).toMatchObject({ value: 'server 0' });
    expect(await trusting.client.executor(operation())({}, context())).toMatchObject({ value: 'server 1' });
  });
});

describe('health checks', () => {
  it('take an address out without a call, and back', async () => {
    let isWell = false;
    const reply: RawReply = (socket, { target }) =>
      void socket.write(target.startsWith('/base/healthz') ? http(isWell ? 204 : 503, {}, '') : json(200, 'one'));
    const [one, two] = [await RawServer.start(reply), (await servers(1))[0]!];
    started.push(one);
    const clock = new ManualClock();
    const client = clientOf(
      [`${one.url}/base`, two.url],
      { health: { path: '/healthz', everyMs: 1_000 }, balance: { by: 'round-robin', slowStartMs: 0 } },
      clock,
    );
    const stateOf = (): unknown => client.addresses()[0]?.state;
    let ended = 0;
    const hear = (): unknown => ended++;
    channels.callEnded.subscribe(hear);
    started.push({ stop: () => channels.callEnded.unsubscribe(hear) });
    /** The next check, from its time to its result. */
    const check = async (): Promise<void> => {
      const before = ended;
      await clock.advance(clock.nextInMs ?? 0);
      await expect.poll(() => ended, { interval: 2 }).toBe(before + 1);
      await new Promise((resolve) => setImmediate(resolve));
    };
    for (let count = 0; count < 8; count++) await check();
    expect(stateOf()).toBe('unhealthy');
    const values = new Set<unknown>();
    for (let call = 0; call < 10; call++) {
      const outcome = await client.executor(operation())({}, scopeOf());
      values.add(outcome.ok && outcome.value);
    }
    expect(values).toEqual(new Set(['server 0']));
    isWell = true;
    for (let count = 0; count < 6; count++) await check();
    expect(stateOf()).toBe('in_use');
    await client.close();
    expect(clock.timerCount).toBe(0);
  });
});

it('gives the same answers whatever the rule (RELIABILITY F29)', async () => {
  const all = await servers(3, (socket, { target }) => void socket.write(json(200, target)));
  const rules = [
    undefined,
    { by: 'round-robin', weights: [3, 1, 1] },
    { by: 'hash', on: { path: 'id' } },
    { groups: { a: { weight: 1, urls: urlsOf(all).slice(0, 1) }, b: { weight: 2, urls: urlsOf(all).slice(1) } } },
  ] as const;
  const answers = rules.map(async (balance) => {
    const execute = clientOf(urlsOf(all), balance && { balance }).executor(getOne);
    return Promise.all(Array.from({ length: 20 }, (_, id) => execute({ path: { id } }, scopeOf())));
  });
  const [first, ...others] = await Promise.all(answers);
  for (const each of others) expect(each).toEqual(first);
});

it.each<[string, Partial<UpstreamOptions>, string]>([
  ['weights', { balance: { weights: [1] } }, 'orders: balance.weights has 1 weights for 2 addresses'],
  ['a hash', { balance: { by: 'hash' } }, 'orders: balance.by hash needs balance.on'],
  ['a choice', { balance: { choose: { header: 'x' } } }, 'orders: balance.choose is not used without balance.groups'],
  [
    'a group',
    { balance: { groups: { a: { weight: 1, urls: ['http://a.test'] } } } },
    'orders: http://b.test belongs to no group',
  ],
  [
    'an unknown address',
    { balance: { groups: { a: { weight: 1, urls: ['http://c.test'] } } } },
    'orders: balance.groups.a names http://c.test, which is not in urls',
  ],
])('refuses %s that cannot be', (_, options, message) => {
  expect(() => clientOf(['http://a.test', 'http://b.test'], options)).toThrow(message);
});

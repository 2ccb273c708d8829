import { afterEach, describe, expect, it } from 'vitest';
import { channels, systemClock, type OperationInfo, type SchemaValidator } from '@frontage/core';
import { RawServer } from '@frontage/testing/raw-server';
import { http, json } from '../fixtures/responses.js';
import { operation, scopeOf } from '../fixtures/operations.js';
import { createUpstream, sameJson, ucs2Length, type Upstream, type UpstreamOptions } from '../index.js';

const started: (() => Promise<void>)[] = [];
const events: unknown[] = [];
const listener = (event: unknown): void => void events.push(event);
afterEach(async () => {
  channels.contractBroken.unsubscribe(listener);
  events.length = 0;
  for (const stop of started.splice(0).toReversed()) await stop();
});

/** The generated validator of `{"type":"object","required":["id"]}`. */
const hasId: SchemaValidator = (value) => {
  const fits = typeof value === 'object' && value !== null && 'id' in value;
  hasId.errors = fits ? null : [{ instancePath: '/orders/0', keyword: 'required' }];
  return fits;
};

const plain = operation({
  responses: [
    { status: '200', media: 'application/json', schema: 'Order' },
    { status: '404', media: 'application/json', schema: 'Order' },
  ],
});

function validated(load = () => Promise.resolve(new Map([['Order', hasId]]))): OperationInfo {
  return { ...plain, contract: { ...plain.contract, validators: load } };
}

async function serve(answer: Buffer, options: Partial<UpstreamOptions>): Promise<Upstream> {
  const raw = await RawServer.start((socket) => socket.write(answer));
  const upstream = createUpstream('orders', { urls: [raw.url], timeoutMs: 5_000, ...options }, { clock: systemClock });
  started.push(
    () => raw.stop(),
    () => upstream.close(),
  );
  return upstream;
}

describe('a contract violation (F8)', () => {
  it('passes without a check', async () => {
    const upstream = await serve(json(200, {}), {});
    expect(await upstream.executor(validated())({}, scopeOf())).toEqual({ ok: true, value: {} });
  });

  it('passes and is reported in development', async () => {
    channels.contractBroken.subscribe(listener);
    const upstream = await serve(json(200, {}), { validate: 'development' });
    expect(await upstream.executor(validated())({}, scopeOf())).toEqual({ ok: true, value: {} });
    expect(events).toEqual([
      { upstream: 'orders', operation: 'listOrders', keyword: 'required', pointer: '/orders/0' },
    ]);
  });

  it('is told to people once, however often it comes', async () => {
    channels.warning.subscribe(listener);
    const upstream = await serve(json(200, {}), { validate: 'development' });
    const call = upstream.executor(validated());
    for (let times = 0; times < 3; times++) await call({}, scopeOf());
    channels.warning.unsubscribe(listener);
    const message = 'contract violation in the response of orders.listOrders, at /orders/* (required)';
    expect(events).toEqual([{ from: 'clients', message }]);
  });

  it('fails as bad_payload where policy enforces the contract, and is recorded so', async () => {
    const upstream = await serve(json(200, {}), { validate: 'enforce' });
    const scope = scopeOf();
    expect(await upstream.executor(validated())({}, scope)).toMatchObject({
      status: 'bad_payload',
      detail: 'does not fit its contract at /orders/0 (required)',
    });
    expect(scope.context.calls).toMatchObject([{ outcome: 'bad_payload', status: 200 }]);
  });

  it('is one without schema for a validator: errors and what the contract leaves open pass', async () => {
    const upstream = await serve(json(404, {}), { validate: 'enforce' });
    expect(await upstream.executor(validated())({}, scopeOf())).toMatchObject({ declared: { status: 404, body: {} } });
    const open = validated(() => Promise.resolve(new Map()));
    const other = await serve(json(200, {}), { validate: 'enforce' });
    expect(await other.executor(open)({}, scopeOf())).toMatchObject({ ok: true });
  });

  it('that fits passes, and waits once for the validators to be loaded', async () => {
    let loads = 0;
    const info = validated(async () => {
      loads++;
      await new Promise((resolve) => setImmediate(resolve));
      return new Map([['Order', hasId]]);
    });
    const upstream = await serve(json(200, { id: 1 }), { validate: 'enforce' });
    const [one, other] = [upstream.executor(info), upstream.executor(info)];
    expect(await Promise.all([one({}, scopeOf()), other({}, scopeOf())])).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await one({}, scopeOf())).toMatchObject({ ok: true });
    expect(loads).toBe(1);
  });

  it('is one that is deeper than the bound, and none that is as deep, too', async () => {
    const validate: SchemaValidator = (value): boolean =>
      Array.isArray(value) && (value.length === 0 || validate(value[0]));
    const info = validated(() => Promise.resolve(new Map([['Order', validate]])));
    const check = async (depth: number) => {
      const body = '['.repeat(depth) + ']'.repeat(depth);
      const upstream = await serve(http(200, { 'content-type': 'application/json' }, body), { validate: 'enforce' });
      return await upstream.executor(info)({}, scopeOf());
    };
    expect(await check(500)).toMatchObject({ ok: true });
    for (const depth of [501, 1e5]) {
      expect(await check(depth)).toMatchObject({ status: 'bad_payload', detail: expect.stringContaining('depth') });
    }
  });

  it('stops the boot where the contract has no validators', async () => {
    const upstream = await serve(json(200, {}), { validate: 'enforce' });
    expect(() => upstream.executor(plain)).toThrow('frontage upstream add orders --validators');
  });
});

describe('the functions that generated validators call', () => {
  it('counts code points', () => {
    expect(['', 'abc', '😀a', '\ud83d', '\ude00\ud83d'].map(ucs2Length)).toEqual([0, 3, 2, 1, 2]);
  });

  it('compares JSON', () => {
    expect(sameJson({ a: [1, null], b: {} }, { b: {}, a: [1, null] })).toBe(true);
    expect(sameJson({ a: 1 }, { a: '1' })).toBe(false);
  });
});

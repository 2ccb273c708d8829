import { OperationCache } from '@frontage/caching';
import { loadConfig } from '@frontage/config';
import { RequestContext, type InboundHeaders } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { policyFile } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import { Readiness } from '../readiness/readiness.js';
import { UpstreamRegistry } from './upstream-registry.js';

/** An app whose plans list the items of a shop, by this rule; its service tells how often it was asked. */
async function start(rule: string, others = '') {
  const shop = await RawServer.start((socket, { index }) =>
    rawReplies.json([{ id: 'i', name: `${index}` }])(socket, {
      method: 'GET',
      target: '',
      headers: {},
      body: '',
      index,
      connection: 0,
    }),
  );
  const policy = `bff: spec
listen: { port: 0 }
deadline: 2s
upstreams: { shop: { urls: ['${shop.url}'], ${others} cache: { listItems: { ${rule} }, getItem: { ttl: 1m } } } }
`;
  const config = loadConfig(policyFile(policy), { env: {}, environment: 'test' });
  const clock = new ManualClock();
  const upstreams = new UpstreamRegistry(config, {
    clock,
    cache: new OperationCache({ random: () => 0.999_999 }, clock),
  });
  const execute = upstreams.executor(listItems);
  const readiness = new Readiness({ config, clock, upstreams, inFlight: () => 0, isDraining: () => false });
  onTestFinished(async () => {
    readiness.stop();
    await upstreams.close();
    await shop.stop();
  });
  const read = async (headers: InboundHeaders = {}): Promise<unknown> => {
    const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', headers);
    const { cancellation } = context;
    const outcome = await execute({}, { context, part: 'items', deadlineAt: clock.now() + 2_000, cancellation });
    return outcome.ok ? Reflect.get(Object(Reflect.get(Object(outcome.value), 0)), 'name') : outcome.status;
  };
  const asked = (count: number): Promise<void> => expect.poll(() => shop.requests.length).toBe(count);
  /** Resolves when the loads under way have ended and the next one has its timer. */
  const settled = (): Promise<void> => expect.poll(() => clock.timerCount).toBe(1);
  return { shop, clock, upstreams, readiness, read, asked, settled };
}

describe('warm data', () => {
  it('is loaded at the start, and again before its time is over, without a request', async () => {
    const { clock, readiness, read, asked, settled } = await start('ttl: 10s, scope: public, warm: true');
    readiness.start();
    await asked(1);
    await settled();
    expect(await read()).toBe('0');
    for (const round of [1, 2, 3]) {
      await clock.advance(7_999);
      await settled();
      await clock.advance(1);
      await asked(round + 1);
      await settled();
      expect(await read()).toBe(`${round}`);
    }
    await asked(4);
  });

  it('is loaded for each value of its `vary`', async () => {
    const { shop, readiness, read, asked, settled } = await start(
      'ttl: 10s, scope: public, warm: true, vary: { accept-language: [en, de] }',
      'forwardHeaders: [accept-language],',
    );
    readiness.start();
    await asked(2);
    await settled();
    expect(shop.requests.map(({ headers }) => headers['accept-language'])).toEqual(['en', 'de']);
    expect([await read(), await read({ 'accept-language': 'de-AT' })]).toEqual(['0', '1']);
    await asked(2);
  });

  it('stays while its service fails, and is tried again with longer pauses', async () => {
    const { shop, clock, readiness, read, asked, settled } = await start(
      'ttl: 10s, staleWhileRevalidate: 1h, scope: public, warm: true',
    );
    readiness.start();
    await asked(1);
    await settled();
    shop.reply = rawReplies.json({}, {}, 500);
    let loads = 1;
    for (const pause of [8_000, 1_000, 2_000, 4_000]) {
      await clock.advance(pause);
      await asked(++loads);
      await settled();
    }
    expect(await read()).toBe('0');
    shop.reply = rawReplies.json([{ id: 'i', name: 'back' }]);
    await clock.advance(8_000);
    await expect.poll(() => read()).toBe('back');
  });

  it('has the app wait until it is there, where policy says so', async () => {
    const { shop, clock, readiness, asked, settled } = await start('ttl: 10s, scope: public, warm: wait');
    shop.reply = rawReplies.json({}, {}, 503);
    readiness.start();
    await asked(1);
    await settled();
    expect(await readiness.report(0)).toMatchObject({ status: 'error', warming: true });
    shop.reply = rawReplies.json([]);
    await clock.advance(1_000);
    await asked(2);
    await settled();
    expect(await readiness.report(0)).toEqual({ status: 'ok', draining: false, overloaded: false, upstreams: {} });
  });

  it('does not keep an app from its work for longer than 30 s', async () => {
    const { shop, clock, readiness, asked, settled } = await start('ttl: 10s, scope: public, warm: wait');
    shop.reply = rawReplies.json({}, {}, 503);
    readiness.start();
    await asked(1);
    await settled();
    await clock.advance(29_999);
    expect(await readiness.report(0)).toMatchObject({ status: 'error', warming: true });
    await clock.advance(1);
    expect(await readiness.report(0)).toMatchObject({ status: 'ok' });
  });

  it('ends with the app', async () => {
    const { clock, readiness, asked, settled } = await start('ttl: 10s, scope: public, warm: true');
    readiness.start();
    await asked(1);
    await settled();
    readiness.stop();
    expect(clock.timerCount).toBe(0);
  });

  it('is refused for an operation that needs an input', () => {
    const policy = `bff: spec
listen: { port: 0 }
upstreams: { shop: { urls: ['http://shop.test'], cache: { getItem: { ttl: 1m, scope: public, warm: true } } } }
`;
    const config = loadConfig(policyFile(policy), { env: {}, environment: 'test' });
    const clock = new ManualClock();
    const registry = new UpstreamRegistry(config, { clock, cache: new OperationCache({}, clock) });
    onTestFinished(() => registry.close());
    expect(() => registry.executor(getItem)).toThrow(
      'shop.getItem: warm is for operations that are called without inputs, and this one needs path "id"',
    );
  });

  it.each([
    ['without `scope: public`', 'ttl: 1m, warm: true', '', 'it needs "scope: public"'],
    [
      'without the values of forwarded fields',
      'ttl: 1m, scope: public, warm: true',
      'forwardHeaders: [x-shop],',
      'list the values under "vary"',
    ],
    [
      'with too many combinations',
      `ttl: 1m, scope: public, warm: true, vary: { a: [${Array.from({ length: 9 }, (_, at) => `v${at}`).join()}], b: [${Array.from({ length: 8 }, (_, at) => `v${at}`).join()}] }`,
      'forwardHeaders: [a, b],',
      '"vary" has 72 combinations',
    ],
  ])('is refused %s', async (_, rule, others, message) => {
    await expect(start(rule, others)).rejects.toThrow(message);
  });
});

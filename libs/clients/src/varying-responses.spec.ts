import { OperationCache } from '@frontage/caching';
import type { InboundHeaders } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer } from '@frontage/testing/raw-server';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contextOf, operation, scopeOf } from './fixtures/operations.js';
import { json } from './fixtures/responses.js';
import { createUpstream, type CachePolicy } from './index.js';

const languages = ['en', 'de-AT', 'fr'];

async function serve(vary: CachePolicy['vary']) {
  const raw = await RawServer.start((socket, { index }) => socket.write(json(200, index)));
  const clock = new ManualClock();
  const client = createUpstream(
    'orders',
    {
      urls: [raw.url],
      forwardHeaders: ['Accept-Language', 'X-Market', 'X-Session'],
      cache: { listOrders: { ttlMs: 60_000, scope: 'public', ...(vary !== undefined && { vary }) } },
    },
    { clock, cache: new OperationCache({}, clock) },
  );
  onTestFinished(async () => {
    await client.close();
    await raw.stop();
  });
  const execute = client.executor(operation());
  const read = async (headers: InboundHeaders): Promise<unknown> => {
    const outcome = await execute({}, scopeOf(contextOf(headers)));
    return outcome.ok ? outcome.value : outcome.status;
  };
  const sent = (name: string): (string | undefined)[] => raw.requests.map(({ headers }) => headers[name]);
  return { read, sent, raw };
}

describe('a cached operation whose response varies by fields of the request', () => {
  it('keeps one response for each language that it knows, and asks for no other', async () => {
    const { read, sent } = await serve({ 'accept-language': languages });
    const asked = ['de-DE,de;q=0.9,en;q=0.8', 'DE', 'fr-CA', 'en-GB, fr;q=0.9', 'pt, fr;q=0.1', 'pt', '', ';;q=,', '*'];
    const got = [];
    for (const language of asked) got.push(await read({ 'accept-language': language }));
    got.push(await read({}));
    expect(got).toEqual([0, 0, 1, 2, 1, 2, 2, 2, 2, 2]);
    expect(sent('accept-language')).toEqual(['de-AT', 'fr', 'en']);
  });

  it('R3: is not sent a field that its rule does not name, so that no reader chooses the response of another one', async () => {
    const { read, sent } = await serve({ 'accept-language': languages });
    const poisoned = { 'x-session': '<script>', 'x-market': 'evil' };
    expect([await read(poisoned), await read({}), await read({ 'x-session': 'b' })]).toEqual([0, 0, 0]);
    expect([sent('x-session'), sent('x-market')]).toEqual([[undefined], [undefined]]);
  });

  it('takes a word in any case, and sends it as policy writes it', async () => {
    const { read, sent } = await serve({ 'x-market': ['EU', 'US'] });
    const got = [];
    for (const market of ['us', ' US ', 'eu', 'mars', ['us', 'eu']]) got.push(await read({ 'x-market': market }));
    expect(got).toEqual([0, 0, 1, 1, 1]);
    expect(sent('x-market')).toEqual(['US', 'EU']);
  });

  it('has as many keys as policy lists, for any fields', async () => {
    const { read, raw } = await serve({ 'accept-language': languages, 'x-market': ['EU', 'US'] });
    const some = fc.oneof(fc.string(), fc.constantFrom('en', 'de', 'fr', 'us', 'eu', 'de;q=0.5,*', 'en;q=0, fr'));
    await fc.assert(
      fc.asyncProperty(some, some, async (language, market) => {
        expect(await read({ 'accept-language': language, 'x-market': market })).toBeLessThan(6);
      }),
      { numRuns: 500 },
    );
    expect(raw.requests.length).toBeLessThanOrEqual(6);
  });

  it('reads the beginning of a list of thousands of languages', async () => {
    const { read, sent } = await serve({ 'accept-language': languages });
    const many = `${Array.from({ length: 4_000 }, (_, at) => `x${at}`).join()},fr`;
    await read({ 'accept-language': many });
    expect(sent('accept-language')).toEqual(['en']);
  });

  it('gets no field where the list is empty, and all of them as they came without one', async () => {
    const none = await serve({});
    expect([await none.read({ 'accept-language': 'de' }), await none.read({ 'accept-language': 'fr' })]).toEqual([
      0, 0,
    ]);
    expect(none.sent('accept-language')).toEqual([undefined]);
    const all = await serve(undefined);
    const read = [{ 'accept-language': 'de' }, { 'accept-language': 'DE' }, { 'x-session': 'a' }, {}].map(all.read);
    expect(new Set(await Promise.all(read)).size).toBe(4);
    expect(new Set(all.sent('accept-language'))).toEqual(new Set(['DE', 'de', undefined]));
  });

  it('is refused with a field that is not sent to its upstream', async () => {
    const rule = { listOrders: { ttlMs: 1, vary: { 'x-shop': ['a'] } } };
    expect(() =>
      createUpstream('orders', { urls: ['http://a.test'], cache: rule }, { clock: new ManualClock() }),
    ).toThrow('orders: cache.listOrders.vary holds "x-shop", which is not in forwardHeaders');
  });
});

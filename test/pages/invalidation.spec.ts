import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@frontage/config';
import { createSandbox, type Sandbox } from '@frontage/sandbox';
import { workspaceRoot } from '@frontage/testing';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGateway } from '../../libs/gateway/src/create-gateway.js';
import { specModule, takesTokens } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { CartController, GroupedCartController } from './invalidation-example.js';

const page = readFileSync(join(workspaceRoot, 'docs/invalidation.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'invalidation-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the page about invalidation', () => {
  it('shows the plan that runs here', () => {
    const [, code = ''] = /```ts\n([^]*?)```/.exec(page) ?? [];
    expect(code.length).toBeGreaterThan(100);
    expect(readFileSync(join(import.meta.dirname, 'invalidation-example.ts'), 'utf8')).toContain(code);
  });
});

describe.skipIf(!redisIsInstalled())('two processes with the policy of the page', () => {
  let redis: RedisServer;
  let admin: Redis;
  let issuer: Sandbox;
  let service: RawServer;
  /** Carts by customer, as the service has them. */
  const itemCounts = new Map<string, number>();
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
    admin = new Redis(redis.url);
    issuer = await createSandbox({ contracts: [], behaviours: {} });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });
  afterAll(async () => {
    admin.disconnect();
    await issuer.close();
    await redis.stop();
  });

  /** @param at which of the policies of the page */
  async function processes(at = 0) {
    await admin.flushall();
    itemCounts.clear();
    service = await RawServer.start((socket, request) => {
      const customer = /carts\/([^/]+)/.exec(request.target)?.[1] ?? '';
      const count = (itemCounts.get(customer) ?? 0) + (request.method === 'POST' ? 1 : 0);
      itemCounts.set(customer, count);
      const cart = {
        id: customer,
        customerId: customer,
        lines: [],
        itemCount: count,
        version: count,
        total: { amount: 1, currency: 'EUR' },
      };
      const isWrite = request.method === 'POST';
      // As the page shows them; heeded where the policy says so.
      const groups: Record<string, string> = isWrite
        ? { 'cache-group-invalidation': `"cart-${customer}"` }
        : { 'cache-groups': `"cart-${customer}", "campaign-7"` };
      rawReplies.json(cart, groups, isWrite ? 201 : 200)(socket, request);
    });
    stops.push(() => service.stop());
    const policies = Array.from(page.matchAll(/```yaml\n([^]*?)```/g), ([, policy = '']) => policy);
    const [first = ''] = policies;
    const policy = at === 0 ? first : first.replace(/^upstreams:[^]*/m, policies[at] ?? '');
    const file = join(folder, 'bff.yaml');
    writeFileSync(
      file,
      policy
        .replace('redis://redis.internal:6379', redis.url)
        .replace('http://carts.internal', service.url)
        .replace('port: 4001, adminPort: 5001', 'port: 0, adminPort: 0') + `log: { requests: false }\n${takesTokens}`,
    );
    const start = async () => {
      const loaded = loadConfig(file, { env: { ISSUER_URL: `${issuer.url}/issuer` }, environment: 'test' });
      const gateway = createGateway(specModule({ controllers: [at === 0 ? CartController : GroupedCartController] }), {
        loaded,
      });
      const { url, adminUrl = '' } = await gateway.start();
      stops.push(() => gateway.close());
      const ask = async (who: string, sku?: string): Promise<number> => {
        const token = await issuer.issueToken({ subject: who, audience: 'spec' });
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const response = await fetch(
          `${url}/cart`,
          sku === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify({ sku }) },
        );
        expect([200, 201]).toContain(response.status);
        const { itemCount } = (await response.json()) as { itemCount: number };
        return itemCount;
      };
      return { ask, adminUrl };
    };
    return [await start(), await start()] as const;
  }

  const reads = (): number => service.requests.filter(({ method }) => method === 'GET').length;

  it('give the caller what it has written with its next request, in both, and others what they had', async () => {
    const [one, other] = await processes();
    for (const { ask } of [one, other]) expect([await ask('ada'), await ask('bob')]).toEqual([0, 0]);
    expect(reads()).toBe(2);
    expect(await one.ask('ada', 'lamp')).toBe(1);
    expect([await one.ask('ada'), await one.ask('bob')]).toEqual([1, 0]);
    const writtenAt = performance.now();
    await expect.poll(() => other.ask('ada'), { interval: 5 }).toBe(1);
    expect(performance.now() - writtenAt).toBeLessThan(1_000);
    expect(await other.ask('bob')).toBe(0);
    expect(reads()).toBe(3);
  });

  it('give the caller what it has written by the groups that the service names', async () => {
    const [one, other] = await processes(1);
    for (const { ask } of [one, other]) expect([await ask('c-1'), await ask('c-2')]).toEqual([0, 0]);
    expect(await one.ask('c-1', 'lamp')).toBe(1);
    expect([await one.ask('c-1'), await one.ask('c-2')]).toEqual([1, 0]);
    await expect.poll(() => other.ask('c-1'), { interval: 5 }).toBe(1);
    expect(await other.ask('c-2')).toBe(0);
    expect(reads()).toBe(3);
  });

  it('forget what an operator names', async () => {
    const [one, other] = await processes();
    for (const { ask } of [one, other]) expect(await ask('ada')).toBe(0);
    itemCounts.set('ada', 7);
    const post = (body: unknown) =>
      fetch(`${one.adminUrl}/invalidations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const response = await post({ operations: ['carts.getCart'] });
    expect([response.status, await response.json()]).toEqual([
      200,
      { invalidated: { operations: ['carts.getCart'] }, pending: false },
    ]);
    expect(await one.ask('ada')).toBe(7);
    await expect.poll(() => other.ask('ada')).toBe(7);
    for (const [body, detail] of [
      [{}, 'expected an object'],
      [{ tag: ['a'] }, 'unknown member "tag"'],
      [{ tags: 'a' }, '"tags" takes a list of texts'],
      [{ operations: ['getCart'] }, '"getCart" is no operation'],
      [{ all: false }, '"all" takes true'],
    ] as const) {
      const refused = await post(body);
      expect([refused.status, await refused.json()]).toEqual([400, { detail: expect.stringContaining(detail) }]);
    }
  });

  it('forget what another system writes to the stream, as the page says', async () => {
    const [one, other] = await processes();
    for (const { ask } of [one, other]) for (const who of ['c-1', 'c-2', 'c-3']) expect(await ask(who)).toBe(0);
    for (const who of ['c-1', 'c-2', 'c-3']) itemCounts.set(who, 5);
    const [, command = ''] = /```\n(XADD [^]*?)\n```/.exec(page) ?? [];
    const [name = '', ...args] = command.split(' ');
    await admin.call(name, ...args);
    for (const { ask } of [one, other]) {
      await expect.poll(() => ask('c-1')).toBe(5);
      await expect.poll(() => ask('c-2')).toBe(5);
      expect(await ask('c-3')).toBe(0);
    }
    // The record in Redis that was loaded anew is for both.
    expect(reads()).toBe(5);
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { Cancellation, systemClock, type Clock, type Outcome } from '@frontage/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperationCache, type CachedOperation, type Load, type Waiter } from './index.js';

const SERVER = '/usr/bin/redis-server';
const available = existsSync(SERVER);
if (!available) {
  if (process.env['CI']) throw new Error(`${SERVER} is missing: install it (apt-get install redis-server)`);
  console.warn(`SKIPPED: the tests of the Redis tier need ${SERVER} (apt-get install redis-server)`);
}

/** The clock of the machine, which can be put forward. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };

const waiter = (): Waiter => ({ cancellation: new Cancellation(), deadlineAt: clock.now() + 10_000 });
const loadOf =
  (value: unknown): Load =>
  async () => ({ ok: true, value });
const nothing: Load = async () => ({ ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' });

describe.skipIf(!available)('a cache in Redis', () => {
  let redis: ChildProcess;
  let port: number;
  let keys = 0;
  const caches: OperationCache[] = [];

  function processWithCache(namespace = 'frontage'): CachedOperation {
    const cache = new OperationCache({ redisUrl: `redis://127.0.0.1:${port}`, namespace }, clock);
    caches.push(cache);
    return cache.operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 60_000 });
  }

  /** What one process loads, another gets: tried with new keys until both are connected. */
  async function expectShared(one: CachedOperation, other: CachedOperation, value: unknown): Promise<void> {
    const seen = async (): Promise<Outcome<unknown>> => {
      const key = `key ${keys++}`;
      ahead += 5_000; // past the pause in which a store that failed is left alone
      await one.getOrLoad(key, waiter(), loadOf(value));
      return other.getOrLoad(key, waiter(), nothing);
    };
    await expect.poll(seen, { timeout: 10_000 }).toEqual({ ok: true, value });
  }

  async function startRedis(): Promise<void> {
    redis = spawn(SERVER, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    await new Promise<void>((resolve, reject) => {
      redis.once('error', reject);
      redis.stdout?.on('data', (text: Buffer) => {
        if (text.includes('Ready to accept connections')) resolve();
      });
    });
  }

  async function killRedis(): Promise<void> {
    const gone = new Promise((resolve) => redis.once('exit', resolve));
    redis.kill('SIGKILL');
    await gone;
  }

  beforeAll(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    port = (server.address() as AddressInfo).port; // what a TCP server that listens has
    await new Promise((resolve) => server.close(resolve));
    await startRedis();
  });
  afterEach(async () => {
    await Promise.all(caches.splice(0).map((cache) => cache.stop()));
  });
  afterAll(killRedis);

  it('answers what another process loaded, whatever JSON it is', async () => {
    const [one, other] = [processWithCache(), processWithCache()];
    for (const value of [{ name: 'lämp 💡', price: null, tags: [1, 'a'] }, ':base64:aGk=', '', 0, false, null, []]) {
      await expectShared(one, other, value);
    }
  });

  it('keeps apps apart that share it', async () => {
    const [mobile, mobileToo, web] = [processWithCache('mobile'), processWithCache('mobile'), processWithCache('web')];
    await expectShared(web, web, 1);
    await expectShared(mobile, mobileToo, 'of mobile');
    expect(await web.getOrLoad(`key ${keys - 1}`, waiter(), nothing)).toMatchObject({ ok: false });
  });

  it('F21: adds less than 5 ms when it hangs, once three lookups have found that out', async () => {
    const [one, other] = [processWithCache(), processWithCache()];
    await expectShared(one, other, 1);
    redis.kill('SIGSTOP');
    try {
      for (let i = 0; i < 3; i++) await one.getOrLoad(`hang ${i}`, waiter(), loadOf(i));
      const startedAt = performance.now();
      for (let i = 0; i < 100; i++) {
        expect(await one.getOrLoad(`hung ${i}`, waiter(), loadOf(i))).toEqual({ ok: true, value: i });
      }
      expect((performance.now() - startedAt) / 100).toBeLessThan(5);
    } finally {
      redis.kill('SIGCONT');
    }
  });

  it('F21: goes on in memory while it is down, and uses it again when it is back', async () => {
    const [one, other] = [processWithCache(), processWithCache()];
    await expectShared(one, other, 'before');
    await killRedis();
    for (let i = 0; i < 10; i++) {
      expect(await one.getOrLoad(`down ${i}`, waiter(), loadOf(i))).toEqual({ ok: true, value: i });
      expect(one.peek(`down ${i}`)).toEqual({ ok: true, value: i });
    }
    await startRedis();
    await expectShared(one, other, 'after');
  });

  it('F21: starts without it, and uses it once it is there', async () => {
    await killRedis();
    const [one, other] = [processWithCache(), processWithCache()];
    expect(await one.getOrLoad('early', waiter(), loadOf(1))).toEqual({ ok: true, value: 1 });
    await startRedis();
    await expectShared(one, other, 'late');
  });
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const root = mkdtempSync(join(tmpdir(), 'shared-limits-'));
const log = join(root, 'log');
/** Counts outlive a restart, as those of a managed Redis do. */
const persistent = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', join(root, 'redis')];
const limit = 200;

/** A connection to Redis whose replies take a while. */
class SlowLine {
  delayMs = 0;
  readonly #server: Server;

  private constructor(to: number) {
    this.#server = createServer((client) => {
      const redis = connect(to, '127.0.0.1');
      client.pipe(redis);
      redis.on('data', (bytes) => {
        if (this.delayMs === 0) client.write(bytes);
        else setTimeout(() => client.writable && client.write(bytes), this.delayMs);
      });
      for (const [one, other] of [
        [client, redis],
        [redis, client],
      ] as const)
        one.on('error', () => undefined).on('close', () => other.destroy());
    });
  }

  static async to(port: number): Promise<SlowLine> {
    const line = new SlowLine(port);
    await once(line.#server.listen(0, '127.0.0.1'), 'listening');
    return line;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server.close();
  }
}

describe.skipIf(!redisIsInstalled())('R1: two processes of an app with one Redis, under load', () => {
  let redis: RedisServer;
  let line: SlowLine;
  let apps: readonly AppProcess[];
  let urls: readonly string[];
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  let callers = 0;

  beforeAll(async () => {
    mkdirSync(join(root, 'redis'));
    redis = await RedisServer.start(undefined, persistent);
    line = await SlowLine.to(redis.port);
    const policy = join(root, 'bff.yaml');
    writeFileSync(
      policy,
      `bff: limited
listen: { port: 0, adminPort: 0, trustedProxies: 1 }
redis: { url: 'redis://127.0.0.1:${line.port}' }
rateStore: { whenDown: local }
admission: off
addressLimit: { limit: 100000, window: 1h }
rateClasses:
  few:
    - { per: user, limit: ${limit}, window: 1h }
    - { per: user, limit: 50000, window: 1d }
    - { per: app, limit: 1000000, window: 1h }
log: { file: '${log}', requests: false }
shutdown: { delay: 0ms }
`,
    );
    const env = { LIMITED_POLICY: policy, FRONTAGE_ENV: 'test' };
    apps = [1, 2].map(() => new AppProcess({ script: 'test/process/fixtures/limited.main.ts', env }));
    urls = (await Promise.all(apps.map((app) => app.ready()))).map(({ url }) => url);
  });
  afterAll(async () => {
    for (const app of apps) app.signal('SIGTERM');
    await Promise.all(apps.map(({ ended }) => ended));
    agent.destroy();
    line.close();
    await redis.stop();
    rmSync(root, { recursive: true, force: true });
  });

  interface Response {
    readonly status: number;
    readonly tookMs: number;
  }
  const newCaller = (): string => `192.0.2.${++callers}`;
  const ask = (process: number, caller: string): Promise<Response> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      request(`${urls[process]}/few`, { agent, headers: { 'x-forwarded-for': caller } }, (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, tookMs: performance.now() - began }));
      })
        .on('error', reject)
        .end();
    });
  /** Sends many requests at the same time, to one process after the other. */
  const load = (count: number, caller: string): Promise<readonly Response[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => ask(i % 2, caller)));
  const countOf = (responses: readonly Response[], status: number): number =>
    responses.filter((one) => one.status === status).length;
  const warnings = (): readonly string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('the shared store'));
  /** Both processes count in Redis again: a caller that is new to both is one caller. */
  const untilShared = (): Promise<void> =>
    expect
      .poll(
        async () => {
          const responses = await load(limit + 40, newCaller());
          return countOf(responses, 200);
        },
        { timeout: 30_000 },
      )
      .toBe(limit)
      .then(() => undefined);

  it('admit each caller as often as the limit says, within five percent', async () => {
    const them = Array.from({ length: 5 }, newCaller);
    const all = await Promise.all(them.map((caller) => load(2 * limit, caller)));
    for (const responses of all) {
      expect(countOf(responses, 200)).toBeGreaterThanOrEqual(limit);
      expect(countOf(responses, 200)).toBeLessThanOrEqual(limit * 1.05);
      expect(countOf(responses, 200) + countOf(responses, 429)).toBe(2 * limit);
    }
  });

  it('ask Redis once per stage, however many limits it has', async () => {
    const admin = new Redis(redis.url);
    const calls = async (): Promise<number> => {
      const stats = await admin.info('commandstats');
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
    };
    const before = await calls();
    const caller = newCaller();
    for (let asked = 0; asked < 20; asked++) expect((await ask(asked % 2, caller)).status).toBe(200);
    // The address by itself, before anything is known of the caller; then the three limits of the class in one.
    expect((await calls()) - before).toBe(2 * 20);
    admin.disconnect();
  });

  it('go on while Redis is killed and started again, by the same limits, and lose no count that was in it', async () => {
    const caller = newCaller();
    const used = 62;
    expect(countOf(await load(used - 2, caller), 200)).toBe(used - 2);
    // Each of them hears of all that were counted.
    for (const process of [0, 1]) expect((await ask(process, caller)).status).toBe(200);
    await redis.stop();
    const during = await load(4 * limit, caller);
    // Each process begins with the counts that Redis has told it last, and nothing is answered with 5xx.
    expect(countOf(during, 200) + countOf(during, 429)).toBe(4 * limit);
    expect(countOf(during, 200)).toBeGreaterThanOrEqual(limit - used);
    expect(countOf(during, 200)).toBeLessThanOrEqual(2 * (limit - used) * 1.05);
    await expect.poll(() => warnings().filter((line) => line.includes('cannot be used')).length).toBe(2);
    redis = await RedisServer.start(redis.port, persistent);
    await untilShared();
    const after = await load(2 * limit, caller);
    expect(countOf(after, 200)).toBeGreaterThanOrEqual(limit - used);
    expect(countOf(after, 200)).toBeLessThanOrEqual((limit - used) * 1.05);
    await expect.poll(() => warnings().filter((line) => line.includes('is used again')).length).toBe(2);
  });

  it('keep to the limit by a Redis that is slow', async () => {
    line.delayMs = 15;
    const caller = newCaller();
    const responses: Response[] = [];
    for (let round = 0; round < 10; round++) responses.push(...(await load(40, caller)));
    line.delayMs = 0;
    expect(countOf(responses, 200) + countOf(responses, 429)).toBe(400);
    expect(countOf(responses, 200)).toBeGreaterThanOrEqual(limit);
    expect(countOf(responses, 200)).toBeLessThanOrEqual(limit * 1.05);
  });

  it('do not wait for a Redis that hangs, and count by themselves meanwhile', async () => {
    const caller = newCaller();
    const used = 20;
    expect(countOf(await load(used - 2, caller), 200)).toBe(used - 2);
    for (const process of [0, 1]) expect((await ask(process, caller)).status).toBe(200);
    redis.freeze();
    const hung: Response[] = [];
    for (let round = 0; round < 4; round++) hung.push(...(await load(limit, caller)));
    redis.thaw();
    expect(countOf(hung, 200) + countOf(hung, 429)).toBe(4 * limit);
    expect(countOf(hung, 200)).toBeLessThanOrEqual(2 * (limit - used) * 1.05);
    // A timeout is 50 ms, of each stage; the rest is the queue of a busy machine.
    expect(hung.map(({ tookMs }) => tookMs).toSorted((a, b) => b - a)[0]).toBeLessThan(5_000);
    // Once it counts as down, nobody waits.
    const last = hung
      .slice(-limit)
      .map(({ tookMs }) => tookMs)
      .toSorted((a, b) => a - b);
    expect(last[limit / 2]).toBeLessThan(500);
    await untilShared();
  });
});

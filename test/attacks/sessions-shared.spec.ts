import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sandbox } from '@frontage/sandbox';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { policyFile } from '../access/policy-file.js';
import {
  ask,
  Browser,
  ofScript,
  setProvider,
  startProvider,
  tokenRequests,
  type Answer,
} from '../access/session-world.js';
import { AppProcess } from '../process/app-process.js';

const sessionCookie = '__Host-shop-session';
/** The address that the provider knows; each process is reached at its own. */
const publicUrl = 'http://localhost:9';

describe.skipIf(!redisIsInstalled())('processes of two releases that share sessions over one Redis', () => {
  const data = mkdtempSync(join(tmpdir(), 'frontage-sessions-'));
  /** Writes each change to the disk, so that a restart has lost nothing. */
  const durable = ['--dir', data, '--appendonly', 'yes', '--appendfsync', 'always'];
  const processes: AppProcess[] = [];
  let sandbox: Sandbox;
  let redis: RedisServer;
  let policy = '';
  let first = '';
  let second = '';

  async function start(env: Readonly<Record<string, string>> = {}): Promise<string> {
    const app = new AppProcess({
      script: 'test/attacks/fixtures/sessions.main.ts',
      env: { BFF_POLICY: policy, NODE_ENV: 'test', ...env },
    });
    processes.push(app);
    return (await app.ready()).url;
  }

  beforeAll(async () => {
    [sandbox, redis] = await Promise.all([startProvider(), RedisServer.start(undefined, durable)]);
    policy = policyFile(`access:
  sessions:
    url: ${publicUrl}
    keys: ['${randomBytes(32).toString('base64')}']
    refreshAhead: 0ms
    providers:
      main: { issuer: '${sandbox.url}/issuer', clientId: shop, clientSecret: sandbox, scopes: [home:read], timeout: 20s }
deadline: 1m
redis: { url: '${redis.url}' }`);
    [first, second] = await Promise.all([start(), start({ RELEASE: '2' })]);
  }, 60_000);
  afterEach(() => setProvider(sandbox, {}));
  afterAll(async () => {
    for (const app of processes) app.signal('SIGKILL');
    await Promise.all(processes.map((app) => app.ended));
    await sandbox.close();
    await redis.stop();
    rmSync(data, { recursive: true, force: true });
  });

  /** A login at one of the processes. @returns the id of the session */
  async function logIn(url: string, user = 'ada'): Promise<string> {
    const browser = new Browser();
    const begun = await browser.ask(`${url}/login`);
    const back = await browser.atProvider(begun.headers.location ?? '', user);
    await browser.ask(back.replace(publicUrl, url));
    return browser.cookies(url).get(sessionCookie) ?? '';
  }
  const at = (url: string, id: string, path = '/me', method = 'GET'): Promise<Answer> =>
    ask(url + path, method, { ...ofScript, cookie: `${sessionCookie}=${id}` });
  const bodyOf = async (answer: Promise<Answer>): Promise<unknown> => {
    const { status, text } = await answer;
    return status === 200 ? JSON.parse(text) : status;
  };

  it('A7: each know the sessions of the other, and keep what they do not know of a record', async () => {
    const [older, later] = [await logIn(first), await logIn(second)];
    expect(await bodyOf(at(second, older))).toEqual({ subject: 'ada', device: null });
    expect(await bodyOf(at(first, later))).toEqual({ subject: 'ada', device: null });
    expect(await bodyOf(at(second, later))).toEqual({ subject: 'ada', device: { name: 'phone' } });
    // The first release writes the record of the second one.
    await setProvider(sandbox, { accessTokenSeconds: 1 });
    const short = await logIn(second);
    await setProvider(sandbox, {});
    const before = (await tokenRequests(sandbox))['refresh_token'] ?? 0;
    await expect
      .poll(
        async () => {
          expect(await bodyOf(at(first, short))).toEqual({ subject: 'ada', device: null });
          return (await tokenRequests(sandbox))['refresh_token'] ?? 0;
        },
        { timeout: 10_000 },
      )
      .toBe(before + 1);
    expect(await bodyOf(at(second, short))).toEqual({ subject: 'ada', device: { name: 'phone' } });
  });

  it('A7: leave alone a record that only a later release understands', async () => {
    const third = await start({ LEAST_READER: '2' });
    const id = await logIn(third);
    expect(await bodyOf(at(first, id))).toBe(401);
    const control = new Redis(redis.url);
    const before = await control.keys('shop:sessions:v1:session:*');
    await at(first, id, '/logout', 'POST');
    expect(await control.keys('shop:sessions:v1:session:*')).toHaveLength(before.length);
    control.disconnect();
  });

  it('A7: refresh once for 200 parallel requests with an expired token', async () => {
    await setProvider(sandbox, { accessTokenSeconds: 1, tokenLatencyMs: 200 });
    const id = await logIn(first);
    await setProvider(sandbox, { tokenLatencyMs: 200 });
    const before = (await tokenRequests(sandbox))['refresh_token'] ?? 0;
    const expired = Date.now() + 1_000;
    await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(expired);
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => at(index % 2 === 0 ? first : second, id)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await tokenRequests(sandbox)).toMatchObject({ refresh_token: before + 1 });
  }, 60_000);

  it('A7: end a session together, by a logout here or at the provider', async () => {
    const [here, other] = [await logIn(first), await logIn(first)];
    expect((await at(first, here, '/logout', 'POST')).status).toBe(200);
    expect([await bodyOf(at(second, here)), await bodyOf(at(second, other))]).toEqual([
      401,
      { subject: 'ada', device: null },
    ]);
  });

  it('A7: have nothing in Redis that opens a session, or that can be read', async () => {
    const id = await logIn(first);
    const control = new Redis(redis.url);
    const keys = await control.keys('*');
    // R6: every key begins with the name of the app and its purpose.
    expect(keys.filter((key) => !/^shop:(?:sessions|probe):v1:/.test(key))).toEqual([]);
    const values = await Promise.all(
      keys
        .filter((key) => key.includes(':session:'))
        .map(async (key) => (await control.getBuffer(key)) ?? Buffer.alloc(0)),
    );
    expect(values.length).toBeGreaterThan(0);
    const all = keys.join('\n') + values.map(String).join('\n');
    for (const text of [id, 'eyJhbGciOi', 'accessToken', 'refreshToken']) expect(all).not.toContain(text);
    expect(values.every((value) => !value.includes('ada'))).toBe(true);
    // Each has an end.
    expect(await Promise.all(keys.map((key) => control.pttl(key)))).toSatisfy((ends: number[]) =>
      ends.every((end) => end > 0),
    );
    control.disconnect();
  });

  it('A7: take no record that was put under the name of another session', async () => {
    const [own, victim] = [await logIn(first, 'mallory'), await logIn(first)];
    const control = new Redis(redis.url);
    const { nameOf } = await import('../../libs/sessions/src/records/sealed-records.js');
    const key = (id: string): string => `shop:sessions:v1:session:${nameOf(id)}`;
    await control.set(key(own), (await control.getBuffer(key(victim))) ?? '');
    control.disconnect();
    expect(await bodyOf(at(first, own))).toBe(401);
  });

  it('do not start in one machine without Redis, where each process would know its own sessions', async () => {
    const app = new AppProcess({
      script: 'libs/generator/src/main.ts',
      args: ['serve', fileURLToPath(new URL('fixtures/sessions.main.ts', import.meta.url)), '--processes', '2'],
      env: {
        NODE_ENV: 'test',
        BFF_POLICY: policyFile(`access:
  sessions:
    url: ${publicUrl}
    providers: { main: { issuer: '${sandbox.url}/issuer', clientId: shop, clientSecret: sandbox, scopes: [home:read] } }`),
      },
    });
    const { code, stderr } = await app.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('share sessions in Redis alone; add redis: { url }')]);
  }, 60_000);

  it('F32: refuse sessions with 503 while Redis is gone, and nothing else; the sessions are there again after it', async () => {
    const id = await logIn(first);
    const { port } = redis;
    await redis.stop();
    for (const url of [first, second]) {
      const answer = await at(url, id);
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
      expect((await at(url, id, '/open')).text).toBe('open');
      expect((await ask(`${url}/login`, 'GET', {})).status).toBe(303);
    }
    redis = await RedisServer.start(port, durable);
    for (const url of [first, second]) {
      await expect.poll(() => bodyOf(at(url, id)), { timeout: 10_000 }).toMatchObject({ subject: 'ada' });
    }
    expect(await bodyOf(at(second, await logIn(first, 'grace')))).toMatchObject({ subject: 'grace' });
  }, 60_000);
});

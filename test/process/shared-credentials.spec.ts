import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../../libs/auth/src/fixtures/issuer.js';
import { runProgram } from '../../libs/generator/src/program.js';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const root = mkdtempSync(join(tmpdir(), 'shared-credentials-'));
const data = join(root, 'redis');
const persistent = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', data];

/** Two apps of one kind on one Redis, and the command line. */
describe.skipIf(!redisIsInstalled())('two processes of an app with one Redis', () => {
  let key: SigningKey;
  let issuer: Issuer;
  let redis: RedisServer;
  let apps: readonly AppProcess[];
  let urls: readonly string[];
  let admins: readonly string[];

  beforeAll(async () => {
    mkdirSync(data);
    mkdirSync(join(root, 'apps/partners'), { recursive: true });
    mkdirSync(join(root, 'libs/upstreams'), { recursive: true });
    key = await signingKey('k', 'ES256');
    issuer = await Issuer.start(key);
    redis = await RedisServer.start(undefined, persistent);
    writeFileSync(
      join(root, 'apps/partners/bff.yaml'),
      `bff: partners
listen: { port: 0, adminPort: 0 }
redis: { url: '${redis.url}' }
rateStore: { whenDown: closed }
access:
  jwt: { issuer: ${issuer.issuer}, audience: mobile-bff, jwks: '${issuer.jwks}', algorithms: [ES256] }
  apiKeys: { reload: 200ms }
rateClasses: { few: [{ per: user, limit: 10000, window: 1h }] }
log: { file: '${join(root, 'log')}' }
shutdown: { delay: 0ms }
`,
    );
    const env = { PARTNERS_POLICY: join(root, 'apps/partners/bff.yaml'), FRONTAGE_ENV: 'test' };
    apps = [1, 2].map(() => new AppProcess({ script: 'test/process/fixtures/partners.main.ts', env }));
    const ready = await Promise.all(apps.map((app) => app.ready()));
    urls = ready.map(({ url }) => url);
    admins = ready.map(({ adminUrl }) => adminUrl);
  });
  afterAll(async () => {
    for (const app of apps) app.signal('SIGTERM');
    await Promise.all(apps.map(({ ended }) => ended));
    await redis.stop();
    await issuer.stop();
    rmSync(root, { recursive: true });
  });

  async function frontage(...args: string[]): Promise<string> {
    let out = '';
    const take = (text: string): void => void (out += text);
    const code = await runProgram(args, { cwd: root, write: take, writeError: take });
    if (code !== 0) throw new Error(out);
    return out;
  }

  const statuses = (headers: Readonly<Record<string, string>>): Promise<readonly number[]> =>
    Promise.all(urls.map(async (url) => (await fetch(`${url}/orders`, { headers })).status));
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const token = (sub: string): Promise<string> => tokenOf(key, { sub, scope: 'orders:read', jti: sub });
  const revoke = (admin: number, body: object): Promise<Response> =>
    fetch(`${admins[admin]}/revocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  /** The time until both answered so, in milliseconds. */
  async function until(headers: Readonly<Record<string, string>>, wanted: readonly number[]): Promise<number> {
    const began = performance.now();
    await expect.poll(() => statuses(headers), { timeout: 30_000, interval: 20 }).toEqual(wanted);
    return performance.now() - began;
  }

  it('know a key that was made on the command line, and refuse it soon after it is revoked', async () => {
    const created = await frontage('keys', 'create', 'partners', '--name', 'acme', '--scope', 'orders:read');
    const apiKey = created.split('\n')[0] ?? '';
    await until({ 'x-api-key': apiKey }, [200, 200]);
    await frontage('keys', 'revoke', 'partners', apiKey.split('_')[1] ?? '');
    await until({ 'x-api-key': apiKey }, [401, 401]);
  });

  it('refuse a token within a second of its revocation at the other one, although both had verified it', async () => {
    const headers = bearer(await token('ada'));
    expect(await statuses(headers)).toEqual([200, 200]);
    expect((await revoke(0, { id: 'ada' })).status).toBe(200);
    // A second of the policy, and as much again for a machine that is busy.
    expect(await until(headers, [401, 401])).toBeLessThan(2_000 + 3_000);
  });

  it('keep what they know while Redis is gone, refuse what they cannot count, and tell each other when it is back', async () => {
    const [ada, grace, joan] = [bearer(await token('ada')), bearer(await token('grace')), bearer(await token('joan'))];
    const apiKey =
      (await frontage('keys', 'create', 'partners', '--name', 'globex', '--scope', 'orders:read')).split('\n')[0] ?? '';
    await until({ 'x-api-key': apiKey }, [200, 200]);
    expect(await statuses(grace)).toEqual([200, 200]);
    const { port } = redis;
    await redis.stop();
    // Limits are declared closed: 503. A revoked token gets its 401 before anything is counted.
    await until(joan, [503, 503]);
    expect(await statuses({ 'x-api-key': apiKey })).toEqual([503, 503]);
    expect(await statuses(ada)).toEqual([401, 401]);
    expect((await revoke(1, { id: 'grace' })).status).toBeGreaterThanOrEqual(500);
    expect((await statuses(grace))[1]).toBe(401);
    redis = await RedisServer.start(port, persistent);
    await until(joan, [200, 200]);
    await until(grace, [401, 401]);
    expect(await statuses(ada)).toEqual([401, 401]);
    expect(await statuses({ 'x-api-key': apiKey })).toEqual([200, 200]);
  });

  it('keep their revocations although Redis comes back empty, and tell a process that starts then', async () => {
    const { port } = redis;
    await redis.stop();
    rmSync(data, { recursive: true });
    mkdirSync(data);
    redis = await RedisServer.start(port, persistent);
    const ada = bearer(await token('ada'));
    await until(ada, [401, 401]);
    const env = { PARTNERS_POLICY: join(root, 'apps/partners/bff.yaml'), FRONTAGE_ENV: 'test' };
    const late = new AppProcess({ script: 'test/process/fixtures/partners.main.ts', env });
    const { url } = await late.ready();
    await expect
      .poll(async () => (await fetch(`${url}/orders`, { headers: ada })).status, { timeout: 30_000, interval: 20 })
      .toBe(401);
    late.signal('SIGTERM');
    expect((await late.ended).code).toBe(0);
  });
});

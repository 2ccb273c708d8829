import { readFileSync } from 'node:fs';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { RateClass } from '@frontage/throttling';
import { Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');

@Controller('class')
@RateClass('reports')
class ByClass {
  @Public()
  @Get('open')
  open() {
    return [];
  }

  @Access()
  @Get('own')
  own() {
    return [];
  }
}

@Controller('guard')
@UseGuards(ThrottlerGuard)
class ByGuard {
  @Public()
  @Get('open')
  @Throttle({ default: { limit: 2, ttl: 60_000, blockDuration: 0 } })
  open() {
    return [];
  }

  @Access()
  @Get('own')
  @Throttle({ default: { limit: 2, ttl: 60_000, blockDuration: 0 } })
  own() {
    return [];
  }
}

const policy = `${takesTokens}rateClasses: { reports: [{ per: user, limit: 2, window: 1m }] }\n`;

const apps: GatewayUnderTest[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
});
async function started(more = ''): Promise<GatewayUnderTest> {
  const app = await GatewayUnderTest.start({
    controllers: [ByClass, ByGuard],
    policy: policy + more,
    upstreams: '',
    trustedProxies: 1,
  });
  apps.push(app);
  return app;
}
const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const statuses = async (count: number, ask: (i: number) => Promise<Response>): Promise<readonly number[]> => {
  const all: number[] = [];
  for (let i = 0; i < count; i++) all.push((await ask(i)).status);
  return all;
};

it('docs/limits.md shows the decorator that is tested here', () => {
  expect(page).toContain('@Throttle({ default: { limit: 2, ttl: 60_000, blockDuration: 0 } })');
  expect(page).toContain('@UseGuards(ThrottlerGuard)');
});

describe.each([
  ['a rate class', 'class', 'reports'],
  ['ThrottlerGuard', 'guard', 'default'],
])('the limit of %s', (_, root, name) => {
  it('tells an admitted request its rest in the fields of the draft', async () => {
    const app = await started();
    const rests: unknown[] = [];
    for (let asked = 0; asked < 2; asked++) {
      const { headers } = await app.ask(`/${root}/open`);
      expect(headers.get('ratelimit-policy')).toBe(`"${name}";q=2;w=60`);
      const [, member, rest, seconds] = /^"(.*)";r=(\d);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
      expect(member).toBe(name);
      rests.push(Number(rest));
      expect(Number(seconds)).toBeGreaterThanOrEqual(59);
      expect(Number(seconds)).toBeLessThanOrEqual(64);
      expect([...headers.keys()].filter((field) => field.startsWith('x-ratelimit'))).toEqual([]);
    }
    expect(rests).toEqual([1, 0]);
  });

  it('refuses with the same problem and the time of a retry', async () => {
    const app = await started();
    await statuses(2, () => app.ask(`/${root}/open`));
    const refused = await app.ask(`/${root}/open`);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      429,
      'application/problem+json; charset=utf-8',
    ]);
    expect(await refused.json()).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Too many requests',
      status: 429,
      code: 'GW_RATE_LIMITED',
      requestId: refused.headers.get('x-request-id'),
      'violated-policies': [name],
    });
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThanOrEqual(59);
    expect(wait).toBeLessThanOrEqual(64 * 1.1 + 1);
    expect(refused.headers.get('ratelimit')).toMatch(new RegExp(`^"${name}";r=0;t=\\d+$`));
    expect(refused.headers.get('ratelimit-policy')).toBe(`"${name}";q=2;w=60`);
  });

  it('counts each caller, from wherever it comes, and each network where nobody is known', async () => {
    const app = await started();
    const ada = await app.token('ada');
    const bob = await app.token('bob');
    const ask = (token: string) => (i: number) => app.ask(`/${root}/own`, { token, ...from(`192.0.2.${i}`) });
    expect(await statuses(3, ask(ada))).toEqual([200, 200, 429]);
    expect(await statuses(3, ask(bob))).toEqual([200, 200, 429]);
    expect(await statuses(3, (i) => app.ask(`/${root}/open`, from(`2001:db8::${i + 1}`)))).toEqual([200, 200, 429]);
    expect((await app.ask(`/${root}/open`, from('2001:db8:0:1::1'))).status).toBe(200);
    // The header of a client behind the trusted proxy does not give it a count of its own.
    expect((await app.ask(`/${root}/open`, from('198.51.100.1, 2001:db8::9'))).status).toBe(429);
  });

  it('counts IPv6 by the prefix of policy', async () => {
    const app = await started('limits: { ipv6Prefix: 48 }\n');
    expect(await statuses(3, (i) => app.ask(`/${root}/open`, from(`2001:db8:0:${i}::1`)))).toEqual([200, 200, 429]);
    expect((await app.ask(`/${root}/open`, from('2001:db8:1::1'))).status).toBe(200);
  });

  describe.skipIf(!redisIsInstalled())('in Redis', () => {
    let redis: RedisServer;
    let admin: Redis;
    beforeAll(async () => {
      redis = await RedisServer.start();
      admin = new Redis(redis.url);
    });
    afterAll(async () => {
      admin.disconnect();
      await redis.stop();
    });

    it('is one for all processes, under keys that end with the caller', async () => {
      await admin.flushall();
      const more = `redis: { url: '${redis.url}' }\n`;
      const processes = [await started(more), await started(more)];
      const token = await processes[0]?.token('ada');
      const tokens = [token, await processes[1]?.token('ada')];
      const asked = await statuses(
        4,
        (i) =>
          processes[i % 2]?.ask(`/${root}/own`, { token: tokens[i % 2] ?? '' }) ?? expect.unreachable('there are two'),
      );
      expect(asked).toEqual([200, 200, 429, 429]);
      const keys = await admin.keys('spec:limits:v2:*');
      expect(keys).toHaveLength(1);
      expect(keys[0]).toMatch(/\nuser\nada$/);
    });

    it('follows rateStore.whenDown', async () => {
      const own = await RedisServer.start();
      const app = await started(`redis: { url: '${own.url}' }\nrateStore: { whenDown: closed }\n`);
      expect((await app.ask(`/${root}/open`)).status).toBe(200);
      await own.stop();
      await expect.poll(async () => (await app.ask(`/${root}/open`)).status, { timeout: 10_000 }).toBe(503);
      const refused = await app.ask(`/${root}/open`);
      expect(await refused.json()).toMatchObject({
        type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
        code: 'GW_OVERLOADED',
      });
      expect(refused.headers.get('retry-after')).toBe('1');
    });
  });
});

import { RequestContext, type Caller } from '@frontage/context';
import { describe, expect, it } from 'vitest';
import { RedisStore } from '@frontage/store';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { ManualClock } from '@frontage/testing/manual-clock';
import { MemoryThrottlerStorage } from './memory-storage.js';
import { RateClass, rateClassOf } from './rate-class.decorator.js';
import { RateLimiter, type CompiledRateClass, type RateLimit } from './rate-limiter.js';
import { RedisThrottlerStorage } from './redis-storage.js';

function request(caller?: Partial<Caller>, address = '192.0.2.1'): RequestContext {
  const context = new RequestContext('r-1', 0, 'GET', address, {});
  if (caller !== undefined) context.caller = { subject: 'ada', scopes: [], roles: [], ...caller };
  return context;
}

function compiled(...limits: RateLimit[]): { readonly rateClass: CompiledRateClass; readonly clock: ManualClock } {
  const clock = new ManualClock();
  return { rateClass: new RateLimiter(new MemoryThrottlerStorage({ clock })).compile('interactive', limits), clock };
}
const minute = { limit: 2, windowMs: 60_000 };
/** Counts one request of the class by the check that it has; all stores are in memory here. */
const countIn = (rateClass: CompiledRateClass, context: RequestContext): unknown =>
  (rateClass.byAddress ?? rateClass.byCaller)?.(context);
const limited = expect.objectContaining({ code: 'GW_RATE_LIMITED' });

describe('a rate class', () => {
  it('tells an admitted request the rest of its limit, without a promise', () => {
    const { rateClass } = compiled({ per: 'user', limit: 60, windowMs: 60_000 });
    expect(rateClass.policy).toBe('"interactive";q=60;w=60');
    expect(rateClass.byCaller?.(request({}))).toMatch(/^"interactive";r=59;t=6[0-3]$/);
    expect(rateClass.byCaller?.(request({}))).toMatch(/^"interactive";r=58;t=6[0-3]$/);
  });

  it('refuses a request beyond the limit with 429 and the time of a retry', () => {
    const { rateClass, clock } = compiled({ per: 'user', ...minute });
    countIn(rateClass, request({}));
    countIn(rateClass, request({}));
    clock.skip(30_000);
    expect(() => rateClass.byCaller?.(request({}))).toThrow(
      expect.objectContaining({
        code: 'GW_RATE_LIMITED',
        status: 429,
        options: {
          headers: {
            'retry-after': expect.stringMatching(/^3[0-3]$/),
            'ratelimit-policy': '"interactive";q=2;w=60',
            ratelimit: expect.stringMatching(/^"interactive";r=0;t=3[0-3]$/),
          },
        },
      }),
    );
    clock.skip(33_000);
    expect(() => rateClass.byCaller?.(request({}))).not.toThrow();
  });

  it('counts each user, and each address of requests without a caller', () => {
    const { rateClass } = compiled({ per: 'user', ...minute, limit: 1 });
    const count = (context: RequestContext) => () => rateClass.byCaller?.(context);
    expect(count(request({ subject: 'ada' }))).not.toThrow();
    expect(count(request({ subject: 'ada' }, '203.0.113.9'))).toThrow(limited);
    expect(count(request({ subject: 'bob' }))).not.toThrow();
    expect(count(request(undefined))).not.toThrow();
    expect(count(request(undefined))).toThrow(limited);
    expect(count(request(undefined, '203.0.113.9'))).not.toThrow();
    expect(count(request({ subject: '203.0.113.9' }))).not.toThrow(); // a user with the name of an address
  });

  it('counts addresses before the caller is known, IPv6 by its /64', () => {
    const { rateClass } = compiled({ per: 'address', ...minute, limit: 1 });
    expect(rateClass.byCaller).toBeUndefined();
    const count = (address: string) => () => rateClass.byAddress?.(request(undefined, address));
    expect(count('2001:db8::1')).not.toThrow();
    expect(count('2001:db8::ffff:2')).toThrow(limited);
    expect(count('2001:db8:0:1::1')).not.toThrow();
  });

  it('counts each caller with a role by a limit of its own, and others not at all', () => {
    const { rateClass } = compiled({ per: 'role', role: 'trial', ...minute, limit: 1 });
    const count = (caller: Partial<Caller> | undefined) => () => rateClass.byCaller?.(request(caller));
    expect(count({ subject: 'ada', roles: ['trial'] })).not.toThrow();
    expect(count({ subject: 'bob', roles: ['trial'] })).not.toThrow();
    expect(count({ subject: 'ada', roles: ['trial'] })).toThrow(limited);
    expect(count({ subject: 'ada', roles: ['paying'] })()).toBe('');
    expect(count(undefined)()).toBe('');
  });

  it('counts the app as a whole', () => {
    const { rateClass } = compiled({ per: 'app', ...minute });
    countIn(rateClass, request({ subject: 'ada' }));
    countIn(rateClass, request(undefined));
    expect(() => rateClass.byCaller?.(request({ subject: 'bob' }))).toThrow(limited);
  });

  it('holds several limits, each with a name of its own', () => {
    const { rateClass } = compiled(
      { per: 'user', limit: 60, windowMs: 60_000 },
      { per: 'app', limit: 2_000, windowMs: 1_000 },
      { per: 'user', limit: 500, windowMs: 3_600_000 },
      { per: 'user', limit: 5_000, windowMs: 86_400_000 },
      { per: 'address', limit: 1, windowMs: 1_000 },
    );
    expect(rateClass.policy).toBe(
      '"interactive";q=60;w=60, "interactive-app";q=2000;w=1, "interactive-user";q=500;w=3600, "interactive-user-86400s";q=5000;w=86400, "interactive-address";q=1;w=1',
    );
    expect(rateClass.byCaller?.(request({}))).toMatch(
      /^"interactive";r=59;t=6[0-3], "interactive-app";r=1999;t=[12], "interactive-user";r=499;t=3\d+, "interactive-user-86400s";r=4999;t=\d+$/,
    );
    expect(rateClass.byAddress?.(request({}))).toMatch(/^"interactive-address";r=0;t=[12]$/);
  });

  it('is counted separately from another class', () => {
    const limiter = new RateLimiter(new MemoryThrottlerStorage({ clock: new ManualClock() }));
    const one = limiter.compile('one', [{ per: 'user', ...minute, limit: 1 }]);
    const other = limiter.compile('other', [{ per: 'user', ...minute, limit: 1 }]);
    countIn(one, request({}));
    expect(() => other.byCaller?.(request({}))).not.toThrow();
    expect(() => one.byCaller?.(request({}))).toThrow(limited);
  });

  it.each<[string, RateLimit[], string]>([
    ['interactive', [], 'rate class interactive: has no limit'],
    ['a "b"', [{ per: 'user', ...minute }], 'a name has letters, digits'],
    ['a', [{ per: 'user', ...minute, limit: -1 }], 'rate class a, limit 1: limit is -1'],
    [
      'a',
      [
        { per: 'user', ...minute },
        { per: 'user', ...minute, limit: 1.5 },
      ],
      'rate class a, limit 2: limit is 1.5',
    ],
    ['a', [{ per: 'user', ...minute, windowMs: 10 }], 'rate class a, limit 1: window is 10 ms; write a second or more'],
    ['a', [{ per: 'role', ...minute }], '"role" and "per: role" belong together'],
    ['a', [{ per: 'user', role: 'trial', ...minute }], '"role" and "per: role" belong together'],
  ])('with the name %j and %j is refused at the start', (name, limits, message) => {
    expect(() => new RateLimiter(new MemoryThrottlerStorage()).compile(name, limits)).toThrow(message);
  });
});

describe.skipIf(!redisIsInstalled())('a rate class in Redis', () => {
  it('waits for the counts and gives the same outcomes', async () => {
    const redis = await RedisServer.start();
    const shared = new RedisStore({ app: 'mobile', url: redis.url, timeoutMs: 5_000 });
    await shared.start();
    const store = new RedisThrottlerStorage({ store: shared, whenDown: 'closed' }, new MemoryThrottlerStorage());
    const rateClass = new RateLimiter(store).compile('interactive', [
      { per: 'user', limit: 1, windowMs: 60_000 },
      { per: 'app', limit: 10, windowMs: 3_600_000 },
    ]);
    await expect(rateClass.byCaller?.(request({}))).resolves.toMatch(
      /^"interactive";r=0;t=6[0-3], "interactive-app";r=9;t=3\d+$/,
    );
    await expect(rateClass.byCaller?.(request({}))).rejects.toMatchObject({ code: 'GW_RATE_LIMITED' });
    shared.stop();
    await redis.stop();
  });
});

describe('the rate class of a route', () => {
  @RateClass('browse')
  class Shop {
    asTheClass(): void {}
    @RateClass('interactive')
    asItself(): void {}
  }
  class Silent {
    nothing(): void {}
  }
  const classOf = (controller: { readonly prototype: object }, method: string): string | undefined =>
    rateClassOf(controller, Object(Reflect.get(controller.prototype, method)));

  it('is that of its method, else that of its class', () => {
    expect(classOf(Shop, 'asTheClass')).toBe('browse');
    expect(classOf(Shop, 'asItself')).toBe('interactive');
    expect(classOf(Silent, 'nothing')).toBeUndefined();
  });
});

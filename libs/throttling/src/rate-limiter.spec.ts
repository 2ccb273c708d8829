import { RequestContext, type Caller } from '@frontage/context';
import { describe, expect, it } from 'vitest';
import { RedisStore } from '@frontage/store';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { ManualClock } from '@frontage/testing/manual-clock';
import { MemoryThrottlerStorage } from './counts/memory-storage.js';
import { RateClass, rateClassOf } from './rate-class.decorator.js';
import type { RateLimit } from './compiled-limits.js';
import { RateLimiter, type CompiledRateClass } from './rate-limiter.js';
import { RedisThrottlerStorage } from './counts/redis-storage.js';

function request(caller?: Partial<Caller>, address = '192.0.2.1'): RequestContext {
  const context = new RequestContext('r-1', 0, 'GET', address, {});
  if (caller !== undefined) context.caller = { subject: 'ada', scopes: [], roles: [], ...caller };
  return context;
}

function compiled(...limits: RateLimit[]): { readonly rateClass: CompiledRateClass; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const limiter = new RateLimiter(new MemoryThrottlerStorage({ clock }), { random: () => 0 });
  return { rateClass: limiter.compile('interactive', limits), clock };
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
          type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
          members: { 'violated-policies': ['interactive'] },
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

  it.each(['tenant', 'apiKey'] as const)(
    'counts the callers of one %s together, and a caller without one by itself',
    (per) => {
      const { rateClass } = compiled({ per, ...minute });
      const of = (subject: string, group?: string): RequestContext =>
        request({ subject, ...(group !== undefined && { [per]: group }) });
      countIn(rateClass, of('ada', 'acme'));
      countIn(rateClass, of('bob', 'acme'));
      expect(() => countIn(rateClass, of('eve', 'acme'))).toThrow(limited);
      expect(() => countIn(rateClass, of('eve', 'other'))).not.toThrow();
      // Names of another kind never meet: a caller with the name of a group has a count of its own.
      for (const alone of ['acme', 'dan']) {
        countIn(rateClass, of(alone));
        countIn(rateClass, of(alone));
        expect(() => countIn(rateClass, of(alone))).toThrow(limited);
      }
      for (let i = 0; i < 2; i++) countIn(rateClass, request());
      expect(() => countIn(rateClass, request())).toThrow(limited);
    },
  );

  it('tells a caller what it has used, and counts nothing by that', () => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(new MemoryThrottlerStorage({ clock }));
    const limits = [
      { per: 'user', limit: 3, windowMs: 60_000 },
      { per: 'app', limit: 100, windowMs: 1_000 },
      { per: 'user', limit: 60, windowMs: 60_000, burst: 10 },
      { per: 'role', role: 'gold', limit: 5, windowMs: 60_000 },
    ] as const satisfies readonly RateLimit[];
    const rateClass = limiter.compile('interactive', limits);
    const look = limiter.compileLook('interactive', limits);
    expect(look(request({}))).toEqual([
      { policy: 'interactive', per: 'user', limit: 3, window: 60, used: 0, remaining: 3, reset: 0 },
      { policy: 'interactive-user', per: 'user', limit: 10, window: 10, used: 0, remaining: 10, reset: 0 },
    ]);
    for (let i = 0; i < 3; i++) countIn(rateClass, request({ roles: ['gold'] }));
    for (let i = 0; i < 5; i++)
      expect(look(request({ roles: ['gold'] }))).toMatchObject([
        { policy: 'interactive', used: 3, remaining: 0, reset: 63 },
        { policy: 'interactive-user', used: 3, remaining: 7, reset: 3 },
        { policy: 'interactive-role', used: 3, remaining: 2 },
      ]);
    expect(look(request({ subject: 'bob' }))).toMatchObject([{ used: 0 }, { used: 0 }]);
  });

  it('leaves the limits of others as they were where one refuses, whatever their order', () => {
    for (const limits of [
      [{ per: 'app', limit: 10, windowMs: 60_000 } as const, { per: 'user', ...minute } as const],
      [{ per: 'user', ...minute } as const, { per: 'app', limit: 10, windowMs: 60_000 } as const],
    ]) {
      const { rateClass } = compiled(...limits);
      for (let i = 0; i < 2; i++) countIn(rateClass, request({ subject: 'greedy' }));
      for (let i = 0; i < 50; i++) expect(() => countIn(rateClass, request({ subject: 'greedy' }))).toThrow(limited);
      for (let i = 0; i < 8; i++) expect(() => countIn(rateClass, request({ subject: `other ${i}` }))).not.toThrow();
    }
  });

  it('names every limit that refuses, and the longest of their times', () => {
    const { rateClass } = compiled(
      { per: 'user', limit: 1, windowMs: 10_000 },
      { per: 'app', limit: 1, windowMs: 3_600_000 },
      { per: 'role', role: 'trial', limit: 5, windowMs: 60_000 },
    );
    const trial = (): RequestContext => request({ roles: ['trial'] });
    countIn(rateClass, trial());
    expect(() => countIn(rateClass, trial())).toThrow(
      expect.objectContaining({
        options: {
          type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
          members: { 'violated-policies': ['interactive', 'interactive-app'] },
          headers: expect.objectContaining({
            'retry-after': expect.stringMatching(/^3[67]\d\d$/),
            ratelimit: expect.stringMatching(/^"interactive";r=0;t=1[01], "interactive-app";r=0;t=3[67]\d\d$/),
          }),
        },
      }),
    );
  });

  it('spreads the time of a retry by up to a tenth, and never shortens it', () => {
    const waits = [0, 0.5, 0.999].map((random) => {
      const clock = new ManualClock();
      const limiter = new RateLimiter(new MemoryThrottlerStorage({ clock }), { random: () => random });
      const rateClass = limiter.compile('slow', [{ per: 'app', limit: 0, windowMs: 1_000_000 }]);
      try {
        return countIn(rateClass, request({}));
      } catch (refusal) {
        return Number((refusal as { options: { headers: Record<string, string> } }).options.headers['retry-after']);
      }
    });
    expect(waits).toEqual([1_050, 1_103, 1_155]);
  });

  it('counts a request by the weight of its route, in the same count as other routes', () => {
    const limiter = new RateLimiter(new MemoryThrottlerStorage({ clock: new ManualClock() }));
    const limits: RateLimit[] = [{ per: 'user', limit: 10, windowMs: 60_000 }];
    const [light, heavy] = [limiter.compile('browse', limits), limiter.compile('browse', limits, 4)];
    expect(countIn(heavy, request({}))).toMatch(/^"browse";r=6;/);
    expect(countIn(light, request({}))).toMatch(/^"browse";r=5;/);
    expect(countIn(heavy, request({}))).toMatch(/^"browse";r=1;/);
    expect(() => countIn(heavy, request({}))).toThrow(limited);
    expect(countIn(light, request({}))).toMatch(/^"browse";r=0;/);
  });

  it('tells of a burst how much of it is left, and when all of it is free', () => {
    const { rateClass, clock } = compiled({ per: 'user', limit: 60, windowMs: 60_000, burst: 10 });
    expect(rateClass.policy).toBe('"interactive";q=10;w=10');
    expect(countIn(rateClass, request({}))).toBe('"interactive";r=9;t=1');
    expect(countIn(rateClass, request({}))).toBe('"interactive";r=8;t=2');
    clock.skip(1_000);
    expect(countIn(rateClass, request({}))).toBe('"interactive";r=8;t=2');
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
    [
      'a',
      [{ per: 'user', ...minute, burst: 3 }],
      'rate class a, limit 1: burst is 3; write a whole number from 1 to the limit, 2',
    ],
    ['a', [{ per: 'user', ...minute, burst: 0 }], 'burst is 0'],
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
    @RateClass('interactive', { weight: 5 })
    asItself(): void {}
  }
  class Silent {
    nothing(): void {}
  }
  const classOf = (controller: { readonly prototype: object }, method: string) =>
    rateClassOf(controller, Object(Reflect.get(controller.prototype, method)));

  it('is that of its method, else that of its class', () => {
    expect(classOf(Shop, 'asTheClass')).toEqual({ name: 'browse', weight: 1 });
    expect(classOf(Shop, 'asItself')).toEqual({ name: 'interactive', weight: 5 });
    expect(classOf(Silent, 'nothing')).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN])('has no weight of %j', (weight) => {
    expect(() => RateClass('browse', { weight })).toThrow(`@RateClass('browse'): weight is ${weight}; write a whole`);
  });
});

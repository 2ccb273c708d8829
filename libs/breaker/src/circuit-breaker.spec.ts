import { channels, type BreakerChanged, type Clock } from '@frontage/core';
import { afterEach, describe, expect, it } from 'vitest';
import { CircuitBreaker, type CircuitBreakerOptions, type Permit } from './index.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => now, setTimer: () => undefined, clearTimer: () => {} };

function breakerWith(options: CircuitBreakerOptions = {}): CircuitBreaker {
  now = 1_000_000;
  return new CircuitBreaker(
    'orders',
    { failureRatio: 0.5, windowMs: 10_000, minimumCalls: 4, openForMs: 5_000, halfOpenPermits: 3, ...options },
    clock,
  );
}

function acquire(breaker: CircuitBreaker): Permit {
  const permit = breaker.tryAcquire();
  if (permit === undefined) throw new Error('the breaker rejected a call that should pass');
  return permit;
}

const succeed = (breaker: CircuitBreaker, times: number) => repeat(times, () => acquire(breaker).succeed());
const fail = (breaker: CircuitBreaker, times: number) => repeat(times, () => acquire(breaker).fail());
function repeat(times: number, action: () => void): void {
  for (let i = 0; i < times; i++) action();
}

function openBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const breaker = breakerWith(options);
  fail(breaker, 4);
  expect(breaker.state).toBe('open');
  return breaker;
}

function halfOpenBreaker(options: CircuitBreakerOptions = {}): { breaker: CircuitBreaker; probe: Permit } {
  const breaker = openBreaker(options);
  now += 5_000;
  const probe = acquire(breaker);
  expect(breaker.state).toBe('half_open');
  return { breaker, probe };
}

describe('a closed circuit breaker', () => {
  it('stays closed below the minimum number of calls, though all fail', () => {
    const breaker = breakerWith();
    fail(breaker, 3);
    expect(breaker.state).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('opens at exactly the failure ratio, and not below it', () => {
    const breaker = breakerWith();
    succeed(breaker, 2);
    fail(breaker, 1);
    expect(breaker.state).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('does not open at a success, although older successes leave the window and the failures in it are too many', () => {
    const breaker = breakerWith();
    succeed(breaker, 6);
    now += 5_000;
    fail(breaker, 4);
    now += 5_000;
    succeed(breaker, 4);
    expect(breaker.state).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('opens at exactly 7 of 100, which 0.07 * 100 misses in floating point', () => {
    const breaker = breakerWith({ failureRatio: 0.07, minimumCalls: 100 });
    succeed(breaker, 93);
    fail(breaker, 6);
    expect(breaker.state).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('does not count calls older than the window, also after a long pause', () => {
    const breaker = breakerWith();
    fail(breaker, 3);
    now += 10_000;
    fail(breaker, 3);
    now += 3_600_000;
    fail(breaker, 3);
    expect(breaker.state).toBe('closed');
  });

  it('opens on slow calls, though all succeed', () => {
    const breaker = breakerWith({ slowCallMs: 200, slowRatio: 0.5 });
    succeed(breaker, 2);
    repeat(2, () => {
      const permit = acquire(breaker);
      now += 200;
      permit.succeed();
    });
    expect(breaker.state).toBe('open');
  });

  it('does not count released calls', () => {
    const breaker = breakerWith();
    repeat(100, () => acquire(breaker).release());
    fail(breaker, 3);
    repeat(100, () => acquire(breaker).release());
    expect(breaker.state).toBe('closed');
    fail(breaker, 1);
    expect(breaker.state).toBe('open');
  });

  it('takes one report per permit', () => {
    const breaker = breakerWith();
    const permit = acquire(breaker);
    repeat(10, () => permit.fail());
    expect(breaker.state).toBe('closed');
  });

  it('counts one upstream alone', () => {
    const orders = openBreaker();
    const shipping = new CircuitBreaker('shipping', {}, clock);
    expect(orders.tryAcquire()).toBeUndefined();
    expect(shipping.tryAcquire()).toBeDefined();
  });
});

describe('an open circuit breaker', () => {
  it('rejects calls at once and counts them', () => {
    const breaker = openBreaker();
    now += 4_999;
    repeat(1_000, () => expect(breaker.tryAcquire()).toBeUndefined());
    expect(breaker.rejected).toBe(1_000);
    expect(breaker.state).toBe('open');
  });

  it('ignores late results of calls that began while it was closed', () => {
    const breaker = breakerWith();
    const late = [acquire(breaker), acquire(breaker), acquire(breaker)];
    fail(breaker, 4);
    now += 5_000;
    const probe = acquire(breaker);
    late[0]?.fail();
    late[1]?.succeed();
    late[2]?.release();
    expect(breaker.state).toBe('half_open');
    expect([breaker.tryAcquire(), breaker.tryAcquire(), breaker.tryAcquire()].map((p) => p !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    probe.succeed();
    expect(breaker.state).toBe('half_open');
  });
});

describe('a half-open circuit breaker', () => {
  it('turns half-open at the first call after the wait, not by itself', () => {
    const breaker = openBreaker();
    now += 60_000;
    expect(breaker.state).toBe('open');
    acquire(breaker);
    expect(breaker.state).toBe('half_open');
  });

  it('lets exactly its permits through under a fan-out of 1,000', () => {
    const breaker = openBreaker();
    now += 5_000;
    const passed = Array.from({ length: 1_000 }, () => breaker.tryAcquire()).filter((permit) => permit !== undefined);
    expect(passed).toHaveLength(3);
  });

  it('closes after its permits succeeded, with an empty window', () => {
    const { breaker, probe } = halfOpenBreaker();
    probe.succeed();
    succeed(breaker, 2);
    expect(breaker.state).toBe('closed');
    fail(breaker, 3);
    expect(breaker.state).toBe('closed');
  });

  it('opens again when too many of its permits failed, each time for twice as long up to a limit', () => {
    const breaker = openBreaker({ maxOpenForMs: 15_000 });
    for (const openForMs of [5_000, 10_000, 15_000, 15_000]) {
      now += openForMs - 1;
      expect(breaker.tryAcquire()).toBeUndefined();
      now += 1;
      fail(breaker, 2);
      expect(breaker.state).toBe('open');
    }
  });

  it('starts over with the short wait once it has closed', () => {
    const { breaker, probe } = halfOpenBreaker();
    probe.fail();
    fail(breaker, 1);
    now += 10_000;
    succeed(breaker, 3);
    fail(breaker, 4);
    now += 5_000;
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('gets the permit of a cancelled call back, so that clients that leave cannot keep it half-open', () => {
    const { breaker, probe } = halfOpenBreaker();
    probe.release();
    repeat(100, () => acquire(breaker).release());
    expect(breaker.state).toBe('half_open');
    succeed(breaker, 3);
    expect(breaker.state).toBe('closed');
  });

  it('gives new permits when the outcomes of its probes never come', () => {
    const { breaker, probe: lost } = halfOpenBreaker({ halfOpenForMs: 60_000 });
    acquire(breaker);
    acquire(breaker);
    now += 59_999;
    expect(breaker.tryAcquire()).toBeUndefined();
    now += 1;
    succeed(breaker, 3);
    expect(breaker.state).toBe('closed');
    lost.fail();
    expect(breaker.state).toBe('closed');
  });
});

describe('modes', () => {
  it('forced open rejects calls that would pass, until it is enforced again', () => {
    const breaker = breakerWith({ mode: 'forced_open' });
    expect(breaker.tryAcquire()).toBeUndefined();
    breaker.setMode('enforce');
    expect(breaker.mode).toBe('enforce');
    expect(breaker.tryAcquire()).toBeDefined();
  });

  it('disabled lets all calls pass and counts none', () => {
    const breaker = breakerWith({ mode: 'disabled' });
    fail(breaker, 100);
    expect(breaker.state).toBe('closed');
  });

  it('observe reports its states and rejects no call', () => {
    const breaker = breakerWith({ mode: 'observe' });
    fail(breaker, 4);
    expect(breaker.state).toBe('open');
    fail(breaker, 100);
    expect(breaker.rejected).toBe(100);
    now += 5_000;
    succeed(breaker, 3);
    expect(breaker.state).toBe('closed');
  });
});

describe('a state that an operator forces', () => {
  it('open rejects every call until its time is over, and then it begins closed', () => {
    const breaker = breakerWith();
    fail(breaker, 3);
    breaker.force('open', 10_000);
    expect([breaker.state, breaker.forced]).toEqual(['open', { state: 'open', forMs: 10_000 }]);
    now += 9_999;
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(breaker.rejected).toBe(1);
    now += 1;
    expect([breaker.state, breaker.forced]).toEqual(['closed', undefined]);
    // The failures from before are forgotten.
    fail(breaker, 3);
    expect(breaker.state).toBe('closed');
  });

  it('closed lets every call pass and counts none', () => {
    const breaker = openBreaker();
    breaker.force('closed', 10_000);
    fail(breaker, 100);
    expect(breaker.state).toBe('closed');
    now += 10_000;
    fail(breaker, 4);
    expect(breaker.state).toBe('open');
  });

  it('ends when the operator ends it, and a later one replaces it', () => {
    const breaker = breakerWith();
    breaker.force('open', 10_000);
    breaker.force('closed', 1_000);
    expect(breaker.state).toBe('closed');
    breaker.automatic();
    fail(breaker, 4);
    expect(breaker.state).toBe('open');
  });

  it('is not ended by a probe that finds the upstream well, nor changed by calls from before', () => {
    const breaker = breakerWith();
    const late = [acquire(breaker), acquire(breaker), acquire(breaker), acquire(breaker)];
    breaker.force('open', 10_000);
    breaker.probeNow();
    for (const permit of late) permit.succeed();
    expect([breaker.state, breaker.tryAcquire()]).toEqual(['open', undefined]);
    breaker.force('closed', 10_000);
    now += 10_000;
    for (const permit of late) permit.fail();
    expect(breaker.state).toBe('closed');
  });

  it('takes a time of at least a millisecond', () => {
    expect(() => breakerWith().force('open', 0)).toThrow(new RangeError('forMs must be at least 1, not 0'));
  });
});

describe('the messages of a circuit breaker', () => {
  const heard: unknown[] = [];
  const listen = (message: unknown) => void heard.push(message);
  afterEach(() => {
    channels.breakerChanged.unsubscribe(listen);
  });

  it('publishes each change of its state once', () => {
    channels.breakerChanged.subscribe(listen);
    const { breaker, probe } = halfOpenBreaker();
    probe.succeed();
    succeed(breaker, 2);
    const turn = (state: BreakerChanged['state']): BreakerChanged => ({ upstream: 'orders', state });
    expect(heard).toEqual([turn('open'), turn('half_open'), turn('closed')]);
  });

  it('publishes a forced state, and its end with the next call', () => {
    channels.breakerChanged.subscribe(listen);
    heard.length = 0;
    const breaker = breakerWith();
    breaker.force('open', 1_000);
    breaker.force('open', 2_000);
    now += 2_000;
    acquire(breaker);
    expect(heard).toEqual([
      { upstream: 'orders', state: 'open' },
      { upstream: 'orders', state: 'closed' },
    ]);
  });

  it.each([
    [{ failureRatio: 0 }, 'failureRatio must be above 0 and at most 1, not 0'],
    [{ failureRatio: 1.5 }, 'failureRatio must be above 0 and at most 1, not 1.5'],
    [{ minimumCalls: 0.5 }, 'minimumCalls must be a whole number from 1, not 0.5'],
    [{ windowMs: Number.NaN }, 'windowMs must be at least 10, not NaN'],
  ])('refuses %o with a message', (options, message) => {
    expect(() => breakerWith(options)).toThrow(new RangeError(message));
  });
});

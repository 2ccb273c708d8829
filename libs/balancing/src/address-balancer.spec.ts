import fc from 'fast-check';
import { ManualClock } from '@frontage/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { AddressBalancer, type AddressBalancerOptions, type Choice } from './address-balancer.js';
import type { BalancedTarget } from './addresses/balanced-address.js';

let clock: ManualClock;
let out: string[];
beforeEach(() => {
  clock = new ManualClock();
  out = [];
});

/** The generator of Park and Miller. */
function seeded(seed = 7): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const letters = (text: string): BalancedTarget<string>[] => Array.from(text, (name) => ({ target: name, name }));

function balancerOf(
  targets: string | readonly BalancedTarget<string>[],
  options: AddressBalancerOptions = {},
  seed = 7,
): AddressBalancer<string> {
  const list = typeof targets === 'string' ? letters(targets) : targets;
  return new AddressBalancer(list, options, {
    clock,
    random: seeded(seed),
    onOut: (target, reason) => out.push(`${target} ${reason}`),
  });
}

/** Picks without letting the calls last. */
function picks(balancer: AddressBalancer<string>, count: number, choice: Choice<string> = {}): string {
  let all = '';
  for (let call = 0; call < count; call++) {
    const address = balancer.pick(choice);
    balancer.release(address);
    all += address.target;
  }
  return all;
}

function ended(
  balancer: AddressBalancer<string>,
  address: ReturnType<AddressBalancer<string>['pick']>,
  isGood: boolean,
  ms: number,
): void {
  balancer.report(address, isGood, ms);
  balancer.release(address);
}

const countsOf = (all: string): Record<string, number> =>
  Object.fromEntries(
    Map.groupBy(all, (each) => each)
      .entries()
      .map(([name, list]) => [name, list.length]),
  );

/** Calls until `target` had `count` of them, each with this result. */
function results(balancer: AddressBalancer<string>, target: string, isGood: boolean, count: number, ms = 10): void {
  for (let seen = 0, tries = 0; seen < count; tries++) {
    if (tries > 100_000) throw new Error(`${target} gets no calls`);
    const address = balancer.pick();
    if (address.target !== target) balancer.release(address);
    else {
      ended(balancer, address, isGood, ms);
      seen++;
    }
  }
}

const turns = { by: 'round-robin', slowStartMs: 0 } as const;

describe('round robin', () => {
  it('goes round', () => {
    expect(picks(balancerOf('abc', turns), 7)).toBe('abcabca');
  });

  it('gives each address its weight, spread between the others', () => {
    const weighted = [
      { target: 'a', name: 'a', weight: 5 },
      { target: 'b', name: 'b' },
      { target: 'c', name: 'c' },
    ];
    expect(picks(balancerOf(weighted, turns), 7)).toBe('aabacaa');
  });
});

describe('least requests', () => {
  it('goes to the address with fewer requests under way', () => {
    const balancer = balancerOf('ab');
    const held = Array.from({ length: 10 }, () => balancer.pick().target).join('');
    expect(countsOf(held)).toEqual({ a: 5, b: 5 });
  });

  it('gives an address that is three times slower about a ninth of the requests: fewer, and shorter under way', () => {
    const balancer = balancerOf('ab');
    const ends: { at: number; end: () => void }[] = [];
    let all = '';
    for (let now = 0; now < 20_000; now += 5) {
      clock.skip(5);
      for (const each of ends.filter(({ at }) => at <= now)) each.end();
      ends.splice(0, ends.length, ...ends.filter(({ at }) => at > now));
      const address = balancer.pick();
      const ms = address.target === 'a' ? 50 : 150;
      all += address.target;
      ends.push({ at: now + ms, end: () => ended(balancer, address, true, ms) });
    }
    const { a = 0, b = 0 } = countsOf(all);
    expect(b / a).toBeGreaterThan(0.05);
    expect(b / a).toBeLessThan(0.25);
  });

  it('tries a slow address again when some time has passed', () => {
    const balancer = balancerOf('ab');
    results(balancer, 'a', true, 1, 10);
    results(balancer, 'b', true, 1, 1_000);
    expect(picks(balancer, 20)).toBe('a'.repeat(20));
    let all = '';
    for (let second = 0; second < 60; second++) {
      clock.skip(1_000);
      const address = balancer.pick();
      all += address.target;
      ended(balancer, address, true, 10);
    }
    expect(all.slice(0, 20)).not.toContain('b');
    expect(all).toContain('b');
  });

  it('does not prefer an address that fails quickly', () => {
    const balancer = balancerOf('ab', { eject: 'off' });
    let all = '';
    for (let call = 0; call < 400; call++) {
      clock.skip(10);
      const address = balancer.pick();
      all += address.target;
      const fails = address.target === 'b';
      ended(balancer, address, !fails, fails ? 1 : 50);
    }
    expect(countsOf(all)['b']).toBeLessThan(100);
  });

  it('spreads over many addresses evenly, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 2, max: 20 }), (seed, count) => {
        const names = Array.from({ length: count }, (_, index) => ({ target: String(index), name: `a${index}` }));
        const balancer = balancerOf(names, {}, seed);
        const held = new Map<string, number>();
        for (let call = 0; call < count * 20; call++) {
          const { target } = balancer.pick();
          held.set(target, (held.get(target) ?? 0) + 1);
        }
        for (const each of names) expect(Math.abs((held.get(each.target) ?? 0) - 20)).toBeLessThanOrEqual(6);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a hash', () => {
  const keys = Array.from({ length: 600 }, (_, index) => `customer-${index}`);
  const placesOf = (balancer: AddressBalancer<string>): string[] => keys.map((key) => picks(balancer, 1, { key }));

  it('gives a key the same address, and each address its share of the keys', () => {
    const first = placesOf(balancerOf('abc', { by: 'hash' }, 1));
    expect(placesOf(balancerOf('abc', { by: 'hash' }, 2))).toEqual(first);
    expect(placesOf(balancerOf('cab', { by: 'hash' }, 3))).toEqual(first);
    for (const count of Object.values(countsOf(first.join('')))) expect(Math.abs(count - 200)).toBeLessThan(50);
  });

  it('moves the keys of an address that leaves, and no other key', () => {
    const balancer = balancerOf('abcd', { by: 'hash' });
    const before = placesOf(balancer);
    for (let check = 0; check < 3; check++) balancer.checked('b', false);
    const after = placesOf(balancer);
    for (const [index, place] of before.entries()) {
      if (place === 'b') expect(after[index]).not.toBe('b');
      else expect(after[index]).toBe(place);
    }
  });

  it('moves a share of the keys to an address that comes, and none between the others', () => {
    const before = placesOf(balancerOf('abc', { by: 'hash' }));
    const after = placesOf(balancerOf('abcd', { by: 'hash' }));
    const moved = after.filter((place, index) => place !== before[index]);
    expect(moved.every((place) => place === 'd')).toBe(true);
    expect(Math.abs(moved.length - 150)).toBeLessThan(50);
  });

  it('follows weights', () => {
    const weighted = [
      { target: 'a', name: 'a', weight: 3 },
      { target: 'b', name: 'b' },
    ];
    const { a = 0 } = countsOf(placesOf(balancerOf(weighted, { by: 'hash' })).join(''));
    expect(Math.abs(a - 450)).toBeLessThan(60);
  });

  it('lets no key overload its address', () => {
    const balancer = balancerOf('abcd', { by: 'hash' });
    const held = Array.from({ length: 200 }, () => balancer.pick({ key: 'one' }).target).join('');
    // 1.5 times its share of 200 calls.
    for (const count of Object.values(countsOf(held))) expect(count).toBeLessThanOrEqual(75);
  });

  it('balances calls without a key by their requests', () => {
    const balancer = balancerOf('ab', { by: 'hash' });
    expect(countsOf(Array.from({ length: 10 }, () => balancer.pick().target).join(''))).toEqual({ a: 5, b: 5 });
  });
});

describe('ejection', () => {
  it('leaves an address out after five failures in a row, and takes it back after a while', () => {
    const balancer = balancerOf('abc', turns);
    results(balancer, 'b', false, 4);
    results(balancer, 'b', true, 1);
    results(balancer, 'b', false, 4);
    expect(out).toEqual([]);
    results(balancer, 'b', false, 1);
    expect(out).toEqual(['b failures']);
    expect(picks(balancer, 20)).not.toContain('b');
    expect(balancer.addresses()[1]).toMatchObject({ address: 'b', state: 'ejected', forMs: 30_000 });
    clock.skip(29_999);
    expect(picks(balancer, 20)).not.toContain('b');
    clock.skip(1);
    expect(picks(balancer, 3)).toContain('b');
  });

  it('leaves it out longer each time, up to a bound, and shorter again after intervals without', () => {
    const balancer = balancerOf('ab', { ...turns, eject: { forMs: 1_000, maxForMs: 2_500 } });
    for (const outForMs of [1_000, 2_000, 2_500]) {
      results(balancer, 'b', false, 5);
      clock.skip(outForMs - 1);
      expect(picks(balancer, 4)).toBe('aaaa');
      clock.skip(1);
      expect(picks(balancer, 4)).toContain('b');
    }
    for (let interval = 0; interval < 3; interval++) {
      clock.skip(10_000);
      results(balancer, 'b', true, 1);
    }
    results(balancer, 'b', false, 5);
    clock.skip(1_000);
    expect(picks(balancer, 4)).toContain('b');
  });

  it('never leaves out more than its share, nor the last one', () => {
    const four = balancerOf('abcd', turns);
    for (const target of ['a', 'b']) results(four, target, false, 5);
    for (const target of ['c', 'd']) results(four, target, false, 20);
    expect(new Set(picks(four, 8))).toEqual(new Set('cd'));
    const one = balancerOf('a', turns);
    results(one, 'a', false, 100);
    expect(one.pick().target).toBe('a');
  });

  it('leaves no address out where it is off', () => {
    const balancer = balancerOf('ab', { ...turns, eject: 'off' });
    results(balancer, 'b', false, 50);
    expect(picks(balancer, 4)).toContain('b');
  });

  it('leaves an address out whose rate of successes is lower than that of the others', () => {
    const balancer = balancerOf('abcde', turns);
    const interval = (isGood: (target: string, call: number) => boolean): void => {
      for (let call = 0; call < 500; call++) {
        const address = balancer.pick();
        ended(balancer, address, isGood(address.target, call), 10);
      }
      clock.skip(10_000);
      results(balancer, 'a', true, 1);
    };
    // Every third call fails, and never five in a row.
    interval((target, call) => target !== 'c' || Math.floor(call / 5) % 3 !== 0);
    expect(out).toEqual(['c success_rate']);
    expect(picks(balancer, 20)).not.toContain('c');
  });

  it('compares no rates where all fail alike, with few addresses, or with few calls', () => {
    for (const [names, calls] of [
      ['abcde', 500],
      ['abcd', 500],
      ['abcde', 400],
    ] as const) {
      const balancer = balancerOf(names, turns);
      for (let call = 0; call < calls; call++) {
        const address = balancer.pick();
        const allFail = names === 'abcde' && calls === 500;
        const fails = Math.floor(call / names.length) % 3 === 0 && (allFail || address.target === 'c');
        ended(balancer, address, !fails, 10);
      }
      clock.skip(10_000);
      results(balancer, 'a', true, 1);
    }
    expect(out).toEqual([]);
  });
});

describe('an address that returns', () => {
  it('gets its share step by step', () => {
    const balancer = balancerOf('ab', { by: 'round-robin', slowStartMs: 10_000, eject: { forMs: 1_000 } });
    results(balancer, 'b', false, 5);
    clock.skip(1_000);
    const shareNow = (): number => (countsOf(picks(balancer, 220))['b'] ?? 0) / 220;
    expect(shareNow()).toBeCloseTo(0.1 / 1.1, 1);
    expect(balancer.addresses()[1]?.state).toBe('starting');
    clock.skip(5_000);
    expect(shareNow()).toBeCloseTo(0.5 / 1.5, 1);
    clock.skip(5_000);
    expect(shareNow()).toBeCloseTo(0.5, 1);
    expect(balancer.addresses()[1]?.state).toBe('in_use');
  });

  it('is no different at the start', () => {
    expect(balancerOf('ab').addresses()).toEqual([
      { address: 'a', state: 'in_use', weight: 1, active: 0 },
      { address: 'b', state: 'in_use', weight: 1, active: 0 },
    ]);
  });
});

describe('health checks', () => {
  const check = (balancer: AddressBalancer<string>, target: string, signs: string): void => {
    for (const each of signs) balancer.checked(target, each === '+');
  };

  it('take an address out and back only after several in a row', () => {
    const balancer = balancerOf('abc', turns);
    check(balancer, 'b', '--+--+--');
    expect(picks(balancer, 3)).toContain('b');
    check(balancer, 'b', '-');
    expect(picks(balancer, 20)).not.toContain('b');
    expect(out).toEqual(['b health_check']);
    check(balancer, 'b', '+-+');
    expect(picks(balancer, 20)).not.toContain('b');
    check(balancer, 'b', '+');
    expect(picks(balancer, 3)).toContain('b');
  });

  it('leave all addresses in use where fewer than half are healthy', () => {
    const balancer = balancerOf('abc', turns);
    check(balancer, 'a', '---');
    expect(new Set(picks(balancer, 9))).toEqual(new Set('bc'));
    expect(balancer.panics()).toEqual([]);
    check(balancer, 'b', '---');
    expect(new Set(picks(balancer, 9))).toEqual(new Set('abc'));
    expect(balancer.panics()).toEqual(['']);
    check(balancer, 'a', '++');
    expect(new Set(picks(balancer, 9))).toEqual(new Set('ac'));
  });

  it('leave the healthy ones alone in use without panic', () => {
    const balancer = balancerOf('abc', { ...turns, panicRatio: 0 });
    check(balancer, 'a', '---');
    check(balancer, 'b', '---');
    expect(picks(balancer, 3)).toBe('ccc');
    check(balancer, 'c', '---');
    expect(new Set(picks(balancer, 9))).toEqual(new Set('abc'));
  });
});

describe('groups', () => {
  const targets = [
    { target: 's', name: 's', group: 'stable' },
    { target: 't', name: 't', group: 'stable' },
    { target: 'c', name: 'c', group: 'canary' },
  ];
  const grouped = (stable: number, canary: number): AddressBalancer<string> =>
    balancerOf(targets, { ...turns, groups: { stable, canary } });
  const callers = Array.from({ length: 2_000 }, (_, index) => `caller-${index}`);
  const inCanary = (balancer: AddressBalancer<string>): Set<string> =>
    new Set(callers.filter((caller) => picks(balancer, 1, { caller }) === 'c'));

  it('have their share of the callers, and a caller stays in its group', () => {
    const balancer = grouped(95, 5);
    const first = inCanary(balancer);
    expect(first.size / callers.length).toBeCloseTo(0.05, 1);
    expect(first.size).toBeGreaterThan(50);
    expect(inCanary(balancer)).toEqual(first);
  });

  it('keep their callers when the share of one grows', () => {
    const before = inCanary(grouped(95, 5));
    const after = inCanary(grouped(80, 20));
    expect(before.isSubsetOf(after)).toBe(true);
    expect(after.size / callers.length).toBeCloseTo(0.2, 1);
  });

  it('are drawn for calls without a caller', () => {
    expect((countsOf(picks(grouped(50, 50), 1_000))['c'] ?? 0) / 1_000).toBeCloseTo(0.5, 1);
  });

  it('are chosen by name, also one without callers of its own', () => {
    expect(picks(grouped(100, 0), 5, { group: 'canary' })).toBe('ccccc');
    expect(inCanary(grouped(100, 0)).size).toBe(0);
    expect(picks(grouped(100, 0), 5, { group: 'other' })).not.toContain('c');
  });

  it('give their callers to the others while none of their addresses is usable', () => {
    const balancer = grouped(50, 50);
    for (let failed = 0; failed < 3; failed++) balancer.checked('c', false);
    expect(inCanary(balancer).size).toBe(0);
    expect(picks(balancer, 5, { group: 'canary' })).not.toContain('c');
    for (const target of ['s', 't']) for (let failed = 0; failed < 3; failed++) balancer.checked(target, false);
    expect(picks(balancer, 4)).toHaveLength(4);
  });
});

it('avoids the address of another attempt, if there is another one', () => {
  expect(picks(balancerOf('abc', turns), 6, { avoided: ['b'] })).not.toContain('b');
  expect(picks(balancerOf('b', turns), 1, { avoided: ['b'] })).toBe('b');
});

it('keeps what it knows of addresses that stay when others come and leave', () => {
  const balancer = balancerOf('', { ...turns, slowStartMs: 10_000 });
  expect(() => balancer.pick()).toThrow('there is no address');
  balancer.replace(letters('ab'));
  results(balancer, 'a', true, 1, 10);
  results(balancer, 'b', false, 5);
  const held = balancer.pick();
  balancer.replace(letters('bc'));
  expect(balancer.addresses()).toMatchObject([
    { address: 'b', state: 'ejected' },
    { address: 'c', state: 'starting', active: 0 },
  ]);
  expect(new Set(picks(balancer, 10))).toEqual(new Set('c'));
  // It has left, and its call ends.
  balancer.release(held);
  balancer.replace([{ target: 'c', name: 'c', weight: 3 }]);
  expect(balancer.addresses()).toMatchObject([{ address: 'c', weight: 3, active: 0 }]);
});

it('counts the calls under way, whatever happens', () => {
  const command = fc.record({ ends: fc.constantFrom('good', 'bad', 'nothing', 'later'), skip: fc.nat(20_000) });
  const options = fc.record({
    by: fc.constantFrom('least-requests' as const, 'round-robin' as const, 'hash' as const),
    panicRatio: fc.constantFrom(0, 0.5, 1),
  });
  fc.assert(
    fc.property(options, fc.array(command, { maxLength: 200 }), (by, commands) => {
      const balancer = balancerOf('abcd', by);
      let held = 0;
      for (const { ends, skip } of commands) {
        clock.skip(skip);
        const address = balancer.pick({ key: String(skip) });
        if (ends === 'later') held++;
        else if (ends === 'nothing') balancer.release(address);
        else ended(balancer, address, ends === 'good', skip);
        const addresses = balancer.addresses();
        expect(addresses.reduce((sum, { active }) => sum + active, 0)).toBe(held);
        expect(addresses.filter(({ state }) => state === 'ejected').length).toBeLessThanOrEqual(2);
      }
    }),
    { numRuns: 100 },
  );
});

it.each([
  [() => balancerOf('aa'), 'targets holds a name twice'],
  [() => balancerOf([{ target: 'a', name: 'a', weight: 0 }]), 'the weight of a must be above 0, not 0'],
  [() => balancerOf('a', { panicRatio: 2 }), 'panicRatio must be from 0 to 1, not 2'],
  [() => balancerOf('a', { slowStartMs: -1 }), 'slowStartMs must be at least 0, not -1'],
  [() => balancerOf('a', { eject: { failures: 0 } }), 'failures must be a whole number from 1, not 0'],
  [() => balancerOf('a', { eject: { successRate: { deviations: 0 } } }), 'deviations must be above 0, not 0'],
  [() => balancerOf('a', { groups: { x: 1 } }), 'group x holds no address'],
  [() => balancerOf('a', { health: { healthyAfter: 0 } }), 'healthyAfter must be a whole number from 1, not 0'],
])('refuses options that make no sense (%#)', (make, message) => {
  expect(make).toThrow(new RangeError(message));
});

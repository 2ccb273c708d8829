import type { Clock } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { AddressBalancer } from './address-balancer.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => now, setTimer: () => undefined, clearTimer: () => {} };

function picks(balancer: AddressBalancer<string>, count: number): string {
  return Array.from({ length: count }, () => balancer.pick()).join('');
}
function fail(balancer: AddressBalancer<string>, target: string, times = 5): void {
  for (let i = 0; i < times; i++) balancer.report(target, false);
}

describe('an address balancer', () => {
  it('goes round', () => {
    expect(picks(new AddressBalancer(['a', 'b', 'c'], {}, clock), 7)).toBe('abcabca');
  });

  it('leaves an address out after five failures in a row, and takes it back after a while', () => {
    const balancer = new AddressBalancer(['a', 'b', 'c'], { ejectForMs: 30_000 }, clock);
    fail(balancer, 'b', 4);
    balancer.report('b', true);
    fail(balancer, 'b', 4);
    expect(picks(balancer, 3)).toBe('abc');
    fail(balancer, 'b', 1);
    expect(picks(balancer, 4)).toBe('acac');
    now += 29_999;
    expect(picks(balancer, 2)).toBe('ac');
    now += 1;
    expect(picks(balancer, 3)).toBe('abc');
  });

  it('leaves it out longer each time, until a call succeeds', () => {
    const balancer = new AddressBalancer(['a', 'b'], { ejectForMs: 1_000, maxEjectForMs: 2_500 }, clock);
    for (const outForMs of [1_000, 2_000, 2_500]) {
      fail(balancer, 'b');
      now += outForMs - 1;
      expect(picks(balancer, 4)).toBe('aaaa');
      now += 1;
      expect(picks(balancer, 4)).toContain('b');
    }
    balancer.report('b', true);
    fail(balancer, 'b');
    now += 1_000;
    expect(picks(balancer, 4)).toContain('b');
  });

  it('never leaves out more than its share, nor the last one', () => {
    const four = new AddressBalancer(['a', 'b', 'c', 'd'], { maxEjectedRatio: 0.5 }, clock);
    for (const target of ['a', 'b', 'c', 'd']) fail(four, target);
    expect(picks(four, 4)).toBe('cdcd');
    const one = new AddressBalancer(['a'], {}, clock);
    fail(one, 'a', 100);
    expect(one.pick()).toBe('a');
  });

  it('takes at least one address', () => {
    expect(() => new AddressBalancer([])).toThrow(new RangeError('targets must hold at least one address'));
  });
});

import { describe, expect, it } from 'vitest';
import { Admission, requestRank } from './admission.js';
import { FairShare } from './fair-share.js';

interface Sender {
  readonly name: string;
  readonly rank: number;
  /** Requests per second. */
  rate: number;
}

interface Got {
  served: number;
  shed: number;
}

/** A process that works on one request after the other, on virtual time: the wait of the next request is the delay of its event loop. */
class BusyProcess {
  now = 0;
  readonly #serviceMs: number;
  readonly #seed = { state: 7 };
  readonly #senders: readonly (Sender & { nextAt: number })[];
  readonly admission: Admission;
  #freeAt = 0;
  #leastWait = Number.POSITIVE_INFINITY;
  readonly #ends: number[] = [];
  mostWaitMs = 0;

  constructor(serviceMs: number, senders: readonly Sender[]) {
    this.#serviceMs = serviceMs;
    this.#senders = senders.map((sender) => ({ ...sender, nextAt: 0 }));
    this.admission = new Admission({
      delayMs: 20,
      load: () => {
        const delayMs = this.#leastWait;
        this.#leastWait = Number.POSITIVE_INFINITY;
        return { delayMs: Number.isFinite(delayMs) ? delayMs : 0, turns: 1, occupancy: 0 };
      },
      random: () => this.#random(),
    });
  }

  scale(factor: number): void {
    for (const sender of this.#senders) {
      sender.rate *= factor;
      sender.nextAt = this.now;
    }
  }

  run(seconds: number): ReadonlyMap<string, Got> {
    const got = new Map(this.#senders.map(({ name }) => [name, { served: 0, shed: 0 }]));
    const until = this.now + seconds * 1_000;
    for (;;) {
      const sender = this.#senders.reduce((first, other) => (other.nextAt < first.nextAt ? other : first));
      if (sender.nextAt > until) break;
      this.now = sender.nextAt;
      sender.nextAt += (-Math.log(1 - this.#random()) * 1_000) / sender.rate;
      while ((this.#ends[0] ?? Number.POSITIVE_INFINITY) <= this.now) {
        this.#ends.shift();
        this.admission.ended();
      }
      const wait = Math.max(0, this.#freeAt - this.now);
      this.#leastWait = Math.min(this.#leastWait, wait);
      const count = got.get(sender.name) ?? expect.unreachable(sender.name);
      if (!this.admission.admits(this.now, sender.rank, () => sender.name)) {
        count.shed++;
        continue;
      }
      count.served++;
      this.mostWaitMs = Math.max(this.mostWaitMs, wait);
      this.#freeAt = Math.max(this.now, this.#freeAt) + this.#serviceMs;
      this.#ends.push(this.#freeAt);
    }
    this.now = until;
    return got;
  }

  #random(): number {
    this.#seed.state = (Math.imul(this.#seed.state, 1_664_525) + 1_013_904_223) | 0;
    return (this.#seed.state >>> 0) / 2 ** 32;
  }
}

const sum = (got: ReadonlyMap<string, Got>, member: keyof Got): number =>
  [...got.values()].reduce((total, one) => total + one[member], 0);
const successOf = (got: ReadonlyMap<string, Got>, name: string): number => {
  const { served, shed } = got.get(name) ?? expect.unreachable(name);
  return served / (served + shed);
};

const paying = requestRank('normal', 1);
const free = requestRank('normal', 0);

describe('a process under ten times the load that it can serve (F24)', () => {
  // 2 ms a request: 500 a second.
  const senders = (): Sender[] => [
    { name: 'paying', rank: paying, rate: 20 },
    { name: 'greedy', rank: free, rate: 4_700 },
    { name: 'modest', rank: free, rate: 20 },
    { name: 'other', rank: free, rate: 60 },
  ];

  it('serves almost as much as it can, callers of a tier and modest ones first, and keeps the queue short', () => {
    const process = new BusyProcess(2, senders());
    process.run(4);
    process.mostWaitMs = 0;
    const got = process.run(20);
    expect(sum(got, 'served') / 20).toBeGreaterThan(0.9 * 500);
    expect(successOf(got, 'paying')).toBeGreaterThan(0.98);
    expect(successOf(got, 'modest')).toBeGreaterThan(0.9);
    expect(successOf(got, 'greedy')).toBeLessThan(0.15);
    expect(process.mostWaitMs).toBeLessThan(150);
  });

  it('admits everything again within a second after the load is gone, and forgets the callers', () => {
    const process = new BusyProcess(2, senders());
    process.run(10);
    process.scale(1 / 20);
    process.run(1);
    const after = process.run(3);
    expect(sum(after, 'shed')).toBe(0);
    expect(process.admission.limit).toBeUndefined();
  });

  it('sheds routes of low priority before those of high priority, whatever the tier', () => {
    const process = new BusyProcess(2, [
      { name: 'export', rank: requestRank('low', 7), rate: 4_700 },
      { name: 'checkout', rank: requestRank('high', 0), rate: 200 },
    ]);
    process.run(4);
    const got = process.run(10);
    expect(successOf(got, 'checkout')).toBeGreaterThan(0.98);
    expect(successOf(got, 'export')).toBeLessThan(0.15);
  });
});

describe('no request is shed', () => {
  const offer = (admission: Admission, count: number, from: number): number => {
    let admitted = 0;
    for (let i = 0; i < count; i++) if (admission.admits(from + i, free, () => 'ada')) admitted++;
    return admitted;
  };

  it('at a load that can be served', () => {
    const process = new BusyProcess(2, [{ name: 'all', rank: free, rate: 300 }]);
    expect(sum(process.run(30), 'shed')).toBe(0);
  });

  it('while there are too few requests to be the reason of a late event loop', () => {
    const admission = new Admission({ load: () => ({ delayMs: 500, turns: 1, occupancy: 0 }) });
    for (let window = 0; window < 20; window++) expect(offer(admission, 5, window * 200)).toBe(5);
  });

  it('before there are measurements', () => {
    const admission = new Admission({ load: () => undefined });
    expect(offer(admission, 1_000, 0)).toBe(1_000);
  });
});

it('sheds before the bound of requests under way is reached, so that the bound does not have to choose', () => {
  const admission = new Admission({ load: () => ({ delayMs: 0, turns: 1, occupancy: 0.9 }), random: () => 0.99 });
  for (let i = 0; i < 101; i++) admission.admits(i, i % 2 === 0 ? paying : free, () => 'ada');
  for (let i = 0; i < 50; i++) admission.ended();
  for (let i = 0; i < 101; i++) admission.admits(101 + i, i % 2 === 0 ? paying : free, () => 'ada');
  expect(admission.limit).toBeLessThan(500);
  expect(admission.admits(203, free, () => 'ada')).toBe(false);
});

describe('fair shares', () => {
  it('know a thousand callers at most', () => {
    const shares = new FairShare();
    for (let i = 0; i < 5_000; i++) shares.count(`caller ${i}`);
    expect(shares.size).toBeLessThanOrEqual(1_001);
    shares.roll(0.1);
    expect(shares.chance('caller 4999')).toBeLessThan(0.2);
  });

  it('forget callers that do not come back', () => {
    const shares = new FairShare();
    shares.count('ada');
    for (let window = 0; window < 20; window++) shares.roll(0.5);
    expect(shares.size).toBe(0);
  });

  it('give strangers no more than the others, so that new names bring nothing', () => {
    const shares = new FairShare();
    let admitted = 0;
    for (let window = 0; window < 30; window++) {
      for (let i = 0; i < 200; i++) {
        const caller = `caller ${window}-${i}`;
        shares.count(caller);
        if (window >= 10) admitted += shares.chance(caller);
      }
      shares.roll(0.1);
    }
    expect(admitted / (20 * 200)).toBeLessThan(0.2);
  });
});

it('refuses options that are out of range', () => {
  const load = () => undefined;
  expect(() => new Admission({ load, delayMs: 0 })).toThrow(RangeError);
  expect(() => new Admission({ load, intervalMs: Number.NaN })).toThrow(RangeError);
});

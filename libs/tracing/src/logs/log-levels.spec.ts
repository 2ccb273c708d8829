import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { CallerHash } from './caller-hash.js';
import { LogLevels, maxChangedLevels } from './log-levels.js';

const ada = { subject: 'ada', scopes: [], roles: [] };
const hash = new CallerHash('key');
const order = { method: 'GET', route: '/orders/:id', caller: ada };
const home = { method: 'GET', route: '/home', caller: undefined };

function levels(policy: 'info' | 'warn' = 'info') {
  const clock = new ManualClock();
  return { clock, levels: new LogLevels(policy, hash, clock) };
}

describe('levels of the log at run time', () => {
  it('are those of policy until one is changed', () => {
    const { levels: all } = levels('warn');
    expect([all.takes('info', order), all.takes('warn', order), all.takes('fatal', undefined)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(all.list()).toEqual([]);
  });

  it('hold for the lines of a route alone, end by themselves, and are taken back', async () => {
    const { clock, levels: all } = levels();
    const route = 'GET /orders/:id';
    expect(all.change({ route }, 'debug', 60_000)).toBe(true);
    await clock.advance(59_999);
    expect(all.list()).toEqual([{ route, level: 'debug', forMs: 1 }]);
    expect([all.takes('debug', order), all.takes('debug', order, 'Orders'), all.takes('debug', home)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(all.takes('debug', { ...order, method: 'POST' })).toBe(false);
    await clock.advance(1);
    expect([all.takes('debug', order), all.list()]).toEqual([false, []]);
    all.change({ route }, 'debug', 60_000);
    expect([all.restore({ route }), all.restore({ route }), all.takes('debug', order)]).toEqual([true, false, false]);
  });

  it('are of a caller by its pseudonym or its subject, and of a logger by its name', () => {
    for (const caller of ['ada', hash.of(ada)]) {
      const { levels: all } = levels();
      all.change({ caller }, 'debug', 1_000);
      expect([all.takes('debug', order), all.takes('debug', home), all.takes('debug', undefined)]).toEqual([
        true,
        false,
        false,
      ]);
    }
    const { levels: all } = levels();
    all.change({ logger: 'Orders' }, 'error', 1_000);
    expect([all.takes('warn', order, 'Orders'), all.takes('warn', order, 'Stock'), all.takes('info', order)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('count by the caller of a line, then by its route, then by its logger', () => {
    const { levels: all } = levels();
    all.change({ logger: 'Orders' }, 'debug', 1_000);
    all.change({ route: 'GET /orders/:id' }, 'error', 1_000);
    expect([all.takes('warn', order, 'Orders'), all.takes('debug', home, 'Orders')]).toEqual([false, true]);
    all.change({ caller: 'ada' }, 'debug', 1_000);
    expect(all.takes('debug', order, 'Orders')).toBe(true);
  });

  it('are a bounded number, and a change of the same lines takes no further place', () => {
    const { levels: all } = levels();
    for (let at = 0; at < maxChangedLevels; at++) expect(all.change({ logger: `l${at}` }, 'debug', 1_000)).toBe(true);
    expect(all.change({ logger: 'one more' }, 'debug', 1_000)).toBe(false);
    expect(all.change({ logger: 'l0' }, 'warn', 1_000)).toBe(true);
    expect(all.list()).toHaveLength(maxChangedLevels);
  });
});

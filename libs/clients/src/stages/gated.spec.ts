import type { Outcome } from '@frontage/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operation, scopeOf } from '../fixtures/operations.js';
import { resolveUpstreamOptions } from '../policy/upstream.options.js';
import { compileOperation } from '../request/compiled-operation.js';
import { UpstreamRequest, type Gate } from '../request/upstream-request.js';
import { gated } from './gated.js';

const done: Outcome<unknown> = { ok: true, value: 'done' };
const refused: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_OVERLOADED', detail: 'refused' };

type Way =
  'through' | 'later' | 'refuses' | 'refuses later' | 'throws' | 'rejects' | 'replaces' | 'breaks on the way out';
const ways: readonly Way[] = [
  'through',
  'later',
  'refuses',
  'refuses later',
  'throws',
  'rejects',
  'replaces',
  'breaks on the way out',
];

const { addresses } = resolveUpstreamOptions('orders', { urls: ['http://127.0.0.1:1'] });
const compiled = compileOperation(operation(), addresses[0], {
  bigNumbers: 'reject',
  wallTime: () => 0,
});
const requestOf = (): UpstreamRequest => new UpstreamRequest(compiled, {}, scopeOf(), 0, 1_000);

/** Counts how often it is inside. */
class CountingGate implements Gate {
  inside = 0;
  readonly #way: Way;
  constructor(way: Way) {
    this.#way = way;
  }
  enter(): ReturnType<Gate['enter']> {
    if (this.#way === 'throws') throw new Error('bug');
    if (this.#way === 'rejects') return Promise.reject(new Error('bug'));
    if (this.#way === 'refuses') return refused;
    if (this.#way === 'refuses later') return Promise.resolve(refused);
    this.inside++;
    return this.#way === 'later' ? Promise.resolve(undefined) : undefined;
  }
  leave(): ReturnType<Gate['leave']> {
    this.inside--;
    if (this.#way === 'replaces') return Promise.resolve(refused);
    return this.#way === 'breaks on the way out' ? Promise.reject(new Error('bug')) : undefined;
  }
  abandon(): void {
    this.inside--;
  }
}

it('lets a request out of each gate once that let it in, whatever happens between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...ways), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('responds', 'throws', 'rejects'),
      async (chosen, end) => {
        const gates = chosen.map((way) => new CountingGate(way));
        let reached = 0;
        const perform = gated(gates, () => {
          reached++;
          if (end === 'throws') throw new Error('bug');
          return end === 'rejects' ? Promise.reject(new Error('bug')) : Promise.resolve(done);
        });
        const outcome = await perform(requestOf()).catch(() => 'bug');
        expect(gates.map(({ inside }) => inside)).toEqual(gates.map(() => 0));
        const stops = chosen.filter((way) => /^(?:refuses|throws|rejects)/.test(way));
        expect(reached).toBe(stops.length === 0 ? 1 : 0);
        if (stops.length === 0 && end === 'responds' && chosen.every((way) => way === 'through' || way === 'later'))
          expect(outcome).toBe(done);
      },
    ),
    { numRuns: 300 },
  );
});

import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { describePlan } from '../describe/describe-plan.js';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { getParcel, createOrder, type Shopper } from '../fixtures/plan-shop.js';
import { given } from '../model/schema.js';
import { batch, keys } from './batch.js';
import { pages } from './pages.js';
import { plan } from './plan.js';
import { each, optional, required, write } from './verbs.js';

const contract: Contract = { upstream: 'shop', title: 'Shop', version: '1', schemas: new SchemaTable([]) };
interface Hits {
  items: { id: string; name: string }[];
  next?: string;
}
type Search = { body: { ids?: string[]; text?: string; cursor?: string } };
const common = { contract, path: '/search', responses: [{ status: '200', media: 'application/json' }] };
/** As the generator writes an operation with `x-frontage-safe: true`. */
const search: Operation<Search, Hits, Record<never, never>, 'POST', true> = {
  ...common,
  id: 'search',
  method: 'POST',
  safe: true,
};
const unmarked: Operation<Search, Hits, Record<never, never>, 'POST'> = { ...common, id: 'find', method: 'POST' };
const query: Operation<Search, Hits, Record<never, never>, 'QUERY'> = { ...common, id: 'ask', method: 'QUERY' };

const options = { input: { caller: given<Shopper>() }, deadlineMs: 200, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };
let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));

describe('a read by POST', () => {
  const all = plan('all', options, ({ caller }) => {
    const found = required(search, { body: { text: caller.subject } });
    const other = optional(unmarked, { body: { text: 'b' } }, { safe: true, fallback: { items: [] } });
    const third = optional(query, { body: { text: 'c' } });
    const details = each(found.items, (hit) => optional(unmarked, { body: { text: hit.id } }, { safe: true }), {
      maxCount: 5,
    });
    const rows = batch(
      keys(found.items, (hit) => hit.id),
      (ids) => optional(search, { body: { ids } }),
      { by: 'id', items: 'items', size: 10, maxCount: 50 },
    );
    const listed = pages((cursor) => required(search, { body: { cursor } }), {
      items: 'items',
      next: 'next',
      maxPages: 2,
      maxItems: 9,
    });
    return { found, other, third, details, rows, listed };
  });
  const hits = { items: [{ id: 'a', name: 'A' }] };

  it('is what a GET is to required, optional, each, batch and pages', async () => {
    const { result } = await bench.finish(
      bench.start(
        all,
        { caller: ada },
        {
          found: { value: hits },
          other: { failure: failed },
          third: { failure: failed },
          details: { value: { items: [] } },
          rows: { value: hits },
          listed: { value: hits },
        },
      ),
    );
    expect(result).toMatchObject({
      kind: 'finished',
      report: { other: { status: 'error', source: 'fallback' }, third: { status: 'error', source: 'none' } },
    });
    expect(result).not.toHaveProperty('writes');
    expect(bench.calls.map(({ part }) => part).toSorted()).toEqual(
      ['details', 'found', 'listed', 'other', 'rows', 'third'].toSorted(),
    );
  });

  it('is not sent without keys, and leaves no change behind when another part fails', async () => {
    const bulk = plan('bulk', options, () => {
      const found = required(search, { body: { text: 'a' } });
      const rows = batch(
        keys(found.items, (hit) => hit.id),
        (ids) => required(unmarked, { body: { ids } }, { safe: true }),
        { by: 'id', items: 'items', size: 10, maxCount: 50 },
      );
      const parcel = required(getParcel, { path: { id: 'p' } });
      return { found, rows, parcel };
    });
    const { result } = await bench.finish(
      bench.start(bulk, { caller: ada }, { found: { value: { items: [] } }, parcel: { failure: failed, afterMs: 5 } }),
    );
    expect(result).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_FAILED', part: 'parcel' });
    expect(result).not.toHaveProperty('writes');
    expect(bench.calls.map(({ part }) => part)).toEqual(['found', 'parcel']);
  });

  it('is told as a read in the description of the plan', () => {
    const { parts, criticalPath } = describePlan(all);
    expect(Object.values(parts).map(({ need, method, safe }) => [need, method, safe])).toEqual([
      ['required', 'POST', true],
      ['optional', 'POST', true],
      ['optional', 'QUERY', undefined],
      ['optional', 'POST', true],
      ['optional', 'POST', true],
      ['required', 'POST', true],
    ]);
    expect(criticalPath.worstCaseMs).toBe(200);
  });
});

describe('a verb that does not fit its operation, also where no compiler looks', () => {
  const made = (build: () => unknown) => () =>
    plan('x', options, () => {
      Reflect.apply(build, undefined, []);
      return {};
    });
  // As hand-written JavaScript calls it.
  const loosely: Record<'required' | 'write', (...args: readonly unknown[]) => unknown> = {
    required: (...args) => Reflect.apply(required, undefined, args),
    write: (...args) => Reflect.apply(write, undefined, args),
  };
  const remove = { ...createOrder, id: 'remove', method: 'DELETE' };

  it.each<[string, () => unknown, string]>([
    [
      'a read of a POST without a mark',
      () => loosely.required(unmarked, {}),
      'a POST changes something: call it with write(...), or where it only reads, with { safe: true }',
    ],
    ['a write of a marked POST', () => loosely.write(search, {}), 'search only reads: call it with required(...)'],
    ['a write of a QUERY', () => loosely.write(query, {}), 'ask only reads'],
    [
      'a DELETE that is marked',
      () => loosely.required(remove, {}, { safe: true }),
      'remove cannot be safe: DELETE removes something by definition',
    ],
  ])('stops the start: %s', (_, build, message) => {
    expect(made(build)).toThrow(message);
  });
});

import type { Failure } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { declared, PlanBench } from '../fixtures/plan-runs.js';
import { createOrder, getUser, listBanners, type Shopper } from '../fixtures/plan-shop.js';
import { plan } from '../plan/plan.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { optional, required, step, write } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const ada: Shopper = { subject: 'ada', premium: true };
const input = { caller: given<Shopper>() };

describe('a declared error status', () => {
  const unknown = problem(400, 'user_unknown', (id: string) => `There is no user ${id}.`);
  const soldOut = problem(409, 'sold_out', 'Sold out.');
  const statuses = plan('statuses', { input, deadlineMs: 200 }, ({ caller }) => {
    const user = required(getUser, { path: { id: caller.subject } }, { refuseOn: { 404: unknown(caller.subject) } });
    const other = required(getUser, { path: { id: 'x' } }, { onStatus: { 404: null } });
    const told = optional(getUser, { path: { id: 'y' } }, { onStatus: { 404: (body) => body.title } });
    const made = write(
      createOrder,
      { body: { customerId: 'c', skus: [] } },
      { refuseOn: { 409: soldOut }, after: [user] },
    );
    return { user, other, told, made };
  });

  it('stands for a value, or for what a function makes of its body', async () => {
    const { result } = await bench.finish(
      bench.start(
        statuses,
        { caller: ada },
        {
          user: { value: 1 },
          other: { failure: declared(404, {}) },
          told: { failure: declared(404, { title: 'gone' }) },
          made: { value: 2 },
        },
      ),
    );
    expect(result).toMatchObject({
      kind: 'finished',
      values: [1, null, { ok: true, value: 'gone' }, 2],
      report: undefined,
    });
  });

  it('stands for a value whatever its body was, where no function wants it', async () => {
    const page: Failure = { ok: false, status: 'not_found', code: 'GW_NOT_FOUND', upstreamStatus: 404 };
    const run = bench.start(statuses, { caller: ada }, { other: { failure: page }, told: { failure: page } });
    expect((await bench.finish(run)).result).toMatchObject({
      values: [undefined, null, { ok: false, status: 'not_found' }, undefined],
      report: { told: { status: 'not_found', source: 'none' } },
    });
  });

  it('ends the request with a problem of ours, in our words', async () => {
    const { result } = await bench.finish(
      bench.start(statuses, { caller: ada }, { user: { failure: declared(404, {}) } }),
    );
    expect(result).toEqual({
      kind: 'refused',
      status: 400,
      code: 'user_unknown',
      detail: 'There is no user ada.',
      part: 'user',
    });
    bench.next();
    const refused = await bench.finish(
      bench.start(statuses, { caller: ada }, { made: { failure: declared(409, {}) } }),
    );
    expect(refused.result).toMatchObject({ status: 409, code: 'sold_out', detail: 'Sold out.', part: 'made' });
  });

  it('can be refused by a step', async () => {
    const checked = plan('checked', { input, deadlineMs: 200 }, ({ caller }) => {
      const tier = step({ caller, unknown }, (seen) => seen.caller.tier ?? seen.unknown(seen.caller.subject));
      return { tier, banners: required(listBanners, { query: { slot: tier } }) };
    });
    expect((await bench.finish(bench.start(checked, { caller: ada }, {}))).result).toMatchObject({
      code: 'user_unknown',
      detail: 'There is no user ada.',
      part: 'tier',
    });
    expect(bench.calls).toEqual([]);
  });
});

import { RequestContext } from '@frontage/context';
import type { Failure, Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { pick } from './view/combinators.js';
import { compileScreen, type ScreenResult } from './compile-screen.js';
import { getUser, listBanners, listStores } from './fixtures/home-shop.js';
import { list } from './view/lists.js';
import { plan } from './plan/plan.js';
import { problem } from './model/refusals.js';
import { given } from './model/schema.js';
import { screen, type Screen } from './view/screen.js';
import { optional, required, step } from './plan/verbs.js';

const input = { caller: given<{ subject: string }>() };
const denied = problem(403, 'not_a_member', 'Members only.');
const shown = plan('shown', { input, deadlineMs: 300 }, ({ caller }) => {
  const member = step({ caller, denied }, (seen) =>
    seen.caller.subject === 'eve' ? seen.denied() : seen.caller.subject,
  );
  const user = required(getUser, { path: { id: member } });
  const stores = optional(listStores, {}, { fallback: [] });
  return { member, user, stores };
});
const asObject = screen(shown, ({ user, stores }) => ({
  name: user.name,
  stores: list(stores, (store) => store.name),
}));
const asList = screen(shown, ({ stores }) => list(stores, (store) => pick(store, 'id')));

const ada = { id: 'u', name: 'Ada', points: 1, phone: null, tier: 'GOLD' };
const failure: Failure = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', retryAfterMs: 2000 };
const good: Record<string, Outcome<unknown>> = {
  user: { ok: true, value: ada },
  stores: { ok: true, value: [{ id: 's', name: 'S' }] },
};

function run(
  of: Screen<unknown>,
  outcomes: Record<string, Outcome<unknown>>,
  subject = 'ada',
  gone = false,
): Promise<ScreenResult> {
  const compiled = compileScreen(of, {
    clock: new ManualClock(),
    bind:
      (_, { part }) =>
      () =>
        Promise.resolve(outcomes[part] ?? expect.fail(`${part} has no outcome`)),
  });
  const context = new RequestContext('r', 0, 'GET', '127.0.0.1', {});
  if (gone) context.cancellation.cancel('client_gone');
  return compiled.run({ caller: { subject } }, context);
}

describe('a screen responds', () => {
  it('with the whole page', async () => {
    expect(await run(asObject, good)).toEqual({
      kind: 'complete',
      body: '{"name":"Ada","stores":["S"]}',
      encoding: 'utf8',
    });
  });

  it('with a partial page that names the missing parts', async () => {
    const report = { stores: { status: 'error', source: 'fallback' } };
    expect(await run(asObject, { ...good, stores: failure })).toEqual({
      kind: 'partial',
      body: `{"name":"Ada","stores":[],"_parts":${JSON.stringify(report)}}`,
      encoding: 'utf8',
      report,
      missing: 1,
    });
  });

  it('with a part of the page whose root has no room for _parts, which says so in a header', async () => {
    expect(await run(asList, { ...good, stores: failure })).toMatchObject({
      kind: 'partial',
      body: '[]',
      header: 'stores=error;source=fallback',
    });
  });

  it('with the problem of a required call, without the text of the upstream', async () => {
    expect(await run(asObject, { ...good, user: failure })).toEqual({
      kind: 'problem',
      status: 502,
      code: 'GW_UPSTREAM_FAILED',
      part: 'user',
      retryAfterMs: 2000,
      failure,
    });
  });

  it('with a problem that its plan declares', async () => {
    expect(await run(asObject, good, 'eve')).toEqual({
      kind: 'problem',
      status: 403,
      code: 'not_a_member',
      detail: 'Members only.',
      part: 'member',
    });
  });

  it('with a problem where a required part is not what its contract says', async () => {
    expect(await run(asObject, { ...good, user: { ok: true, value: { id: 'u' } } })).toMatchObject({
      kind: 'problem',
      status: 502,
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'user',
    });
  });

  it('with no body where the view is undefined', async () => {
    const done = screen(shown, () => undefined);
    expect(await run(done, good)).toEqual({ kind: 'complete', body: '', encoding: 'utf8' });
    const compiled = compileScreen(done, { clock: new ManualClock(), bind: () => () => expect.fail('not called') });
    expect(compiled.isEmpty).toBe(true);
  });

  it('with nothing when the client has left', async () => {
    expect(await run(asObject, good, 'ada', true)).toEqual({ kind: 'cancelled' });
  });
});

describe('a compiled screen', () => {
  const compiled = compileScreen(asObject, {
    clock: new ManualClock(),
    bind: () => () => Promise.resolve(failure),
    policy: { deadlineMs: 100 },
  });

  it('has its plan, its budget, its response schema and its problems as data', () => {
    expect([compiled.plan, compiled.deadlineMs, compiled.problemStatuses()]).toEqual(['shown', 100, [403]]);
    expect(compiled.describe()).toMatchObject({ name: 'shown', waves: [['user', 'stores']] });
    expect(compiled.responseSchema().schema).toMatchObject({ type: 'object', required: ['name', 'stores'] });
  });

  it('binds each call by its operation and its terms', () => {
    const bound: unknown[] = [];
    const clock = new ManualClock();
    const timed = plan('timed', { input, deadlineMs: 300 }, () => ({
      banners: optional(listBanners, {}, { timeoutMs: 90 }),
    }));
    compileScreen(
      screen(timed, () => ({ ok: 'yes' })),
      {
        clock,
        policy: { calls: { banners: { timeoutMs: 60 } } },
        bind: (operation, terms) => {
          bound.push([operation.id, terms]);
          return () => Promise.resolve(failure);
        },
      },
    );
    expect(bound).toEqual([
      [
        'listBanners',
        { part: 'banners', need: 'optional', role: 'call', timeoutMs: 60, readBody: expect.any(Function) },
      ],
    ]);
  });
});

describe('an upstream that does not keep its contract (F8)', () => {
  const broken = (value: unknown): Outcome<unknown> => ({ ok: true, value });

  it('ends the page with 502 where the call is required', async () => {
    expect(await run(asObject, { ...good, user: broken({ ...ada, name: undefined }) })).toMatchObject({
      kind: 'problem',
      status: 502,
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'user',
    });
  });

  it('is one missing part where the call is optional', async () => {
    const report = { stores: { status: 'bad_payload', source: 'fallback' } };
    expect(await run(asObject, { ...good, stores: broken({ page: 1 }) })).toEqual({
      kind: 'partial',
      body: `{"name":"Ada","stores":[],"_parts":${JSON.stringify(report)}}`,
      encoding: 'utf8',
      report,
      missing: 1,
    });
  });
});

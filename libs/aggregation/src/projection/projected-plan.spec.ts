import { RequestContext } from '@frontage/context';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orNull, pick } from '../view/combinators.js';
import { list } from '../view/lists.js';
import { screen, type Screen } from '../view/screen.js';
import { compileScreen, type ScreenResult } from '../compile-screen.js';
import { viewExamples } from '../fixtures/view-examples.js';
import { sentBy, valuesOf, type Sent } from '../fixtures/arbitrary-responses.js';
import { homeScreen } from '../fixtures/home-screen.js';
import { getMenu, getParcel, getUser, listOrders, type User } from '../fixtures/home-shop.js';
import { plan } from '../plan/plan.js';
import { each, optional, required, step, write } from '../plan/verbs.js';
import type { Bind, WhyParsed } from '../compile/bind.js';
import { describeView } from '../describe/describe-view.js';

/** The second call takes its arguments from the first; an `each` goes through what it brought, where a flag in it says so. */
const waves = plan('waves', { deadlineMs: 800 }, () => {
  const first = required(getUser, { path: { id: 'u' } });
  const orders = required(listOrders, { query: { customerId: first.id, limit: first.points } });
  const menu = optional(getMenu, {});
  const parcels = each(orders.items, (order) => optional(getParcel, { path: { id: order.parcelId } }), {
    maxCount: 2,
  });
  const seen = step({ tier: first.tier }, ({ tier }) => tier);
  return { first, orders, menu, parcels, seen };
});
const screenOfWaves = screen(waves, ({ first, orders, menu, parcels }) => ({
  user: pick(first, 'name', 'tier'),
  orders: list(orders.items, (order) => pick(order, 'id', 'total')),
  menu: orNull(menu.name),
  parcels: list(parcels, (parcel) => orNull(pick(parcel, 'eta'))),
}));

const idsSchema = {
  type: 'object',
  required: ['ids'],
  properties: { ids: { type: 'array', items: { type: 'string' } } },
};
const idsContract: Contract = {
  upstream: 'ids',
  title: 'Ids',
  version: '1',
  schemas: new SchemaTable([['listIds.200', JSON.stringify(idsSchema)]]),
};
const listIds: Operation<Record<never, never>, { ids: string[] }, Record<never, never>, 'GET'> = {
  contract: idsContract,
  id: 'listIds',
  method: 'GET',
  path: '/ids',
  responses: [{ status: '200', media: 'application/json', schema: 'listIds.200' }],
};
/** Nothing says what the items of an empty fallback are, and thereby what a call takes from the list. */
const replaced = plan('replaced', { deadlineMs: 800 }, () => {
  const found = optional(listIds, {}, { fallback: { ids: [] } });
  const parcels = each(found.ids, (id) => optional(getParcel, { path: { id } }), { maxCount: 2 });
  return { found, parcels };
});
const screenOfReplaced = screen(replaced, ({ parcels }) => list(parcels, (parcel) => orNull(pick(parcel, 'eta'))));

const failure = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' } as const;

/** Runs a screen over what was sent. @param reads does it read in its own way, or have everything parsed? */
async function run(of: Screen<unknown>, sent: readonly Sent[], reads: boolean) {
  const calls: unknown[] = [];
  const bind: Bind = (_, { part, readBody }) => {
    const position = of.plan.parts.findIndex(({ name }) => name === part);
    const reader = reads && readBody !== undefined ? readBody : () => undefined;
    const outcomes = sent[position]?.outcomesBy(reader) ?? [];
    let next = 0;
    return (args) => {
      calls.push([part, args]);
      return Promise.resolve(outcomes[next++ % outcomes.length] ?? failure);
    };
  };
  const compiled = compileScreen(of, { clock: new ManualClock(), bind });
  const context = new RequestContext('r', 0, 'GET', '127.0.0.1', {});
  return { calls, result: decoded(await compiled.run({ caller: { subject: 'ada' } }, context)) };
}

function decoded(result: ScreenResult): unknown {
  if (!('body' in result)) return result;
  const { encoding, ...others } = result;
  return { ...others, body: Buffer.from(result.body, encoding).toString('utf8') };
}

type Posts<In, Out> = Operation<In, Out, Record<never, never>, 'POST'>;
const makeUser: Posts<{ path: { id: string } }, User> = { ...getUser, method: 'POST' };
const dropUser: Posts<{ path: { id: string } }, User> = { ...getUser, method: 'POST' };

/** By part: does its call read bodies in a way of its own? */
function readers(of: Screen<unknown>, whyParsed?: WhyParsed): Readonly<Record<string, boolean>> {
  const bound: Record<string, boolean> = {};
  const bind: Bind = (_, { part, role, readBody }) => {
    bound[role === 'call' ? part : `${part}.${role}`] = readBody !== undefined;
    return () => expect.fail('not called');
  };
  compileScreen(of, { clock: new ManualClock(), bind, ...(whyParsed && { whyParsed }) });
  return bound;
}

describe('a plan whose responses are projected', () => {
  const screens = {
    waves: screenOfWaves,
    replaced: screenOfReplaced,
    home: homeScreen,
    projected: viewExamples.projected,
  };
  for (const [name, of] of Object.entries(screens)) {
    it(`of ${name} makes the same calls, and responds the same, as one whose responses are parsed`, async () => {
      await fc.assert(
        fc.asyncProperty(valuesOf(of), fc.integer(), async (values, seed) => {
          const sent = values.map((value, position) => sentBy(of.plan.parts[position]!.node, value, seed + position));
          const [have, want] = [await run(of, sent, true), await run(of, sent, false)];
          expect(have).toEqual(want);
        }),
        { numRuns: 150 },
      );
    }, 60_000);
  }

  it('parses all of what a step looks at, and of the rest what calls need', () => {
    expect(readers(screenOfWaves)).toEqual({ first: false, orders: true, menu: true, parcels: true });
  });

  it('parses a response whose items are passed on, where its contract does not say what they are', () => {
    expect(readers(screenOfReplaced)).toEqual({ found: false, parcels: true });
  });

  it('parses a write of whose result another is made that takes it back', () => {
    const made = plan('made', { deadlineMs: 800 }, () => {
      const undone = write(
        makeUser,
        { path: { id: 'u' } },
        { undo: (user) => write(dropUser, { path: { id: user.id } }) },
      );
      const kept = write(makeUser, { path: { id: undone.id } });
      return { undone, kept };
    });
    const of = screen(made, ({ undone, kept }) => ({ undone: undone.name, kept: kept.name }));
    expect(readers(of)).toEqual({ undone: false, 'undone.undo': false, kept: true });
  });

  it('projects the other parts where policy has the responses of one parsed', () => {
    const whyParsed: WhyParsed = ({ id }) => (id === 'getMenu' ? 'it is cached' : undefined);
    expect(readers(screenOfWaves, whyParsed)).toEqual({ first: false, orders: true, menu: false, parcels: true });
    const { members, parsing } = describeView(screenOfWaves, whyParsed);
    expect(parsing['menu']).toEqual({ parses: 'all of it', because: 'it is cached' });
    expect(members.find(({ member }) => member === 'menu')).toMatchObject({ how: 'computed' });
    expect(members.find(({ member }) => member === 'orders')).toMatchObject({ how: 'projected' });
  });

  it('never takes a projected response for a contract violation, when a step of ours throws', async () => {
    const clumsy = plan('clumsy', { deadlineMs: 800 }, () => {
      const first = required(getUser, { path: { id: 'u' } });
      const second = required(getMenu, {});
      const user = required(getUser, { path: { id: first.id } });
      const broken = step({ name: user.name }, (): string => {
        throw new RangeError('a bug of ours');
      });
      return { first, second, user, broken };
    });
    const of = screen(clumsy, ({ first, second }) => ({ name: first.name, menu: second.name }));
    expect(readers(of)).toMatchObject({ first: true, user: false });
    const ada = { id: 'u', name: 'Ada', points: 1, phone: null, tier: 'GOLD' };
    const sent = [ada, { name: 'root', children: [] }, ada, undefined].map((value, position) =>
      sentBy(of.plan.parts[position]!.node, value ?? null, 1),
    );
    await expect(run(of, sent, true)).rejects.toThrow('a bug of ours');
  });

  it('projects nothing for a screen without a body', () => {
    expect(readers(screen(waves, () => undefined))).toEqual({
      first: false,
      orders: false,
      menu: false,
      parcels: false,
    });
  });
});

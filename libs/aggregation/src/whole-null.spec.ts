import { describe, expect, it } from 'vitest';
import { RequestContext, type BodyReader } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import { orElse, orNull, pick, within } from './view/combinators.js';
import { count, list } from './view/lists.js';
import { screen, type Screen } from './view/screen.js';
import { compileScreen } from './compile-screen.js';
import { getParcel, getUser, listStores } from './fixtures/home-shop.js';
import { plan } from './plan/plan.js';
import { given } from './model/schema.js';
import { each, optional, required } from './plan/verbs.js';

/** Runs a screen over upstreams whose every response is `null`, projected where possible, or parsed. */
async function run(of: Screen<unknown>, copies: boolean) {
  const bytes = Buffer.from(' null\n');
  const bodyOf = (readBody: BodyReader | undefined): unknown => {
    const read = copies ? readBody?.(bytes) : undefined;
    return read ?? JSON.parse(bytes.toString());
  };
  const compiled = compileScreen(of, {
    clock: new ManualClock(),
    bind:
      (_, { readBody }) =>
      () =>
        Promise.resolve({ ok: true, value: bodyOf(readBody) }),
  });
  const result = await compiled.run({ ids: ['a', 'b'] }, new RequestContext('r', 0, 'GET', '127.0.0.1', {}));
  if (result.kind === 'problem') return `${result.status} ${result.code} ${result.part}`;
  return 'body' in result ? (JSON.parse(result.body) as unknown) : result.kind;
}

const user = { path: { id: 'a' } };
const one = plan('one', { deadlineMs: 100 }, () => ({ user: required(getUser, user) }));
const many = plan('many', { deadlineMs: 100 }, () => ({ stores: required(listStores, {}) }));
const both = plan('both', { deadlineMs: 100 }, () => ({
  user: optional(getUser, user),
  stores: optional(listStores, {}),
  spare: optional(listStores, {}, { fallback: [] }),
}));
const perItem = plan('perItem', { deadlineMs: 100, input: { ids: given<string[]>() } }, ({ ids }) => ({
  parcels: each(ids, (id) => optional(getParcel, { path: { id } }), { maxCount: 3 }),
}));
const nullable: typeof getUser = { ...getUser, responses: [{ status: '200', media: 'application/json' }] };
const free = plan('free', { deadlineMs: 100 }, () => ({ user: required(nullable, user) }));

describe.each([
  ['parsed', false],
  ['copied', true],
])('null as the whole of a part, %s, where the contract has a value', (_, copies) => {
  it.each<[string, Screen<unknown>]>([
    ['pick', screen(one, (parts) => ({ name: pick(parts.user, 'name') }))],
    ['pick as the root', screen(one, (parts) => pick(parts.user, 'name'))],
    ['the part itself', screen(one, (parts) => ({ user: parts.user }))],
    ['a field', screen(one, (parts) => ({ name: parts.user.name }))],
    ['within', screen(one, (parts) => ({ name: within(parts.user, ({ name }) => ({ name })) }))],
  ])('fails the page that needs it, through %s', async (_name, of) => {
    expect(await run(of, copies)).toBe('502 GW_UPSTREAM_BAD_PAYLOAD user');
  });

  it.each<[string, Screen<unknown>]>([
    ['list', screen(many, ({ stores }) => ({ ids: list(stores, ({ id }) => id) }))],
    ['list as the root', screen(many, ({ stores }) => list(stores, (store) => pick(store, 'id')))],
    ['the part itself', screen(many, ({ stores }) => ({ stores }))],
    ['count', screen(many, ({ stores }) => ({ count: count(stores) }))],
  ])('fails the page that needs a list, through %s', async (_name, of) => {
    expect(await run(of, copies)).toBe('502 GW_UPSTREAM_BAD_PAYLOAD stores');
  });

  it('is a missing part where the page can do without it, and its fallback is used', async () => {
    const of = screen(both, (parts) => ({
      picked: orNull(pick(parts.user, 'name')),
      listed: orNull(list(parts.stores, ({ id }) => id)),
      counted: orElse(count(parts.stores), 0),
      spare: list(parts.spare, ({ id }) => id),
    }));
    expect(await run(of, copies)).toEqual({
      picked: null,
      listed: null,
      counted: 0,
      spare: [],
      _parts: {
        user: { status: 'bad_payload', source: 'none' },
        stores: { status: 'bad_payload', source: 'none' },
        spare: { status: 'bad_payload', source: 'fallback' },
      },
    });
  });

  it('is a missing item of an each', async () => {
    const of = screen(perItem, ({ parcels }) => ({ etas: list(parcels, (parcel) => orNull(pick(parcel, 'eta'))) }));
    expect(await run(of, copies)).toEqual({
      etas: [null, null],
      _parts: { parcels: { items: { 0: 'bad_payload', 1: 'bad_payload' } } },
    });
  });

  it('is a value where the contract does not rule it out', async () => {
    const of = screen(free, (parts) => ({ name: pick(parts.user, 'name') }));
    expect(await run(of, copies)).toEqual({ name: null });
  });
});

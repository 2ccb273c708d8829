import { RequestContext } from '@frontage/context';
import type { Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { compileScreen } from './compile-screen.js';
import { getMenu, getUser } from './fixtures/home-shop.js';
import { plan } from './plan/plan.js';
import { each, optional, required } from './plan/verbs.js';
import { orNull, pick } from './view/combinators.js';
import { flatten, list, take } from './view/lists.js';
import { screen, type Screen } from './view/screen.js';

const menuPlan = plan('menu', { deadlineMs: 300 }, () => {
  const menu = required(getMenu, {});
  const owners = each(
    menu.children,
    (category) => each(category.children, (child) => optional(getUser, { path: { id: child.name } }), { maxCount: 3 }),
    { maxCount: 3 },
  );
  const again = each(
    owners,
    (of) => each(of, (owner) => optional(getUser, { path: { id: owner.id } }), { maxCount: 3 }),
    {
      maxCount: 3,
    },
  );
  return { menu, owners, again };
});
const shown = screen(menuPlan, ({ owners, again }) => ({
  owners: list(owners, (of) => list(of, (owner) => orNull(pick(owner, 'id', 'name')))),
  first: list(owners, (of) => list(take(of, 1), (owner) => orNull(owner.points))),
  again: list(again, (of) => list(of, (owner) => orNull(owner.id))),
  flat: list(flatten(owners), (owner) => orNull(owner.name)),
}));

const leaf = (name: string) => ({ name, children: [] });
const menu = { name: 'root', children: [{ name: 'a', children: [leaf('u1'), leaf('u2')] }, leaf('b'), { name: 'c', children: [leaf('u3')] }] }; // prettier-ignore
const user = (id: string) => ({ id, name: id.toUpperCase(), points: 1, phone: null, tier: 'GOLD' });

/** Gives the responses as bytes where the screen reads them as bytes. */
async function run(of: Screen<unknown>, responses: (part: string, id: string) => unknown) {
  const compiled = compileScreen(of, {
    clock: new ManualClock(),
    bind:
      (_, { part, readBody }) =>
      ({ path }): Promise<Outcome<unknown>> => {
        const value = responses(part, String(path?.['id']));
        if (value === undefined) return Promise.resolve({ ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' });
        return Promise.resolve({ ok: true, value: readBody?.(Buffer.from(JSON.stringify(value))) ?? value });
      },
  });
  const result = await compiled.run({}, new RequestContext('r', 0, 'GET', '127.0.0.1', {}));
  return 'body' in result ? (JSON.parse(result.body) as unknown) : result;
}

describe('a list of lists of calls, in a view', () => {
  it('is a list of lists', async () => {
    expect(await run(shown, (part, id) => (part === 'menu' ? menu : user(id)))).toEqual({
      owners: [
        [
          { id: 'u1', name: 'U1' },
          { id: 'u2', name: 'U2' },
        ],
        [],
        [{ id: 'u3', name: 'U3' }],
      ],
      first: [[1], [], [1]],
      again: [['u1', 'u2'], [], ['u3']],
      flat: ['U1', 'U2', 'U3'],
    });
  });

  it('loses the items alone that failed, or whose response breaks its contract', async () => {
    const { points: _, ...broken } = user('u2');
    const responses = (part: string, id: string) =>
      part === 'menu'
        ? menu
        : part === 'again'
          ? user(id)
          : id === 'u3'
            ? undefined
            : id === 'u2'
              ? { ...broken, name: undefined }
              : user(id);
    expect(await run(shown, responses)).toMatchObject({
      owners: [[{ id: 'u1', name: 'U1' }, null], [], [null]],
      first: [[1], [], [null]],
      again: [['u1', 'u2'], [], [null]],
      flat: ['U1', null, null],
      _parts: {
        owners: { items: { '0.1': 'bad_payload', '2.0': 'error' } },
        again: { items: { '2.0': 'skipped' } },
      },
    });
  });

  it('is not shown as a whole, where items may be missing', () => {
    // @ts-expect-error: items of this list may be missing
    const whole = () => screen(menuPlan, ({ owners }) => ({ owners }));
    // @ts-expect-error: items of this list may be missing
    const inner = () => screen(menuPlan, ({ owners }) => ({ owners: list(owners, (of) => of) }));
    for (const make of [whole, inner]) expect(make).toThrow(/the items of owners(\[\])? may be missing: write list/);
  });
});

import { describe, expect, it } from 'vitest';
import { createOrder, getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { getStock, listParcels, release, reserve } from '../fixtures/stock-shop.js';
import { batch } from './batch.js';
import { pages } from './pages.js';
import { plan } from './plan.js';
import { problem } from '../model/refusals.js';
import type { Ref } from '../model/references.js';
import { given } from '../model/schema.js';
import { lastGood } from './fallbacks.js';
import { atLeastOne, each, optional, required, step, write } from './verbs.js';

const input = { caller: given<Shopper>() };
const options = { input, deadlineMs: 100 };
/** The message of a start that is refused. */
function refusal(build: () => unknown): string {
  try {
    build();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  return expect.fail('this plan was taken');
}
/** A caller that the compiler knows nothing of. */
const blind = (x: unknown): never => x as never;

describe('the start refuses', () => {
  it('a call without a name, and says where plan and call stand', () => {
    const said = refusal(() =>
      plan('home', options, ({ caller }) => {
        void [required(getUser, { path: { id: caller.subject } })];
        return { banners: required(listBanners, {}) };
      }),
    );
    expect(said).toMatch(
      /^plan 'home' \(\S*plan-check\.spec\.ts:\d+:\d+\): required\(getUser\) at \S*plan-check\.spec\.ts:\d+:\d+ has no name: return it/,
    );
  });

  it('a step that nothing reads, and takes one that something reads', () => {
    expect(
      refusal(() =>
        plan('home', options, ({ caller }) => {
          void [step({ caller }, () => 1)];
          return { banners: required(listBanners, {}) };
        }),
      ),
    ).toContain('a step that nothing reads at');
    plan('home', options, ({ caller }) => {
      const slot = step({ caller }, (seen) => seen.caller.subject);
      return { banners: required(listBanners, { query: { slot } }) };
    });
  });

  it('a required call below one that may be missing', () => {
    expect(
      refusal(() =>
        plan('home', options, ({ caller }) => {
          const friend = optional(getUser, { path: { id: caller.subject } });
          return { friend, page: required(listOrders, { query: { customerId: blind(friend.id) } }) };
        }),
      ),
    ).toMatch(
      /required\(listOrders\) at \S+ reads friend\.id, which may be missing: give friend a fallback, make it required, or make this call optional$/,
    );
  });

  it.each(['_parts', '$input', '1st', 'two_words', 'ümlaut', ''])("a part named '%s'", (name) => {
    expect(refusal(() => plan('home', options, () => ({ [name]: required(listBanners, {}) })))).toContain(
      `'${name}' cannot name a part`,
    );
  });

  it('two names that the header Frontage-Parts could not tell apart', () => {
    expect(
      refusal(() =>
        plan('home', options, () => ({ newItems: required(listBanners, {}), NewItems: required(listBanners, {}) })),
      ),
    ).toContain("'newItems' and 'NewItems' are both 'new_items'");
  });

  it('one call under two names', () => {
    expect(
      refusal(() =>
        plan('home', options, () => {
          const banners = required(listBanners, {});
          return { banners, again: banners };
        }),
      ),
    ).toContain("'banners' and 'again' are the same call");
  });

  it('a member of a call as a part', () => {
    expect(
      refusal(() =>
        plan('home', options, ({ caller }) => ({
          name: blind(required(getUser, { path: { id: caller.subject } }).name),
        })),
      ),
    ).toContain("'name' is getUser.name: return what required, optional, write, each, batch, pages or step returned");
  });

  it('an item outside of its each', () => {
    let leaked: Ref<string> | undefined;
    expect(
      refusal(() =>
        plan('home', options, ({ caller }) => {
          const page = required(listOrders, { query: { customerId: caller.subject } });
          const parcels = each(
            page.items,
            (order) => {
              leaked = order.id;
              return required(getParcel, { path: { id: order.parcelId } });
            },
            { maxCount: 1 },
          );
          return { page, parcels, user: required(getUser, { path: { id: blind(leaked) } }) };
        }),
      ),
    ).toContain('reads page.items[].id, which there is only within its own each(...)');
  });

  it('a second call per item', () => {
    expect(
      refusal(() =>
        plan('home', options, ({ caller }) => {
          const page = required(listOrders, { query: { customerId: caller.subject } });
          const users = each(
            page.items,
            (order) => {
              const parcel = required(getParcel, { path: { id: order.parcelId } });
              return required(getUser, { path: { id: parcel.id } });
            },
            { maxCount: 1 },
          );
          return { page, users };
        }),
      ),
    ).toContain('required(getParcel) at');
  });

  it('what is of another plan', () => {
    const other = plan('other', options, ({ caller }) => ({
      user: required(getUser, { path: { id: caller.subject } }),
    }));
    let stolen: Ref<string> | undefined;
    plan('home', options, ({ caller }) => {
      const user = required(getUser, { path: { id: caller.subject } });
      stolen = user.id;
      return { user };
    });
    expect(other.parts).toHaveLength(1);
    expect(
      refusal(() => plan('third', options, () => ({ user: required(getUser, { path: { id: blind(stolen) } }) }))),
    ).toContain('reads user.id of another plan');
  });

  it.each([
    ['a deadline of nothing', () => plan('x', { input, deadlineMs: 0 }, () => ({})), 'deadlineMs is 0'],
    [
      'a reserve as long as the deadline',
      () => plan('x', { input, deadlineMs: 10, reserveMs: 10 }, () => ({})),
      'reserveMs is 10',
    ],
    [
      'a timeout of nothing',
      () => plan('x', options, () => ({ a: required(listBanners, {}, { timeoutMs: 0 }) })),
      'timeoutMs of required(listBanners) at',
    ],
    [
      'a count of nothing',
      () =>
        plan('x', options, ({ caller }) => ({
          a: each(blind(caller), () => required(listBanners, {}), { maxCount: 0 }),
        })),
      'maxCount of each(...) at',
    ],
    [
      'a function as an argument',
      () => plan('x', options, () => ({ a: required(listBanners, { query: { slot: blind(() => 'x') } }) })),
      '.query.slot is a function',
    ],
    ['a call outside of a plan', () => required(listBanners, {}), 'stands outside of plan(...)'],
    [
      'a condition that is known already',
      () => plan('x', options, () => ({ a: optional(listBanners, {}, { when: blind(true) }) })),
      "'when' of optional(listBanners)",
    ],
    [
      'a step per item',
      () =>
        plan('x', options, ({ caller }) => ({
          a: each(
            blind(caller),
            blind(() => step({ caller }, () => 1)),
            { maxCount: 1 },
          ),
        })),
      'makes one call per item',
    ],
    [
      'a write per page',
      () =>
        plan('x', options, () => ({
          a: pages(
            blind(() => write(createOrder, { body: { customerId: '', skus: [] } })),
            { next: () => null, maxPages: 1, maxItems: 1 },
          ),
        })),
      'makes one call per page',
    ],
    [
      'a required call under a condition below one that may fail',
      () =>
        plan('x', options, ({ caller }) => {
          const friend = optional(getUser, { path: { id: caller.subject } });
          return { friend, a: required(getUser, { path: { id: friend.id } }, { when: caller.premium }) };
        }),
      'reads friend.id, which may be missing',
    ],
    [
      'a required call per item of a list of parts',
      () =>
        plan('x', options, ({ caller }) => {
          const page = required(listOrders, { query: { customerId: caller.subject } });
          const parcels = each(page.items, (order) => optional(getParcel, { path: { id: order.parcelId } }), {
            maxCount: 3,
          });
          const users = each(parcels, (parcel) => required(getUser, { path: { id: blind(parcel.id) } }), {
            maxCount: 3,
          });
          return { page, parcels, users };
        }),
      'reads parcels[].id, which may be missing',
    ],
    [
      'a read as the fallback of a write',
      () =>
        plan('x', options, () => ({
          a: write(
            createOrder,
            { body: { customerId: '', skus: [] } },
            { fallback: blind(optional(getUser, { path: { id: 'a' } })) },
          ),
        })),
      "is a reference: write a value, or a call of its own, write(...) without 'when'",
    ],
    [
      'a last good response as the fallback of a write',
      () =>
        plan('x', options, () => ({
          a: write(createOrder, { body: { customerId: '', skus: [] } }, { fallback: lastGood({ maxAgeMs: 1 }) }),
        })),
      'is a last good response, which no change has',
    ],
    [
      'a rule over something else than parts',
      () =>
        plan('x', options, ({ caller }) => {
          atLeastOne([blind(caller.subject)]);
          return { a: required(listBanners, {}) };
        }),
      'atLeastOne(...) at',
    ],
    [
      'a constant among the things a step takes',
      () => plan('x', options, () => ({ a: step({ one: blind(1) }, () => 1) })),
      "'one' of step(...) at",
    ],
    [
      'a fallback that is a reference',
      () =>
        plan('x', options, ({ caller }) => ({
          a: optional(getUser, { path: { id: 'a' } }, { fallback: blind(caller.subject) }),
        })),
      'is a reference: write a value, lastGood({ maxAgeMs }), or a call of its own, optional(...)',
    ],
    [
      'a fallback that holds a reference',
      () =>
        plan('x', options, ({ caller }) => ({
          a: optional(getUser, { path: { id: 'a' } }, { fallback: { id: caller.subject } }),
        })),
      'holds a reference: write a value',
    ],
    [
      'a required call as a fallback',
      () => plan('x', options, () => ({ a: optional(listBanners, {}, { fallback: required(listBanners, {}) }) })),
      'the fallback of optional(listBanners)',
    ],
    [
      'a call that stands in for one part as a part of its own',
      () =>
        plan('x', options, () => {
          const b = optional(listBanners, {});
          return { a: optional(listBanners, {}, { fallback: b }), b };
        }),
      "'b' is a call within another part",
    ],
    [
      'reading a call that stands in for another',
      () =>
        plan('x', options, () => {
          const b = optional(getUser, { path: { id: 'b' } });
          const a = optional(getUser, { path: { id: 'a' } }, { fallback: b });
          return { a, c: optional(getUser, { path: { id: b.id } }) };
        }),
      'reads getUser.id, a call made within another part: read the part it belongs to',
    ],
    ['an age of nothing', () => lastGood({ maxAgeMs: 0 }), 'lastGood({ maxAgeMs: 0 }): write milliseconds above 0'],
    [
      'an undo that reads',
      () =>
        plan('x', options, () => ({
          a: write(reserve, { body: { sku: 'a' } }, { undo: blind(() => required(listBanners, {})) }),
        })),
      "'undo' of write(reserve) at",
    ],
    [
      'an undo of an undo',
      () =>
        plan('x', options, () => ({
          a: write(
            reserve,
            { body: { sku: 'a' } },
            {
              undo: () =>
                write(
                  reserve,
                  { body: { sku: 'b' } },
                  { undo: (made) => write(release, { path: { id: made.reservation } }) },
                ),
            },
          ),
        })),
      'has an undo of its own: nothing would run it',
    ],
    [
      'an order after a value',
      () => plan('x', options, () => ({ a: write(reserve, { body: { sku: 'a' } }, { after: [blind('b')] }) })),
      "'after' of write(reserve)",
    ],
    [
      'the cursor of another call',
      () =>
        plan('x', options, () => {
          let stolen: unknown;
          const first = pages(
            (cursor) => {
              stolen = cursor;
              return required(listParcels, { query: { cursor } });
            },
            { items: 'items', next: 'next', maxPages: 1, maxItems: 1 },
          );
          return { first, second: required(listBanners, { query: { slot: blind(stolen) } }) };
        }),
      'which there is only within its own call',
    ],
    [
      'keys that are known already',
      () => plan('x', options, () => ({ a: batch(blind(['a']), () => required(getStock, { query: { sku: [] } }), { by: 'sku', size: 1, maxCount: 1 }) })), // prettier-ignore
      'takes keys from references',
    ],
    [
      'a size of nothing',
      () =>
        plan('x', options, ({ caller }) => ({
          a: batch(blind(caller), () => required(getStock, { query: { sku: [] } }), {
            by: 'sku',
            size: 0,
            maxCount: 1,
          }),
        })),
      'size of batch(...) at',
    ],
    [
      'a count of pages of nothing',
      () =>
        plan('x', options, () => ({
          a: pages((cursor) => required(listParcels, { query: { cursor } }), { items: 'items', next: 'next', maxPages: 0, maxItems: 1 }), // prettier-ignore
        })),
      'maxPages of pages(...) at',
    ],
    ['a problem that is none', () => problem(200, 'fine', 'Fine.'), 'from 400 to 599'],
    ['a code that is taken', () => problem(400, 'gw_own', 'Own.'), 'not starting with gw_'],
  ])('%s', (_, build, says) => {
    expect(refusal(build)).toContain(says);
  });
});

describe('a reference used as a value', () => {
  const use = (how: (name: never) => unknown) =>
    refusal(() =>
      plan('home', options, ({ caller }) => {
        const user = required(getUser, { path: { id: caller.subject } });
        how(blind(user.address));
        return { user };
      }),
    );

  it.each<[string, (ref: never) => unknown, string]>([
    [
      'in a template',
      (ref) => `for ${String(ref)}`,
      'getUser.address is a reference, not a value yet: compute with it in step({ ... }, (seen) => ...)',
    ],
    ['in a sum', (ref) => ref + 1, 'compute with it in step'],
    ['spread', (ref: object) => ({ ...ref }), 'its members cannot be spread or listed'],
    ['gone through', (ref: Iterable<unknown>) => [...ref], 'ask per item with each(...)'],
    [
      'awaited',
      (ref: { then: () => unknown }) => ref.then(),
      'getUser.address is a reference, not a value yet: it needs no await',
    ],
    ['searched', (ref: object) => 'city' in ref, "look for 'city' in step"],
    ['assigned to', (ref: { city: string }) => (ref.city = 'x'), 'nothing can be assigned to it'],
  ])('%s is refused with its path', (_, how, says) => {
    expect(use(how)).toContain(says);
  });
});

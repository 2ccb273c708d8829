import { describe, expect, it } from 'vitest';
import { toExpression } from './view-reference.js';
import { mapEnum } from './choices.js';
import { fixed, named, orNull, pick } from './combinators.js';
import { homePlan } from '../fixtures/home-screen.js';
import { list, take } from './lists.js';
import { screen } from './screen.js';
import { referTo } from '../model/references.js';

/** JavaScript's treatment of references that the compiler did not look at, or does not mind. */
interface Untyped {
  readonly profile: { readonly id: string; readonly name: string };
  readonly orders: { readonly items: readonly string[] };
  readonly menu: object;
  readonly parcels: object;
  readonly profil?: object;
}
const mistake = (write: (parts: Untyped) => unknown) => () =>
  screen(homePlan, (parts) => {
    // As a screen in plain JavaScript sees it: members of any name.
    const untyped: unknown = parts;
    return write(untyped as Untyped) as string;
  });

describe('a reference used as a value', () => {
  it('says its path, and what to write instead', () => {
    const cases: readonly (readonly [(parts: Untyped) => unknown, string])[] = [
      [({ profile }) => ({ t: `Hi ${profile.name}` }), 'profile.name is a reference, not a value: write text`...`'],
      [
        ({ profile }) => ({ ...profile }),
        "profile is a reference, not a value: its members cannot be spread or listed: name them with pick(profile, 'field')",
      ],
      [
        ({ orders }) => [...orders.items],
        'orders.items is a reference, not a value: write list(orders.items, (item) => ...)',
      ],
      [({ orders }) => orders.items.map(String), 'write list(orders.items, (item) => ...)'],
      [({ orders }) => orders.items.filter(Boolean), "write where(orders.items, ['field'], ({ field }) => ...)"],
      [
        ({ profile }) => profile.name.toUpperCase(),
        'write compute(schema, { value: profile.name }, ({ value }) => ...)',
      ],
      [
        ({ profile }) => ({ s: JSON.stringify(profile) }),
        'profile.toJSON(...): references have no functions of their own',
      ],
      [({ profile }) => ({ s: 'name' in profile }), "look for 'name' in test({ value: profile }"],
      [({ profile }) => Object.assign(profile, { a: 1 }), 'nothing can be assigned to it'],
      [({ profile }) => ({ same: profile.id === profile.name }), 'a bare false stands in the view: write fixed(false)'],
      [({ profile }) => ({ not: !profile.id }), 'a bare false stands in the view'],
      [() => ({ now: new Date(0) }), 'take the time as input'],
      [() => ({ run: () => 1 }), 'a function cannot stand in a view'],
      [async ({ profile }) => ({ id: profile }), 'the callback is async'],
      [() => ({ n: Number.NaN }), 'NaN is not JSON'],
      [
        ({ profil }) => ({ profil }),
        "plan 'mobile.home' has no part 'profil': it has profile, orders, stores, banners, menu, parcels",
      ],
    ];
    for (const [write, message] of cases) expect(mistake(write)).toThrow(message);
  });

  it('is refused with the name of the plan in front', () => {
    expect(mistake(({ menu }) => ({ menu }))).toThrow(
      "screen of plan 'mobile.home': menu may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)",
    );
    expect(mistake(({ parcels }) => ({ parcels }))).toThrow(
      'the items of parcels may be missing: write list(parcels, (item) => orNull(item))',
    );
  });

  it('is told from a reference of the plan that slipped in', () => {
    expect(() => toExpression({ id: referTo({ node: homePlan.input, path: ['caller'] }) })).toThrow(
      'is a reference of the plan: name it in what the plan returns',
    );
  });

  it('takes no member named __proto__, since JavaScript would make a prototype of it', () => {
    expect(() => toExpression(JSON.parse('{"__proto__":1}'))).toThrow("cannot be named '__proto__'");
  });
});

describe('combinators', () => {
  it('refuse what they can see to be wrong at once', () => {
    expect(() => named('a name', { a: 'b' })).toThrow("named('a name', ...): a name holds letters");
    expect(() => screen(homePlan, ({ orders }) => take(orders.items, -1))).toThrow('take(..., -1)');
    expect(() => toExpression({ flag: fixed(false) })).not.toThrow();
  });

  it('write down what they were given, as data', () => {
    const { view } = screen(homePlan, ({ profile, parcels }) => ({
      ...pick(profile, 'id'),
      level: mapEnum(profile.tier, { BASIC: 1, GOLD: 2 }),
      parcels: list(parcels, (parcel) => orNull(parcel.eta)),
    }));
    expect(view).toMatchObject({
      kind: 'object',
      members: [
        ['id', { kind: 'field', key: 'id', of: { kind: 'part', name: 'profile' } }],
        ['level', { kind: 'enum', other: [] }],
        [
          'parcels',
          {
            kind: 'list',
            body: { kind: 'otherwise', of: { kind: 'field', key: 'eta', of: { kind: 'item', each: true } } },
          },
        ],
      ],
    });
  });
});

import { describe, expect, it } from 'vitest';
import { crmScreens } from '../fixtures/crm-screens.js';
import { viewExamples } from '../fixtures/view-examples.js';
import { screenOfFive } from '../fixtures/home-five.js';
import { homeScreen } from '../fixtures/home-screen.js';
import type { Screen } from '../view/screen.js';
import { describeView } from './describe-view.js';

const lines = (of: Screen<unknown>): readonly string[] =>
  describeView(of).members.map(
    ({ member, how, from, because }) =>
      `${member} ${how} ${from.join(' ')}${because === undefined ? '' : `: ${because}`}`,
  );

describe('the description of a view', () => {
  it('says that a screen which only picks is projected as a whole, and parses nothing', () => {
    const { members, parsing } = describeView(screenOfFive);
    expect(members.map(({ how }) => how)).toEqual(['projected', 'projected', 'projected', 'projected', 'projected']);
    expect(Object.values(parsing).map(({ parses }) => parses)).toEqual(Array(5).fill('nothing'));
  });

  it('lists each member, and why it is computed', () => {
    expect(lines(homeScreen)).toMatchInlineSnapshot(`
      [
        "user projected profile",
        "city projected profile",
        "greeting projected profile",
        "golden computed profile: a condition decides on it",
        "orders computed orders stores: its items are sorted",
        "cancelled computed orders: a condition picks its items",
        "banners projected banners",
        "parcels projected parcels",
        "menu computed menu: it holds more of its own kind",
      ]
    `);
    expect(lines(viewExamples.projected)).toMatchInlineSnapshot(`
      [
        "user projected profile",
        "again projected profile",
        "address projected profile",
        "nick projected profile",
        "stores projected stores",
        "banners projected banners",
        "menu projected menu",
        "title projected menu",
        "level projected profile",
        "greeting projected profile",
        "states projected orders",
        "counts projected orders",
        "firsts projected orders",
        "parcels projected parcels",
        "whether projected parcels",
      ]
    `);
  });

  it('says which joins, folds and merged objects are computed', () => {
    expect(Object.values(crmScreens).flatMap(lines)).toMatchInlineSnapshot(`
      [
        "customers computed customers contracts invoices: one entry of it is looked up",
        "owners computed contracts customers: one entry of it is looked up",
        "customers computed customers contracts invoices: a condition picks its items",
        "mine computed profile customers: a condition picks its items",
        "large computed invoices profile: a condition picks its items",
        "all projected invoices credits",
        "newest computed invoices credits: its items are sorted",
        "maybe computed credits invoices: it is made before it is read",
        "tags projected contracts",
        "distinctTags computed contracts: equal items are left out",
        "kinds computed contracts: equal items are left out",
        "sum computed invoices: its values are added",
        "discount computed credits: its values are added",
        "least computed invoices: its values are compared",
        "latest computed invoices: its values are compared",
        "score computed invoices: its values are added",
        "pair projected profile contracts",
        "spread computed profile extra: one of its objects may be one of several kinds",
        "short projected profile",
        "merged computed profile extra: one of its objects may be one of several kinds",
        "closed projected profile",
        "extra projected extra",
        "name computed extra: it is made before it is read",
        "terms computed contracts: a condition decides on it",
        "sent computed parcels: a condition picks its items",
        "states computed parcels: equal items are left out",
        "known computed parcels: equal items are left out",
        "lines computed orders: it may be one of several kinds",
        "quantity computed orders: its values are added",
        "stores computed stores orders: a condition picks its items",
        "payments computed orders: it may be one of several kinds",
        "anonymous computed orders: it may be one of several kinds",
        "names projected profile menu",
        "names computed orders: it may be one of several kinds",
        "total computed orders: a function makes it",
      ]
    `);
    expect(Object.values(crmScreens).map((of) => describeView(of).parsing)).toMatchInlineSnapshot(`
      [
        {
          "contracts": {
            "parses": "what is computed with",
          },
          "credits": {
            "parses": "nothing",
          },
          "customers": {
            "parses": "what is computed with",
          },
          "extra": {
            "parses": "nothing",
          },
          "invoices": {
            "parses": "what is computed with",
          },
          "profile": {
            "parses": "nothing",
          },
        },
        {
          "contracts": {
            "parses": "what is computed with",
          },
          "credits": {
            "parses": "nothing",
          },
          "customers": {
            "parses": "what is computed with",
          },
          "extra": {
            "parses": "nothing",
          },
          "invoices": {
            "parses": "what is computed with",
          },
          "profile": {
            "parses": "what is computed with",
          },
        },
        {
          "contracts": {
            "parses": "what is computed with",
          },
          "credits": {
            "parses": "what is computed with",
          },
          "customers": {
            "parses": "nothing",
          },
          "extra": {
            "parses": "nothing",
          },
          "invoices": {
            "parses": "what is computed with",
          },
          "profile": {
            "parses": "nothing",
          },
        },
        {
          "contracts": {
            "parses": "what is computed with",
          },
          "credits": {
            "parses": "nothing",
          },
          "customers": {
            "parses": "nothing",
          },
          "extra": {
            "parses": "what is computed with",
          },
          "invoices": {
            "parses": "nothing",
          },
          "profile": {
            "parses": "what is computed with",
          },
        },
        {
          "banners": {
            "parses": "nothing",
          },
          "menu": {
            "parses": "nothing",
          },
          "orders": {
            "because": "it may be one of several kinds",
            "parses": "all of it",
          },
          "parcels": {
            "because": "its items are read as one list",
            "parses": "all of it",
          },
          "profile": {
            "parses": "nothing",
          },
          "stores": {
            "parses": "what is computed with",
          },
        },
      ]
    `);
  });

  it('says how much of each part is parsed', () => {
    expect(describeView(homeScreen).parsing).toMatchInlineSnapshot(`
      {
        "banners": {
          "parses": "nothing",
        },
        "menu": {
          "because": "it holds more of its own kind",
          "parses": "all of it",
        },
        "orders": {
          "parses": "what is computed with",
        },
        "parcels": {
          "parses": "nothing",
        },
        "profile": {
          "parses": "what is computed with",
        },
        "stores": {
          "parses": "what is computed with",
        },
      }
    `);
    expect(describeView(viewExamples.mixed).parsing).toMatchInlineSnapshot(`
      {
        "banners": {
          "parses": "nothing",
        },
        "menu": {
          "because": "it is looked up by name",
          "parses": "all of it",
        },
        "orders": {
          "because": "a function gets it whole",
          "parses": "all of it",
        },
        "parcels": {
          "parses": "nothing",
        },
        "profile": {
          "parses": "what is computed with",
        },
        "stores": {
          "parses": "nothing",
        },
      }
    `);
  });
});

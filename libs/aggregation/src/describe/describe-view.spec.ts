import { describe, expect, it } from 'vitest';
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

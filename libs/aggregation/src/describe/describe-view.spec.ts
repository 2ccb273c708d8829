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

describe('what is copied and what is computed', () => {
  it('of a screen that only picks: everything is copied, nothing is parsed', () => {
    const { members, parsing } = describeView(screenOfFive);
    expect(members.map(({ how }) => how)).toEqual(['copied', 'copied', 'copied', 'copied', 'copied']);
    expect(Object.values(parsing).map(({ parses }) => parses)).toEqual(Array(5).fill('nothing'));
  });

  it('is told member by member, with the reason', () => {
    expect(lines(homeScreen)).toMatchInlineSnapshot(`
      [
        "user copied profile",
        "city copied profile",
        "greeting copied profile",
        "golden computed profile: a condition decides on it",
        "orders computed orders stores: its items are sorted",
        "cancelled computed orders: a condition picks its items",
        "banners copied banners",
        "parcels copied parcels",
        "menu computed menu: it holds more of its own kind",
      ]
    `);
    expect(lines(viewExamples.copied)).toMatchInlineSnapshot(`
      [
        "user copied profile",
        "again copied profile",
        "address copied profile",
        "nick copied profile",
        "stores copied stores",
        "banners copied banners",
        "menu copied menu",
        "title copied menu",
        "level copied profile",
        "greeting copied profile",
        "states copied orders",
        "counts copied orders",
        "firsts copied orders",
        "parcels copied parcels",
        "whether copied parcels",
      ]
    `);
  });

  it('says how much of each part is parsed for it', () => {
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

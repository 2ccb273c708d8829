import { describe, expect, it } from 'vitest';
import { when } from '../view/choices.js';
import { all, merge, omit, orElse, orNull, pick, text, within } from '../view/combinators.js';
import { contract, crmParts, crmPlan } from '../fixtures/crm.js';
import { homePlan } from '../fixtures/home-screen.js';
import { gone, respond } from '../fixtures/both-engines.js';
import { equal } from '../view/joins.js';
import { list } from '../view/lists.js';
import { screen, type Screen } from '../view/screen.js';
import { responseSchema } from '../schema/response-schema.js';

const body = (of: Screen<unknown>, changes: object = {}): unknown => respond(of, { ...crmParts, ...changes });
const profile = { id: 'ada', name: 'Ada', city: 'Köln', score: 3 };

describe('all and omit', () => {
  it('give the declared members, to be spread among others', () => {
    const of = screen(crmPlan, (seen) => ({ ...all(seen.profile), greeting: text`Hello ${seen.profile.name}` }));
    expect(body(of)).toEqual({ ...profile, greeting: 'Hello Ada' });
    expect(body(screen(crmPlan, (seen) => ({ a: 1, ...omit(seen.profile, 'score', 'id'), b: 2 })))).toEqual({
      a: 1,
      name: 'Ada',
      city: 'Köln',
      b: 2,
    });
  });

  it('give the object, and its members to be read', () => {
    const of = screen(crmPlan, (seen) => ({
      whole: all(seen.profile),
      name: all(seen.profile).name,
      short: omit(seen.profile, 'city'),
      again: omit(seen.profile, 'city').id,
    }));
    expect(body(of)).toEqual({ whole: profile, name: 'Ada', short: { id: 'ada', name: 'Ada', score: 3 }, again: 'ada' }); // prettier-ignore
  });

  it('are the root of a response', () => {
    expect(body(screen(crmPlan, (seen) => omit(seen.profile, 'name')))).toEqual({ id: 'ada', city: 'Köln', score: 3 });
    expect(body(screen(crmPlan, (seen) => ({ ...all(seen.profile) })))).toEqual(profile);
  });

  it('are as missing as their object', () => {
    const of = screen(crmPlan, ({ contracts, extra }) => ({
      extra: orNull(omit(extra, 'name')),
      terms: list(contracts.items, (one) => orNull(omit(one.terms, 'until'))),
    }));
    expect(body(of)).toEqual({ extra: { mood: 'good', score: null }, terms: [null, null, null, { notice: 30 }, null, null] }); // prettier-ignore
    expect(body(of, { extra: gone, contracts: { items: [] } })).toEqual({ extra: null, terms: [] });
  });

  it('leave a member of each kind of a union out', () => {
    const of = screen(homePlan, ({ orders }) => list(orders.items, (order) => omit(order.payment, 'kind')));
    expect(responseSchema(of).schema).toMatchObject({
      items: {
        anyOf: [
          { properties: { last4: { type: 'string' }, brand: { type: 'string' } }, required: ['last4'] },
          { properties: { iban: { type: 'string' } }, required: ['iban'] },
        ],
      },
    });
  });

  it('refuse a member that the contract does not have', () => {
    // @ts-expect-error the contract has no such member
    const of = screen(crmPlan, (seen) => omit(seen.profile, 'nam'));
    expect(() => responseSchema(of)).toThrow(
      "profile.nam: the contract declares no field 'nam'; it has id, name, city, score",
    );
  });

  it('refuse a name that stands in front of a spread that has it, too', () => {
    const of = screen(crmPlan, (seen) => ({ ...pick(seen.profile, 'city'), ...all(seen.profile) }));
    expect(() => responseSchema(of)).toThrow(
      "'city' stands in front of all members of profile, which has a member of that name: write it behind, or omit(profile, 'city')",
    );
  });
});

describe('merge', () => {
  const of = screen(crmPlan, (seen) =>
    merge(seen.profile, orElse(seen.extra, {}), { here: text`at ${seen.profile.id}` }),
  );

  it('has the members of all, of equal names the last one', () => {
    expect(body(of)).toEqual({
      id: 'ada',
      name: 'Lovelace',
      city: 'Köln',
      score: null,
      mood: 'good',
      here: 'at ada',
    });
  });

  it('keeps a member where the later object does not have it', () => {
    expect(body(of, { extra: { name: 'X', score: 1 } })).toMatchObject({ name: 'X', city: 'Köln', score: 1 });
    expect(body(of, { extra: gone })).toEqual({ ...profile, here: 'at ada' });
  });

  it('has the schema of what it may hold', () => {
    expect(responseSchema(of).schema).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        name: { type: 'string' },
        city: { type: 'string' },
        score: { type: ['integer', 'null'] },
        mood: { type: 'string' },
        here: { type: 'string' },
      },
      required: ['id', 'name', 'score', 'here'],
      additionalProperties: false,
    });
  });

  it('goes with objects that may be null, and with those of several kinds', () => {
    const terms = screen(crmPlan, ({ contracts }) =>
      list(contracts.items, (one) => merge(pick(one, 'number'), one.terms)),
    );
    expect(body(terms, { contracts: { items: [contract(1), contract(2, 'a', { terms: { notice: 3, secret: 1 } })] } })).toEqual([{ number: 1 }, { number: 2, notice: 3 }]); // prettier-ignore
    const either = screen(crmPlan, (seen) =>
      merge(pick(seen.profile, 'id'), when(equal(seen.profile.city, 'Köln'), { a: 1 }, { b: 2 })),
    );
    expect(body(either)).toEqual({ id: 'ada', a: 1 });
    expect(responseSchema(either).schema).toMatchObject({ anyOf: [{ required: ['id', 'a'] }, { required: ['id', 'b'] }] }); // prettier-ignore
  });

  it('is an object whose members can be read', () => {
    const read = screen(crmPlan, (seen) => ({
      name: merge(seen.profile, { name: seen.profile.city }).name,
      score: orNull(within(merge(seen.profile, orElse(seen.extra, {})), (one) => one.score)),
    }));
    expect(body(read)).toEqual({ name: 'Köln', score: null });
  });
});

describe('orElse', () => {
  it('gives members of the value, or of what stands in for it', () => {
    const of = screen(crmPlan, ({ extra, contracts }) => ({
      name: orElse(extra, { name: 'none', score: 0 }).name,
      mood: orNull(orElse(extra, { mood: 'calm' }).mood),
      notice: list(contracts.items, (one) => orElse(one.terms, { notice: 14 }).notice),
    }));
    expect(body(of)).toEqual({ name: 'Lovelace', mood: 'good', notice: [14, 14, 14, 30, 14, 14] });
    expect(body(of, { extra: gone, contracts: { items: [] } })).toEqual({ name: 'none', mood: 'calm', notice: [] });
  });
});

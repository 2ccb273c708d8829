import { SchemaTable, type Contract, type JsonSchema, type Operation } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gone, respond } from '../fixtures/both-engines.js';
import type { Ref } from '../model/references.js';
import { plan } from '../plan/plan.js';
import { optional, required } from '../plan/verbs.js';
import { byKind, mapEnum, when } from '../view/choices.js';
import { compute, fixed, named, orElse, orNull, orOmit, pick, test, text, within } from '../view/combinators.js';
import { at, equal, groupBy } from '../view/joins.js';
import { count, first, list, sortBy, take, where } from '../view/lists.js';
import { screen } from '../view/screen.js';

/** One article of a shop: what a view chooses by. */
interface Item {
  id: string;
  state: 'NEW' | 'OLD' | 'GONE';
  rank: number | null;
  note?: string | null;
  price?: { amount: number; currency?: string } | null;
  labels: Record<string, string>;
  media: { kind: 'book'; pages: number } | { kind?: 'disc'; side?: string };
  tags: { name: string; weight: number }[];
}
const object = (properties: Readonly<Record<string, JsonSchema>>, ...left: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !left.includes(name)),
});
const string: JsonSchema = { type: 'string' };
const integer: JsonSchema = { type: 'integer' };
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const schemas: Readonly<Record<string, JsonSchema>> = {
  Book: object({ kind: { const: 'book' }, pages: integer }),
  // Its tag may be left out, as many contracts have it, and never is.
  Disc: object({ kind: { const: 'disc' }, side: string }, 'kind', 'side'),
  Price: object({ amount: integer, currency: string }, 'currency'),
  Item: object(
    {
      id: string,
      state: { type: 'string', enum: ['NEW', 'OLD', 'GONE'] },
      rank: { type: ['integer', 'null'] },
      note: { type: ['string', 'null'] },
      price: { anyOf: [ref('Price'), { type: 'null' }] },
      labels: { type: 'object', additionalProperties: string },
      media: { oneOf: [ref('Book'), ref('Disc')] },
      tags: { type: 'array', items: object({ name: string, weight: integer }) },
    },
    'note',
    'price',
  ),
  'listItems.200': object({ items: { type: 'array', items: ref('Item') } }),
  'getSpare.200': ref('Item'),
};
const shop: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable(Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)])),
};
const reads = <Out>(id: string): Operation<Record<never, never>, Out, Record<never, never>, 'GET'> => ({
  contract: shop,
  id,
  method: 'GET',
  path: `/${id}`,
  responses: [{ status: '200', media: 'application/json', schema: `${id}.200` }],
});
const shopPlan = plan('shop', { deadlineMs: 900 }, () => ({
  found: required(reads<{ items: Item[] }>('listItems')),
  spare: optional(reads<Item>('getSpare')),
}));

const word = fc.constantFrom('a', 'b', 'é', '"', '__proto__', '');
const small = fc.integer({ min: -2, max: 3 });
const item: fc.Arbitrary<Item> = fc.record(
  {
    id: word,
    state: fc.constantFrom<Item['state']>('NEW', 'OLD', 'GONE'),
    rank: fc.option(small),
    note: fc.option(word),
    price: fc.option(fc.record({ amount: small, currency: word }, { requiredKeys: ['amount'] })),
    labels: fc.dictionary(fc.constantFrom('a', 'b'), word),
    media: fc.oneof(
      fc.record({ kind: fc.constant('book' as const), pages: small }),
      fc.record({ kind: fc.constant('disc' as const), side: word }, { requiredKeys: ['kind'] }),
    ),
    tags: fc.array(fc.record({ name: word, weight: small }), { maxLength: 3 }),
  },
  { requiredKeys: ['id', 'state', 'rank', 'labels', 'media', 'tags'] },
);
const responses = fc.record({
  found: fc.record({
    items: fc.array(
      item.map((one) => withSecrets(one)),
      { maxLength: 4 },
    ),
  }),
  spare: fc.oneof(item, fc.constant(gone)),
});
type Responses = typeof responses extends fc.Arbitrary<infer T> ? T : never;

/** Each verb over one item, as a view has it and as code by hand has it. */
const verbs: Readonly<
  Record<
    string,
    readonly [view: (one: Items, index: Ref<number>) => unknown, hand: (one: Item, index: number) => unknown]
  >
> = {
  firstTag: [(one) => orNull(first(one.tags).name), (one) => one.tags[0]?.name ?? null],
  thirdTag: [(one) => orNull(at(one.tags, 2).weight), (one) => one.tags[2]?.weight ?? null],
  label: [(one) => orNull(at(one.labels, 'a')), (one) => one.labels['a'] ?? null],
  labelOf: [(one) => orOmit(at(one.labels, one.id)), (one) => (Object.hasOwn(one.labels, one.id) ? one.labels[one.id] : undefined)], // prettier-ignore
  within: [
    (one) => within(one.price, (price) => ({ cents: price.amount, currency: orElse(price.currency, 'EUR') })),
    ({ price }) => price && { cents: price.amount, currency: price.currency ?? 'EUR' },
  ],
  pick: [(one) => orNull(pick(one.price, 'amount')), ({ price }) => (price ? { amount: price.amount } : null)],
  whenEqual: [
    (one) => when(equal(one.state, 'NEW'), { isNew: fixed(1), id: one.id }, { isNew: fixed(0) }),
    (one) => (one.state === 'NEW' ? { isNew: 1, id: one.id } : { isNew: 0 }),
  ],
  whenTest: [
    (one) =>
      when(
        test({ rank: one.rank }, ({ rank }) => rank !== null && rank > 0),
        one.rank,
      ),
    (one) => (one.rank !== null && one.rank > 0 ? one.rank : undefined),
  ],
  enum: [(one) => mapEnum(one.state, { NEW: 1, OLD: 'old', GONE: false }), (one) => ({ NEW: 1, OLD: 'old', GONE: false })[one.state]], // prettier-ignore
  enumOther: [(one) => mapEnum(one.state, { OLD: 'old' }, 'other'), (one) => (one.state === 'OLD' ? 'old' : 'other')],
  kind: [
    (one) =>
      byKind(one.media, 'kind', { book: ({ pages }) => ({ pages }), disc: ({ side }) => ({ side: orNull(side) }) }),
    ({ media }) => (media.kind === 'book' ? { pages: media.pages } : { side: media.side ?? null }),
  ],
  text: [(one) => text`<${one.id}|${count(one.tags)}>`, (one) => `<${one.id}|${one.tags.length}>`],
  words: [(one) => text`${list(one.tags, (tag) => tag.name)}`, (one) => one.tags.map(({ name }) => name).join(',')],
  named: [(one) => named('Mark', { id: one.id, rank: one.rank }), (one) => ({ id: one.id, rank: one.rank })],
  orNull: [(one) => orNull(one.note), (one) => one.note ?? null],
  orElse: [(one) => orElse(one.note, 'none'), (one) => one.note ?? 'none'],
  orOmit: [(one) => orOmit(one.note), (one) => one.note ?? undefined],
  compute: [
    (one) => compute(z.string(), { id: one.id, tags: one.tags }, ({ id, tags }) => id + tags.length),
    (one) => one.id + one.tags.length,
  ],
  index: [(one, index) => ({ no: index, id: one.id }), (one, index) => ({ no: index, id: one.id })],
  wholeObject: [
    (one) => orNull(one.price),
    ({ price }) => (price ? { amount: price.amount, currency: price.currency } : null),
  ],
  wholeList: [(one) => take(one.tags, 2), (one) => one.tags.slice(0, 2).map(({ name, weight }) => ({ name, weight }))],
  wholeUnion: [(one) => one.media, ({ media }) => ({ ...media, secret: undefined })],
  ownTable: [
    (one) => list(at(groupBy(one.tags, 'name'), one.id), (tag) => tag.weight),
    (one) => one.tags.filter(({ name }) => name === one.id).map(({ weight }) => weight),
  ],
  count: [(one) => count(one.tags), (one) => one.tags.length],
  take: [(one) => list(take(one.tags, 2), (tag) => tag.name), (one) => one.tags.slice(0, 2).map(({ name }) => name)],
  upward: [
    (one) => list(sortBy(one.tags, 'weight'), (tag) => tag.name),
    (one) => one.tags.toSorted((a, b) => a.weight - b.weight).map(({ name }) => name),
  ],
  downward: [
    (one) => list(sortBy(one.tags, 'name', 'descending'), (tag) => tag.weight),
    (one) => one.tags.toSorted((a, b) => (a.name < b.name ? 1 : a.name > b.name ? -1 : 0)).map(({ weight }) => weight),
  ],
  where: [
    (one) =>
      list(
        where(one.tags, ['weight'], ({ weight }) => weight > 0),
        (tag, index) => ({ index, name: tag.name }),
      ),
    (one) => one.tags.filter(({ weight }) => weight > 0).map(({ name }, index) => ({ index, name })),
  ],
  omitted: [
    (one) =>
      list(one.tags, (tag) =>
        when(
          test({ weight: tag.weight }, ({ weight }) => weight < 1),
          tag.name,
        ),
      ),
    (one) => one.tags.filter(({ weight }) => weight < 1).map(({ name }) => name),
  ],
};
/** Members that the contract does not declare are never sent. */
const secret = { secret: { of: 'the house' } };
const withSecrets = (one: Item): Item => ({
  ...one,
  ...secret,
  media: { ...one.media, ...secret },
  tags: one.tags.map((tag) => ({ ...tag, ...secret })),
  ...(one.price && { price: { ...one.price, ...secret } }),
});
type Items = Parameters<Parameters<typeof list<Ref<Item[]>, never>>[1]>[0];
const names = fc.uniqueArray(fc.constantFrom(...Object.keys(verbs)), { minLength: 1, maxLength: 5 });

const verb = (name: string) => verbs[name] ?? expect.fail(`no verb ${name}`);
const build = (drawn: readonly string[]) =>
  screen(shopPlan, ({ found, spare }) => ({
    // The shape of a drawn view has no type; each of its verbs is typed where it stands above.
    items: list(found.items, (one, index) => members(drawn, (name) => verb(name)[0](one, index))),
    newest: orNull(first(sortBy(found.items, 'rank', 'descending')).id),
    ranks: list(sortBy(found.items, 'rank'), (one) => orNull(one.rank)),
    spare: orNull(pick(spare, 'id', 'state')),
    old: orElse(spare.note, 'none'),
  }));
const members = (drawn: readonly string[], make: (name: string) => unknown) =>
  Object.fromEntries(drawn.map((name) => [name, make(name)])) as Record<string, Ref<unknown>>;

/** Items without a rank come last, in both directions. */
const byRank = (items: readonly Item[], sign: number): readonly Item[] =>
  items.toSorted((a, b) =>
    a.rank === null || b.rank === null ? Number(a.rank === null) - Number(b.rank === null) : sign * (a.rank - b.rank),
  );
const model = (drawn: readonly string[], { found: { items }, spare }: Responses): unknown => {
  const there = spare === gone ? undefined : (spare as Item);
  return {
    items: items.map((one, index) => Object.fromEntries(drawn.map((name) => [name, verb(name)[1](one, index)]))),
    newest: byRank(items, -1)[0]?.id ?? null,
    ranks: byRank(items, 1).map(({ rank }) => rank),
    spare: there === undefined ? null : { id: there.id, state: there.state },
    old: there?.note ?? 'none',
  };
};

describe('a view of choices, texts and parts of items, drawn at random', () => {
  it('is what code by hand makes of the same responses, projected or parsed', () => {
    fc.assert(
      fc.property(names, fc.array(responses, { minLength: 1, maxLength: 4 }), (drawn, all) => {
        const made = build(drawn);
        for (const of of all) expect(respond(made, of)).toEqual(JSON.parse(JSON.stringify(model(drawn, of))));
      }),
      { numRuns: 40 },
    );
  });

  it('of each verb alone is, too', () => {
    for (const name of Object.keys(verbs)) {
      const made = build([name]);
      fc.assert(
        fc.property(responses, (of) => {
          expect(respond(made, of)).toEqual(JSON.parse(JSON.stringify(model([name], of))));
        }),
        { numRuns: 6 },
      );
    }
  });
});

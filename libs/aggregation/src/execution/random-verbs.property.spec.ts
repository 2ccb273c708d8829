import { RequestContext, type BodyReader } from '@frontage/context';
import {
  SchemaTable,
  type CallArgs,
  type Contract,
  type JsonSchema,
  type Operation,
  type Outcome,
} from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileScreen } from '../compile-screen.js';
import type { Ref } from '../model/references.js';
import { batch, keys } from '../plan/batch.js';
import type { Node } from '../plan/call-types.js';
import { plan } from '../plan/plan.js';
import { each, optional, required } from '../plan/verbs.js';
import { orElse, orNull, pick, text } from '../view/combinators.js';
import { at, equal } from '../view/joins.js';
import { concat, count, distinct, flatten, list, max, sortBy, sum, take, where } from '../view/lists.js';
import { screen } from '../view/screen.js';

/** One entry of a list that calls are made of. */
interface Entry {
  no: number;
  owner?: string | null;
  kind: 'A' | 'B';
  tags: string[];
}
const string: JsonSchema = { type: 'string' };
const object = (properties: Readonly<Record<string, JsonSchema>>, ...left: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !left.includes(name)),
});
const listOf = (items: JsonSchema): JsonSchema => object({ items: { type: 'array', items } });
const entrySchema = object(
  {
    no: { type: 'integer' },
    owner: { type: ['string', 'null'] },
    kind: { type: 'string', enum: ['A', 'B'] },
    tags: { type: 'array', items: string },
  },
  'owner',
);
const owners = object({ id: string, name: string });
const schemas: Readonly<Record<string, JsonSchema>> = {
  'listEntries.200': listOf(entrySchema),
  'listMore.200': listOf(entrySchema),
  'getOwner.200': owners,
  'listOwners.200': listOf(owners),
  'search.200': object({ said: string }),
};
const contract: Contract = {
  upstream: 'any',
  title: 'Any',
  version: '1',
  schemas: new SchemaTable(Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)])),
};
const operation = <In, Out>(
  id: string,
  ...names: readonly string[]
): Operation<In, Out, Record<never, never>, 'GET'> => ({
  contract,
  id,
  method: 'GET',
  path: `/${id}`,
  parameters: names.map((name) => ({
    name,
    in: name === 'id' ? 'path' : 'query',
    required: true,
    emptyList: 'nothing',
  })),
  responses: [{ status: '200', media: 'application/json', schema: `${id}.200` }],
});
type None = Record<never, never>;
const listEntries = operation<None, { items: Entry[] }>('listEntries');
const listMore = operation<None, { items: Entry[] }>('listMore');
const getOwner = operation<{ path: { id: string } }, { id: string; name: string }>('getOwner', 'id');
const listOwners = operation<{ query: { ids: string[] } }, { items: { id: string; name: string }[] }>(
  'listOwners',
  'ids',
);
const search = operation<{ query: { q: string } }, { said: string }>('search', 'q');
const searchAll = operation<{ query: { nos: number[] } }, { said: string }>('search', 'nos');

const key: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', '__proto__');
const entry = fc.record<Entry>(
  {
    no: fc.integer({ min: 0, max: 4 }),
    owner: fc.option(key),
    kind: fc.constantFrom('A', 'B'),
    tags: fc.array(key, { maxLength: 2 }),
  },
  { requiredKeys: ['no', 'kind', 'tags'] },
);
const data = fc.record({
  entries: fc.array(entry, { maxLength: 5 }),
  more: fc.option(fc.array(entry, { maxLength: 3 })),
  /** Owners that the service knows. */
  known: fc.uniqueArray(key),
});
type Data = typeof data extends fc.Arbitrary<infer T> ? T : never;

/** A list of entries, as it is drawn. */
type DrawnList =
  | { readonly verb: 'all' | 'more' }
  | { readonly verb: 'where' | 'distinct' | 'sorted'; readonly of: DrawnList }
  | { readonly verb: 'take'; readonly of: DrawnList; readonly count: number }
  | { readonly verb: 'concat'; readonly of: DrawnList; readonly other: DrawnList };
const drawnList = fc.letrec<{ list: DrawnList }>((tie) => ({
  list: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.record({ verb: fc.constantFrom('all', 'more') }),
    fc.record({ verb: fc.constantFrom('where', 'distinct', 'sorted'), of: tie('list') }),
    fc.record({ verb: fc.constant('take'), of: tie('list'), count: fc.nat(3) }),
    fc.record({ verb: fc.constant('concat'), of: tie('list'), other: tie('list') }),
  ),
})).list;
const uses = [
  'perOwner',
  'perText',
  'perElse',
  'table',
  'perTag',
  'perItem',
  'folded',
  'numbers',
  'conditional',
] as const;
const drawn = fc.array(fc.record({ use: fc.constantFrom(...uses), of: drawnList }), { minLength: 1, maxLength: 3 });
type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

const maxCount = 99;
const nameOf = (n: number): string => `use${n}`;

function build(made: Drawn) {
  const of = plan('verbs', { deadlineMs: 900 }, () => {
    const entries = required(listEntries);
    const more = optional(listMore, {}, { fallback: { items: [] } });
    const listed = (one: DrawnList): Ref<Entry[]> => {
      switch (one.verb) {
        case 'all':
          return entries.items;
        case 'more':
          return more.items;
        case 'where':
          return where(listed(one.of), ({ kind }) => equal(kind, 'A'));
        case 'distinct':
          return distinct(listed(one.of), 'owner');
        case 'sorted':
          return sortBy(listed(one.of), 'no', 'descending');
        case 'take':
          return take(listed(one.of), one.count);
        case 'concat':
          return concat(listed(one.of), listed(one.other));
      }
    };
    const makeUse = ({ use, of: from }: Drawn[number]): Node<unknown> => {
      const items = listed(from);
      switch (use) {
        case 'perOwner':
          return each(items, ({ owner }) => optional(getOwner, { path: { id: owner } }), { maxCount });
        case 'perText':
          return each(items, ({ no, kind }) => required(search, { query: { q: text`${kind}-${no}` } }), { maxCount });
        case 'perElse':
          return each(items, ({ owner, kind }) => required(search, { query: { q: orElse(owner, kind) } }), {
            maxCount,
          });
        case 'table':
          return batch(keys(items, ({ owner }) => owner), (ids) => required(listOwners, { query: { ids } }), { by: 'id', items: 'items', size: 2, maxCount }); // prettier-ignore
        case 'perTag': {
          const tags = distinct(flatten(list(items, (one) => one.tags)));
          return each(tags, (tag) => required(search, { query: { q: tag } }), { maxCount });
        }
        case 'perItem':
          // A text and a condition that are made of each item.
          return each(
            items,
            (one) =>
              optional(
                search,
                { query: { q: text`${count(one.tags)}:${list(one.tags, (tag) => tag)}` } },
                { when: equal(one.kind, 'A') },
              ),
            { maxCount },
          );
        case 'folded':
          return required(search, { query: { q: text`${count(items)} ${sum(items, 'no')} ${orElse(max(items, 'no'), -1)}` } }); // prettier-ignore
        case 'numbers':
          return required(searchAll, { query: { nos: list(items, ({ no }) => no) } });
        case 'conditional':
          return required(search, { query: { q: 'two' } }, { when: equal(count(items), 2) });
      }
    };
    return { entries, more, ...Object.fromEntries(made.map((one, n) => [nameOf(n), makeUse(one)])) };
  });
  return screen(of, (parts) => {
    const { entries } = parts;
    const shown = made.map(({ use }, n): unknown => {
      // The shape of a drawn plan has no type; each of its verbs is typed where it is used above.
      const part = (parts as unknown as Readonly<Record<string, never>>)[nameOf(n)] ?? expect.fail('no part');
      return views[use](part);
    });
    return { entries: list(entries.items, (one) => pick(one, 'no', 'tags')), shown: shown as Ref<unknown>[] };
  });
}
const said = (part: Ref<{ said: string }[]>) => list(part, (one) => one.said);
const views: Readonly<Record<(typeof uses)[number], (part: never) => unknown>> = {
  perOwner: (part: Ref<{ ok: true; value: { name: string } }[]>) => list(part, (one) => orNull(one.name)),
  perText: said,
  perElse: said,
  table: (part: Ref<ReadonlyMap<string, { name: string }>>) => ['a', 'b', '__proto__'].map((id) => orNull(at(part, id).name)), // prettier-ignore
  perTag: said,
  perItem: (part: Ref<{ ok: true; value: { said: string } }[]>) => list(part, (one) => orNull(one.said)),
  folded: (part: { said: Ref<string> }) => part.said,
  numbers: (part: { said: Ref<string> }) => part.said,
  conditional: (part: { said: Ref<string> }) => orNull(part.said),
};

const isKey = (value: unknown): value is string => value !== null && value !== undefined;
const once = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];
const chunks = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  items.flatMap((_, at) => (at % size === 0 ? [items.slice(at, at + size)] : []));

/** The calls of a use and what is shown of it, by loops. */
function model(
  { use, of: from }: Drawn[number],
  given: Data,
): { readonly sent: readonly unknown[]; readonly shown: unknown } {
  const listed = (one: DrawnList): readonly Entry[] => {
    switch (one.verb) {
      case 'all':
        return given.entries;
      case 'more':
        return given.more ?? [];
      case 'where':
        return listed(one.of).filter(({ kind }) => kind === 'A');
      case 'distinct': {
        const of = listed(one.of);
        return of.filter(({ owner }, n) => !isKey(owner) || of.findIndex((other) => other.owner === owner) === n);
      }
      case 'sorted':
        return listed(one.of).toSorted((a, b) => b.no - a.no);
      case 'take':
        return listed(one.of).slice(0, one.count);
      case 'concat':
        return [...listed(one.of), ...listed(one.other)];
    }
  };
  const items = listed(from);
  const searched = (words: readonly string[]) => ({ sent: once(words), shown: words.map((word) => `<${word}>`) });
  const owned = items.map(({ owner }) => owner).filter(isKey);
  const nos = items.map(({ no }) => no);
  switch (use) {
    case 'perOwner':
      return { sent: once(owned), shown: items.map(({ owner }) => (isKey(owner) && given.known.includes(owner) ? `Mx ${owner}` : null)) }; // prettier-ignore
    case 'perText':
      return searched(items.map(({ kind, no }) => `${kind}-${no}`));
    case 'perElse':
      return searched(items.map(({ owner, kind }) => owner ?? kind));
    case 'table':
      return { sent: chunks(once(owned), 2), shown: ['a', 'b', '__proto__'].map((id) => owned.includes(id) && given.known.includes(id) ? `Mx ${id}` : null) }; // prettier-ignore
    case 'perTag':
      return searched(once(items.flatMap(({ tags }) => tags)));
    case 'perItem': {
      const wordOf = ({ tags }: Entry) => `${tags.length}:${tags.join()}`;
      const asked = items.filter(({ kind }) => kind === 'A');
      return {
        sent: once(asked.map(wordOf)),
        shown: items.map((one) => (one.kind === 'A' ? `<${wordOf(one)}>` : null)),
      };
    }
    case 'folded': {
      const q = `${items.length} ${nos.reduce((total, no) => total + no, 0)} ${nos.length === 0 ? -1 : Math.max(...nos)}`;
      return { sent: [q], shown: `<${q}>` };
    }
    case 'numbers':
      return { sent: [nos], shown: `<${nos.join()}>` };
    case 'conditional':
      return items.length === 2 ? { sent: ['two'], shown: '<two>' } : { sent: [], shown: null };
  }
}

const failed = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' } as const;
function answer(id: string, { path, query }: CallArgs, { entries, more, known }: Data): unknown {
  const owner = (name: string) => ({ id: name, name: `Mx ${name}`, secret: 1 });
  switch (id) {
    case 'listEntries':
      return { items: entries };
    case 'listMore':
      return more === null ? undefined : { items: more };
    case 'getOwner':
      return known.includes(String(path?.['id'])) ? owner(String(path?.['id'])) : undefined;
    case 'listOwners':
      return { items: known.filter((one) => [query?.['ids']].flat().includes(one)).map(owner) };
    default:
      return { said: `<${String(query?.['q'] ?? query?.['nos'])}>` };
  }
}

/** The response of the screen, and what its calls were given. @param reads are responses read as bytes? */
async function run(of: ReturnType<typeof build>, given: Data, reads: boolean) {
  const sent = new Map<string, unknown[]>();
  const outcome = (value: unknown, readBody: BodyReader | undefined): Outcome<unknown> => {
    if (value === undefined) return failed;
    const bytes = Buffer.from(JSON.stringify(value));
    return { ok: true, value: (reads ? readBody?.(bytes) : undefined) ?? JSON.parse(bytes.toString()) };
  };
  const compiled = compileScreen(of, {
    clock: new ManualClock(),
    bind:
      ({ id }, { part, readBody }) =>
      (args) => {
        const { path, query } = args;
        sent.set(part, [...(sent.get(part) ?? []), path?.['id'] ?? query?.['q'] ?? query?.['nos'] ?? query?.['ids']]);
        return Promise.resolve(outcome(answer(id, args, given), readBody));
      },
  });
  const result = await compiled.run({}, new RequestContext('r', 0, 'GET', '127.0.0.1', {}));
  if (!('body' in result)) return { sent, result };
  const { _parts, ...body } = JSON.parse(Buffer.from(result.body, result.encoding).toString());
  return { sent, body: body as unknown };
}

describe('a plan of lists, joins, folds and texts, drawn at random', () => {
  it('makes the calls, and gives the response, that loops make of the same responses, projected or parsed', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.array(data, { minLength: 1, maxLength: 3 }), async (made, all) => {
        const of = build(made);
        for (const given of all) {
          const expected = made.map((one) => model(one, given));
          const body = {
            entries: given.entries.map(({ no, tags }) => ({ no, tags })),
            shown: expected.map(({ shown }) => shown),
          };
          for (const reads of [true, false]) {
            const have = await run(of, given, reads);
            expect(have).toMatchObject({ body });
            expected.forEach(({ sent }, n) => expect(have.sent.get(nameOf(n)) ?? []).toEqual(sent));
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

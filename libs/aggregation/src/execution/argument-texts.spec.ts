import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { compileScreen } from '../compile-screen.js';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { idempotencyKey } from '../model/arguments.js';
import { given } from '../model/schema.js';
import { batch } from '../plan/batch.js';
import { plan } from '../plan/plan.js';
import { each, optional, required, write } from '../plan/verbs.js';
import { orElse, text } from '../view/combinators.js';
import { screen } from '../view/screen.js';

interface Track {
  id: string;
  name: string | null;
}
const contract: Contract = {
  upstream: 'music',
  title: 'Music',
  version: '1',
  schemas: new SchemaTable([
    [
      'Track',
      '{"type":"object","required":["id","name"],"properties":{"id":{"type":"string"},"name":{"type":["string","null"]}}}',
    ],
    ['Tracks', '{"type":"array","items":{"$ref":"#/components/schemas/Track"}}'],
  ]),
};
const json = { status: '200', media: 'application/json' };
/** It takes its ids as one text with commas, as many public contracts say it. */
const listTracks: Operation<{ query: { ids: string } }, Track[], Record<never, never>, 'GET'> = {
  contract,
  id: 'listTracks',
  method: 'GET',
  path: '/tracks',
  parameters: [{ name: 'ids', in: 'query', required: true }],
  responses: [{ ...json, schema: 'Tracks' }],
};
const search: Operation<{ query: { q: string; note?: string } }, Track[], Record<never, never>, 'GET'> = {
  contract,
  id: 'search',
  method: 'GET',
  path: '/search',
  responses: [{ ...json, schema: 'Tracks' }],
  parameters: [
    { name: 'q', in: 'query', required: true },
    { name: 'note', in: 'query' },
  ],
};
const getTrack: Operation<{ path: { id: string } }, Track, Record<never, never>, 'GET'> = {
  contract,
  id: 'getTrack',
  method: 'GET',
  path: '/tracks/{id}',
  parameters: [{ name: 'id', in: 'path', required: true }],
  responses: [{ ...json, schema: 'Track' }],
};
const add: Operation<
  { header?: { 'Idempotency-Key'?: string }; body: { uri: string; tags?: string[] } },
  { at: string },
  Record<never, never>,
  'POST'
> = {
  contract,
  id: 'add',
  method: 'POST',
  path: '/added',
  parameters: [{ name: 'Idempotency-Key', in: 'header' }],
  body: { media: ['application/json'] },
  responses: [json],
};
const remove: Operation<{ path: { id: string } }, undefined, Record<never, never>, 'DELETE'> = {
  contract,
  id: 'remove',
  method: 'DELETE',
  path: '/added/{id}',
  parameters: [{ name: 'id', in: 'path', required: true }],
  responses: [{ status: '204' }],
};

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { input: { query: given<{ ids: string[]; owner: string; lists: string[][] }>() }, deadlineMs: 900 };
const query = { ids: ['a', 'b', 'c'], owner: 'ada', lists: [['a'], ['b', 'c']] };
const argsOf = (part: string) => bench.calls.filter((call) => call.part === part).map(({ args }) => args);

describe('a text as an argument', () => {
  it('is made of an item, of those around it, and of other references', async () => {
    const of = plan('of', input, ({ query: asked }) => {
      const found = each(
        asked.ids,
        (id) => required(search, { query: { q: text`track:${id} owner:${asked.owner}` } }),
        {
          maxCount: 2,
        },
      );
      const deep = each(
        asked.lists,
        (ids) => each(ids, (id) => required(search, { query: { q: text`${id} of ${ids}` } }), { maxCount: 2 }),
        { maxCount: 2 },
      );
      return { found, deep };
    });
    await bench.finish(bench.start(of, { query }, { found: { value: [] }, deep: { value: [] } }));
    expect(argsOf('found').map((args) => args.query?.['q'])).toEqual(['track:a owner:ada', 'track:b owner:ada']);
    expect(argsOf('deep').map((args) => args.query?.['q'])).toEqual(['a of a', 'b of b,c', 'c of b,c']);
  });

  it('is made of the keys of a batch, with commas between them', async () => {
    const of = plan('of', input, ({ query: asked }) => ({
      tracks: batch(asked.ids, (ids) => required(listTracks, { query: { ids: text`${ids}` } }), {
        by: 'id',
        size: 2,
        maxCount: 9,
      }),
    }));
    const make = ({ query: sent }: { query?: Readonly<Record<string, unknown>> }) =>
      ({ ok: true, value: String(sent?.['ids']).split(',').map((id) => ({ id, name: id })) }) as const; // prettier-ignore
    const { result } = await bench.finish(bench.start(of, { query }, { tracks: { make } }));
    expect(argsOf('tracks')).toEqual([{ query: { ids: 'a,b' } }, { query: { ids: 'c' } }]);
    expect(result).toMatchObject({ values: [new Map(query.ids.map((id) => [id, { id, name: id }]))] });
  });

  it('is made of the result of a write that is taken back, and stands within bodies', async () => {
    const of = plan('of', input, ({ query: asked }) => {
      const added = each(
        asked.ids,
        (id) =>
          write(
            add,
            { body: { uri: text`urn:${id}`, tags: [text`of ${id}`, 'x'] } },
            { undo: (made) => write(remove, { path: { id: text`${made.at}!` } }) },
          ),
        { maxCount: 9 },
      );
      const after = required(getTrack, { path: { id: 'x' } }, { after: [added] });
      return { added, after };
    });
    const added = {
      make: ({ body }: { body?: unknown }) => ({ ok: true, value: { at: JSON.stringify(body) } }) as const,
    };
    await bench.finish(bench.start(of, { query: { ...query, ids: ['a'] } }, { added, after: { failure: failed } }));
    const body = { uri: 'urn:a', tags: ['of a', 'x'] };
    expect(argsOf('added')).toEqual([{ body }]);
    expect(argsOf('added.undo')).toEqual([{ path: { id: `${JSON.stringify(body)}!` } }]);
  });

  it('has no value where one of its values has none: the call is skipped, or a parameter left out', async () => {
    const of = plan('of', input, ({ query: asked }) => {
      const tracks = each(asked.ids, (id) => required(getTrack, { path: { id } }), { maxCount: 9 });
      // The types do not let a null in, but a contract may be wrong.
      const found = each(
        tracks,
        (track) => optional(search, { query: { q: text`named ${track.name as never}`, note: text`of ${track.id}` } }),
        { maxCount: 9 },
      );
      return { tracks, found };
    });
    const tracks = {
      make: ({ path }: { path?: Readonly<Record<string, unknown>> }) =>
        ({ ok: true, value: { id: path?.['id'], name: path?.['id'] === 'b' ? null : 'n' } }) as const,
    };
    const { result } = await bench.finish(bench.start(of, { query }, { tracks, found: { value: [] } }));
    expect(argsOf('found').map((args) => args.query)).toEqual([
      { q: 'named n', note: 'of a' },
      { q: 'named n', note: 'of c' },
    ]);
    expect(result).toMatchObject({ report: { found: { items: { '1': 'skipped' } } } });
  });

  it('may have another value in its place, and so may any value of an item or a result', async () => {
    const of = plan('of', input, ({ query: asked }) => {
      const tracks = each(asked.ids, (id) => required(getTrack, { path: { id } }), { maxCount: 9 });
      const found = each(
        tracks,
        (track) =>
          required(search, {
            query: { q: orElse(track.name, text`id:${track.id}`), note: orElse(track.name, asked.owner) },
          }),
        { maxCount: 9 },
      );
      return { tracks, found };
    });
    const tracks = {
      make: ({ path }: { path?: Readonly<Record<string, unknown>> }) =>
        ({ ok: true, value: { id: path?.['id'], name: path?.['id'] === 'b' ? null : 'n' } }) as const,
    };
    await bench.finish(bench.start(of, { query: { ...query, ids: ['a', 'b'] } }, { tracks, found: { value: [] } }));
    expect(argsOf('found').map((args) => args.query)).toEqual([
      { q: 'n', note: 'n' },
      { q: 'id:b', note: 'ada' },
    ]);
  });

  it('makes items with equal texts share a call', async () => {
    const of = plan('of', input, ({ query: asked }) => ({
      found: each(asked.ids, (id) => required(search, { query: { q: text`${id}` } }), { maxCount: 9 }),
    }));
    await bench.finish(bench.start(of, { query: { ...query, ids: ['a', 'a', 'b'] } }, { found: { value: [] } }));
    expect(argsOf('found')).toHaveLength(2);
  });

  it('is described by what it is made of', () => {
    const of = plan('of', input, ({ query: asked }) => ({
      found: each(asked.ids, (id) => required(search, { query: { q: text`track:${id}` } }), { maxCount: 9 }),
    }));
    const compiled = compileScreen(
      screen(of, () => ({})),
      { bind: () => () => Promise.resolve(failed), clock: bench.clock },
    );
    expect(JSON.stringify(compiled.describe())).toContain('{"q":{"$ref":"text(...) of query.ids[]"}}');
  });
});

it('an idempotency key may be made of a whole body', async () => {
  const of = plan('of', { input: { body: given<{ uri: string }>() }, deadlineMs: 900 }, ({ body }) => ({
    added: write(add, { header: { 'Idempotency-Key': idempotencyKey(body) }, body }),
  }));
  const keyOf = async (uri: string) => {
    await bench.finish(bench.start(of, { body: { uri } }, { added: { value: { at: 'x' } } }));
    return bench.calls.at(-1)?.args.header?.['Idempotency-Key'];
  };
  const [one, again, other] = [await keyOf('a'), await keyOf('a'), await keyOf('b')];
  expect(one).toMatch(/^[0-9a-f-]{36}$/);
  expect([again === one, other === one]).toEqual([true, false]);
});

import {
  batch,
  each,
  given,
  include,
  list,
  optional,
  orNull,
  pages,
  pick,
  plan,
  required,
  screen,
  step,
  write,
} from '@frontage/aggregation';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clocks/manual-clock.js';
import { failure, on, reply, timeout } from './replies.js';
import { runPlan, runScreen } from './run-plan.js';

interface User {
  id: string;
  name: string;
}
const schemas = new SchemaTable([
  [
    'getUser.200',
    JSON.stringify({
      type: 'object',
      required: ['id', 'name'],
      properties: { id: { type: 'string' }, name: { type: 'string' } },
    }),
  ],
  ['listTags.200', JSON.stringify({ type: 'array', items: { type: 'string' } })],
]);
const contract: Contract = { upstream: 'users', title: 'Users', version: '1', schemas };
const getUser: Operation<{ path: { id: string } }, User, { '404': { title: string } }, 'GET'> = {
  contract,
  id: 'getUser',
  method: 'GET',
  path: '/users/{id}',
  responses: [
    { status: '200', media: 'application/json', schema: 'getUser.200' },
    { status: '404', media: 'application/json' },
  ],
};
const listTags: Operation<Record<never, never>, string[], Record<never, never>, 'GET'> = {
  contract,
  id: 'listTags',
  method: 'GET',
  path: '/tags',
  responses: [{ status: '200', media: 'application/json', schema: 'listTags.200' }],
};

const addTag: Operation<{ body: { tag: string } }, { id: string }, Record<never, never>, 'POST'> = {
  contract,
  id: 'addTag',
  method: 'POST',
  path: '/tags',
  responses: [{ status: '200', media: 'application/json' }],
};
const removeTag: Operation<{ path: { id: string } }, undefined, Record<never, never>, 'DELETE'> = {
  contract,
  id: 'removeTag',
  method: 'DELETE',
  path: '/tags/{id}',
  responses: [{ status: '204' }],
};
const listUsers: Operation<
  { query: { ids?: string[]; cursor?: string } },
  { users: User[]; next?: string },
  Record<never, never>,
  'GET'
> = {
  contract,
  id: 'listUsers',
  method: 'GET',
  path: '/users',
  responses: [{ status: '200', media: 'application/json' }],
};

const friends = plan('friends', { input: { caller: given<{ subject: string }>() }, deadlineMs: 500 }, ({ caller }) => {
  const me = required(getUser, { path: { id: caller.subject } });
  const tags = optional(listTags, {}, { timeoutMs: 100, fallback: [] });
  const ids = step({ me }, (seen) => [`${seen.me.id}-1`, `${seen.me.id}-2`]);
  const others = each(ids, (id) => optional(getUser, { path: { id } }), { maxCount: 5 });
  return { me, tags, ids, others };
});
const friendsScreen = screen(friends, ({ me, tags, others }) => ({
  name: me.name,
  tags,
  others: list(others, (other) => orNull(pick(other, 'name'))),
}));
const caller = { subject: 'ada' };
const ada = reply({ id: 'ada', name: 'Ada' });
const anyone = reply((args) => ({ id: String(args.path?.['id']), name: 'N' }), { afterMs: 30 });

describe('a plan run without sockets', () => {
  it('has its parts by name and type, its calls with their times, and its duration', async () => {
    const run = await runPlan(friends, { caller }, { me: ada, tags: reply(['a'], { afterMs: 20 }), others: anyone });
    expect(run).toMatchObject({ kind: 'finished', report: undefined, tookMs: 30 });
    if (run.kind !== 'finished') return;
    const name: string = run.parts.me.name;
    expect([name, run.parts.tags, run.parts.others]).toEqual([
      'Ada',
      ['a'],
      [
        { ok: true, value: { id: 'ada-1', name: 'N' } },
        { ok: true, value: { id: 'ada-2', name: 'N' } },
      ],
    ]);
    expect(run.calls).toEqual([
      { part: 'me', operation: 'getUser', args: { path: { id: 'ada' } }, atMs: 0 },
      { part: 'tags', operation: 'listTags', args: {}, atMs: 0 },
      { part: 'others', operation: 'getUser', args: { path: { id: 'ada-1' } }, atMs: 0 },
      { part: 'others', operation: 'getUser', args: { path: { id: 'ada-2' } }, atMs: 0 },
    ]);
  });

  it('shows the effect of a timeout and of an error status', async () => {
    const run = await runPlan(
      friends,
      { caller },
      { me: ada, tags: timeout(), others: failure(404, { title: 'gone' }) },
    );
    expect(run).toMatchObject({
      tookMs: 100,
      report: {
        tags: { status: 'timeout', source: 'fallback' },
        others: { items: { '0': 'not_found', '1': 'not_found' } },
      },
    });
    expect(await runPlan(friends, { caller }, { me: failure(404), tags: reply([]) })).toMatchObject({
      kind: 'refused',
      status: 404,
      part: 'me',
    });
    expect(await runPlan(friends, { caller }, { me: failure(503), tags: reply([]) })).toMatchObject({
      kind: 'refused',
      status: 502,
    });
  });

  it('uses the reply of the operation where a part has none of its own', async () => {
    const run = await runPlan(friends, { caller }, { tags: reply([]) }, { operations: [on(getUser, anyone)] });
    expect(run).toMatchObject({ kind: 'finished', tookMs: 60 });
  });

  it('names the part that has no reply', async () => {
    await expect(runPlan(friends, { caller }, { me: ada })).rejects.toThrow(
      "'tags' calls listTags and has no reply: give it one, { tags: reply(...) }",
    );
  });

  it('waits for a clock that the test turns', async () => {
    const clock = new ManualClock();
    const running = runPlan(friends, { caller }, { me: ada, tags: reply([]), others: anyone }, { clock });
    await clock.advance(29);
    let ended = false;
    void running.then(() => (ended = true));
    await clock.advance(0.5);
    expect(ended).toBe(false);
    await clock.advance(0.5);
    expect(await running).toMatchObject({ kind: 'finished', tookMs: 30 });
  });

  it('makes the response of a screen as well', async () => {
    const run = await runScreen(friendsScreen, { caller }, { me: ada, tags: timeout(), others: anyone });
    expect(run.kind).toBe('partial');
    if (run.kind !== 'partial') return;
    expect(JSON.parse(run.body)).toEqual({
      name: 'Ada',
      tags: [],
      others: [{ name: 'N' }, { name: 'N' }],
      _parts: { tags: { status: 'timeout', source: 'fallback' } },
    });
  });

  it('has replies for bulk calls, pages, fallbacks and undo calls, each by its own name', async () => {
    const all = plan('all', { deadlineMs: 500 }, () => {
      const ids = step({}, () => ['a', 'b']);
      const users = batch(ids, (some) => required(listUsers, { query: { ids: some } }), {
        by: 'id',
        items: 'users',
        size: 10,
        maxCount: 10,
      });
      const everyone = pages((cursor) => optional(listUsers, { query: { cursor } }), {
        items: 'users',
        next: 'next',
        maxPages: 5,
        maxItems: 50,
      });
      const tags = optional(listTags, {}, { fallback: optional(listTags, {}) });
      const first = write(
        addTag,
        { body: { tag: 'x' } },
        { undo: (made) => write(removeTag, { path: { id: made.id } }) },
      );
      const second = write(addTag, { body: { tag: 'y' } }, { after: [first] });
      return { ids, users, everyone, tags, first, second };
    });
    const page = (name: string, next?: string) => ({
      users: [{ id: name, name }],
      ...(next !== undefined && { next }),
    });
    const replies = {
      users: reply<{ users: User[] }>({ users: [{ id: 'b', name: 'B' }] }),
      everyone: reply(({ query }) => (query?.['cursor'] === undefined ? page('a', '2') : page('z'))),
      tags: failure(500),
      'tags.fallback': reply(['copy'], { afterMs: 10 }),
      first: reply({ id: 't1' }),
    };
    const run = await runPlan(all, {}, { ...replies, second: reply({ id: 't2' }) });
    expect(run).toMatchObject({ kind: 'finished', report: { tags: { status: 'error', source: 'operation' } } });
    if (run.kind !== 'finished') return;
    expect([run.parts.users.get('b')?.name, run.parts.everyone]).toMatchObject(['B', { ok: true, value: [{}, {}] }]);
    const failedRun = await runPlan(all, {}, { ...replies, second: failure(500), 'first.undo': reply(undefined) });
    expect(failedRun).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_FAILED', part: 'second' });
    expect(failedRun.calls.at(-1)).toMatchObject({ part: 'first.undo', args: { path: { id: 't1' } } });
    await expect(runPlan(all, {}, { ...replies, second: failure(500) })).rejects.toThrow(
      "'first.undo' calls removeTag and has no reply: give it one, { 'first.undo': reply(...) }",
    );
  });

  it('takes replies for the parts of a plan within a plan by their names there', async () => {
    const outer = plan('outer', { input: { caller: given<{ subject: string }>() }, deadlineMs: 50 }, ({ caller }) => {
      const inner = include(friends, { caller }, { as: 'my' });
      return { ...inner, again: required(getUser, { path: { id: inner.myMe.name } }) };
    });
    const run = await runPlan(outer, { caller }, { myMe: ada, myTags: reply([]), myOthers: anyone, again: ada });
    expect(run).toMatchObject({ kind: 'finished', parts: { myIds: ['ada-1', 'ada-2'], again: { name: 'Ada' } } });
    expect(run.calls.find(({ part }) => part === 'again')?.args).toEqual({ path: { id: 'Ada' } });
  });

  it('takes only replies that fit the contract', () => {
    void (() => [
      // @ts-expect-error a user has a name
      runPlan(friends, { caller }, { me: reply({ id: 'ada' }) }),
      // @ts-expect-error there is no such part
      runPlan(friends, { caller }, { mee: ada }),
      // @ts-expect-error a step calls nothing
      runPlan(friends, { caller }, { ids: reply([]) }),
      // @ts-expect-error the input is the plan's
      runPlan(friends, { caller: {} }, {}),
    ]);
    expect(friends.parts.map(({ name }) => name)).toEqual(['me', 'tags', 'ids', 'others']);
  });
});

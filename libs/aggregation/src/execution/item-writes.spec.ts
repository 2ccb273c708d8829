import { SchemaTable, type Contract, type Failure, type Operation } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, late, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { getUser } from '../fixtures/plan-shop.js';
import { idempotencyKey } from '../model/arguments.js';
import { given } from '../model/schema.js';
import { plan } from '../plan/plan.js';
import { each, optional, required, write } from '../plan/verbs.js';

const contract: Contract = { upstream: 'carts', title: 'Carts', version: '1', schemas: new SchemaTable([]) };
const common = { contract, path: '/lines', responses: [{ status: '200' }] };
const key = [{ name: 'Idempotency-Key', in: 'header', required: true }] as const;
type Keyed<B> = { header: { 'Idempotency-Key': string }; body: B };
const addLine: Operation<Keyed<{ sku: string }>, { id: string }, Record<never, never>, 'POST'> = {
  ...common,
  id: 'addLine',
  method: 'POST',
  parameters: key,
};
const dropLine: Operation<Keyed<{ id: string; sku: string }>, undefined, Record<never, never>, 'POST'> = {
  ...common,
  id: 'dropLine',
  method: 'POST',
  parameters: key,
};
const noteLine: Operation<{ body: { sku: string } }, { id: string }, Record<never, never>, 'POST'> = {
  ...common,
  id: 'noteLine',
  method: 'POST',
};

interface Body {
  lines: { sku: string; isGift?: boolean; parts?: { sku: string }[] }[];
}
const input = { header: given<{ key: string }>(), body: given<Body>() };
const options = { input, deadlineMs: 200, reserveMs: 0 };
const inputOf = (...skus: readonly string[]) => ({
  header: { key: 'k1' },
  body: { lines: skus.map((sku) => ({ sku })) },
});

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const reset: Failure = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', detail: 'reset' };
/** Fails for some articles. */
const failing = (failure: Failure, ...skus: readonly string[]): Reply => ({
  afterMs: 10,
  make: ({ body }) => {
    const { sku } = body as { sku: string };
    return skus.includes(sku) ? failure : { ok: true, value: { id: `id-${sku}` } };
  },
});
const sent = () => bench.calls.map(({ part, args, at }) => `${at} ${part} ${JSON.stringify(args.body)}`);
const keysSent = () => bench.calls.map(({ args }) => args.header?.['Idempotency-Key']);

const fill = plan('fill', options, ({ header, body }) => {
  const added = each(
    body.lines,
    (line) =>
      write(
        addLine,
        { header: { 'Idempotency-Key': header.key }, body: { sku: line.sku } },
        {
          undo: (made) =>
            write(dropLine, {
              header: { 'Idempotency-Key': header.key },
              body: { id: made.id, sku: line.sku },
            }),
        },
      ),
    { maxCount: 4 },
  );
  return { added };
});

describe('writes per item', () => {
  it('are sent one after the other, also for equal items, and give a list of results', async () => {
    const { result } = await bench.finish(bench.start(fill, inputOf('a', 'b', 'a'), { added: failing(reset) }));
    expect(result).toMatchObject({ kind: 'finished', values: [[{ id: 'id-a' }, { id: 'id-b' }, { id: 'id-a' }]] });
    expect(sent()).toEqual(['0 added {"sku":"a"}', '10 added {"sku":"b"}', '20 added {"sku":"a"}']);
  });

  it('run at the same time where the plan says so', async () => {
    const many = plan('many', options, ({ body }) => ({
      noted: each(body.lines, (line) => write(noteLine, { body: { sku: line.sku } }), { maxCount: 9, concurrency: 2 }),
    }));
    await bench.finish(bench.start(many, inputOf('a', 'b', 'c'), { noted: { afterMs: 5 } }));
    expect(bench.calls.map(({ at }) => at)).toEqual([0, 0, 5]);
  });

  it('have a key of their own each, a UUID that is the same when the client sends the request again', async () => {
    await bench.finish(bench.start(fill, inputOf('a', 'a', 'b'), { added: failing(reset) }));
    const first = keysSent();
    expect(new Set(first).size).toBe(3);
    for (const one of first)
      expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    bench.next();
    await bench.finish(bench.start(fill, inputOf('a', 'a', 'b'), { added: failing(reset) }));
    expect(keysSent()).toEqual(first);
    bench.next();
    const other = { ...inputOf('a', 'a', 'b'), header: { key: 'k2' } };
    await bench.finish(bench.start(fill, other, { added: failing(reset) }));
    expect(keysSent().filter((one) => first.includes(one))).toEqual([]);
  });

  it('have the key that the plan derives of the item, whatever its place', async () => {
    const named = plan('named', options, ({ header, body }) => ({
      added: each(
        body.lines,
        (line) =>
          write(addLine, {
            header: { 'Idempotency-Key': idempotencyKey(header.key, line.sku) },
            body: { sku: line.sku },
          }),
        { maxCount: 4 },
      ),
    }));
    await bench.finish(bench.start(named, inputOf('a', 'b'), {}));
    const [a, b] = keysSent();
    expect(a).not.toBe(b);
    bench.next();
    await bench.finish(bench.start(named, inputOf('b', 'a'), {}));
    expect(keysSent()).toEqual([b, a]);
  });

  it('are taken back, the last one first, when one fails: the problem names each by its index', async () => {
    const running = bench.start(fill, inputOf('a', 'b', 'c', 'd'), { added: failing(failed, 'c'), 'added.undo': {} });
    const { result } = await bench.finish(running);
    expect(result).toMatchObject({
      kind: 'refused',
      code: 'GW_UPSTREAM_FAILED',
      part: 'added',
      writes: { done: [], undone: ['added[0]', 'added[1]'], refused: ['added[2]'], unknown: [], notSent: ['added[3]'] },
    });
    expect(sent().slice(3)).toEqual(['30 added.undo {"id":"id-b","sku":"b"}', '30 added.undo {"id":"id-a","sku":"a"}']);
    expect(new Set(keysSent()).size).toBe(5);
  });

  it('that stay half done end in a problem that says which', async () => {
    const lone = plan('lone', options, ({ body }) => ({
      noted: each(body.lines, (line) => write(noteLine, { body: { sku: line.sku } }), { maxCount: 4 }),
    }));
    const { result } = await bench.finish(bench.start(lone, inputOf('a', 'b', 'c'), { noted: failing(late, 'b') }));
    expect(result).toMatchObject({
      code: 'GW_INDETERMINATE',
      writes: { done: ['noted[0]'], undone: [], refused: [], unknown: ['noted[1]'], notSent: ['noted[2]'] },
    });
  });

  it('name the part alone where nothing of it began', async () => {
    const later = plan('later', options, ({ body }) => {
      const user = required(getUser, { path: { id: 'u' } });
      const noted = each(body.lines, (line) => write(noteLine, { body: { sku: line.sku } }, { after: [user] }), {
        maxCount: 4,
      });
      return { user, noted };
    });
    const { result } = await bench.finish(bench.start(later, inputOf('a'), { user: { failure: failed } }));
    expect(result).toMatchObject({ part: 'user', writes: { notSent: ['noted'], done: [] } });
  });

  it('are none where the list is longer than the plan takes: nothing is sent', async () => {
    const { result } = await bench.finish(bench.start(fill, inputOf('a', 'b', 'c', 'd', 'e'), {}));
    expect(result).toMatchObject({
      kind: 'refused',
      code: 'GW_INVALID_INPUT',
      part: 'added',
      status: 400,
      writes: { notSent: ['added'], done: [] },
    });
    expect(sent()).toEqual([]);
  });

  it('are left out by a condition of the item', async () => {
    const gifts = plan('gifts', options, ({ body }) => ({
      noted: each(body.lines, (line) => write(noteLine, { body: { sku: line.sku } }, { when: line.isGift }), {
        maxCount: 4,
      }),
    }));
    const lines = [{ sku: 'a', isGift: true }, { sku: 'b' }, { sku: 'c', isGift: true }];
    const { result } = await bench.finish(
      bench.start(gifts, { header: { key: 'k' }, body: { lines } }, { noted: failing(failed, 'x') }),
    );
    expect(result).toMatchObject({
      values: [[{ ok: true, value: { id: 'id-a' } }, { ok: false, status: 'skipped' }, { ok: true }]],
      report: undefined,
    });
    bench.next();
    const half = await bench.finish(
      bench.start(gifts, { header: { key: 'k' }, body: { lines } }, { noted: failing(failed, 'c') }),
    );
    expect(half.result).toMatchObject({ writes: { done: ['noted[0]'], refused: ['noted[2]'], notSent: [] } });
  });

  it('go through lists in lists, and are named by both indexes', async () => {
    const parts = plan('parts', options, ({ header, body }) => ({
      added: each(
        body.lines,
        (line) =>
          each(
            line.parts,
            (part) => write(addLine, { header: { 'Idempotency-Key': header.key }, body: { sku: part.sku } }),
            { maxCount: 3 },
          ),
        { maxCount: 3 },
      ),
    }));
    const lines = [
      { sku: 'a', parts: [{ sku: 'x' }, { sku: 'y' }] },
      { sku: 'b' },
      { sku: 'c', parts: [{ sku: 'z' }] },
    ];
    const { result } = await bench.finish(
      bench.start(parts, { header: { key: 'k' }, body: { lines } }, { added: failing(failed, 'z') }),
    );
    expect(result).toMatchObject({ writes: { done: ['added[0][0]', 'added[0][1]'], refused: ['added[2][0]'] } });
    expect(new Set(keysSent()).size).toBe(3);
  });

  it('stay where the client leaves after the last one was sent, and are taken back where it leaves before', async () => {
    const replies = { added: failing(reset), 'added.undo': {} };
    const whole = bench.start(fill, inputOf('a', 'b'), replies);
    await bench.clock.advance(15);
    bench.context.cancellation.cancel('client_gone');
    await bench.finish(whole);
    expect(sent()).toHaveLength(2);
    bench.next();
    const half = bench.start(fill, inputOf('a', 'b', 'c'), replies);
    await bench.clock.advance(15);
    bench.context.cancellation.cancel('client_gone');
    await bench.finish(half);
    expect(bench.calls.map(({ part }) => part)).toEqual(['added', 'added', 'added.undo', 'added.undo']);
  });
});

describe('the fallback of a write', () => {
  const other = plan('other', options, ({ body }) => {
    const kept = write(noteLine, { body: { sku: 'a' } }, { fallback: write(noteLine, { body: { sku: 'b' } }) });
    const told = write(noteLine, { body: { sku: 'c' } }, { fallback: null, timeoutMs: 50 });
    const each_ = each(
      body.lines,
      (line) => write(noteLine, { body: { sku: line.sku } }, { fallback: { id: 'none' } }),
      {
        maxCount: 3,
      },
    );
    return { kept, told, items: each_ };
  });
  const fine: Reply = { value: { id: 'x' } };

  it('is another operation where the first was certainly not made', async () => {
    const { result } = await bench.finish(
      bench.start(other, inputOf(), { kept: { failure: failed }, 'kept.fallback': { value: { id: 'y' } }, told: fine }),
    );
    expect(result).toMatchObject({
      kind: 'finished',
      values: [{ id: 'y' }, { id: 'x' }, []],
      report: { kept: { status: 'error', source: 'operation' } },
      writes: { done: ['told', 'kept'], refused: [] },
    });
  });

  it('is not tried where the first may have been made', async () => {
    const { result } = await bench.finish(bench.start(other, inputOf(), { kept: { failure: reset }, told: fine }));
    expect(result).toMatchObject({ code: 'GW_INDETERMINATE', part: 'kept', writes: { unknown: ['kept'] } });
    expect(bench.calls.map(({ part }) => part)).toEqual(['kept', 'told']);
  });

  it('fails the page where the other operation fails, too', async () => {
    const { result } = await bench.finish(
      bench.start(other, inputOf(), { kept: { failure: failed }, 'kept.fallback': { failure: failed }, told: fine }),
    );
    expect(result).toMatchObject({ kind: 'refused', part: 'kept', writes: { refused: ['kept'], done: ['told'] } });
  });

  it('is a value where the page can do without the write, per item too, and at the deadline', async () => {
    const { result } = await bench.finish(
      bench.start(other, inputOf('a', 'b'), {
        kept: fine,
        told: { failure: reset },
        items: failing(failed, 'b'),
      }),
    );
    expect(result).toMatchObject({
      kind: 'finished',
      values: [{ id: 'x' }, null, [{ id: 'id-a' }, { id: 'none' }]],
      report: { told: { status: 'error', source: 'fallback' }, items: { items: { 1: 'error' } } },
    });
    bench.next();
    const slow = await bench.finish(
      bench.start(other, inputOf('a'), { kept: fine, told: fine, items: { afterMs: 900, value: { id: 'late' } } }),
    );
    expect(slow).toMatchObject({
      afterMs: 200,
      result: { values: [{ id: 'x' }, { id: 'x' }, [{ id: 'none' }]], report: { items: { items: { 0: 'timeout' } } } },
    });
  });

  it('of an optional read stays what it was', async () => {
    const read = plan('read', options, () => ({
      user: optional(getUser, { path: { id: 'a' } }, { fallback: optional(getUser, { path: { id: 'b' } }) }),
    }));
    const { result } = await bench.finish(
      bench.start(read, inputOf(), { user: { failure: late }, 'user.fallback': { value: 'b' } }),
    );
    expect(result).toMatchObject({ values: [{ ok: true, value: 'b' }] });
  });
});

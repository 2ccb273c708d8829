import { SchemaTable, type CallArgs, type Contract, type Operation } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { isUnsure, keyOf, keysOf, nameOf, nth, walk, type Drawn } from '../fixtures/slow-walk.js';
import { batch } from '../plan/batch.js';
import { plan } from '../plan/plan.js';
import type { MaybeMissing, Ref } from '../model/references.js';
import { given } from '../model/schema.js';
import { each, optional, required, step, write, type Node } from '../plan/verbs.js';

type Query = { query: Readonly<Record<string, unknown>> };
const contract: Contract = { upstream: 'any', title: 'Any', version: '1', schemas: new SchemaTable([]) };
const common = { contract, path: '/', responses: [{ status: '200' }] };
const call: Operation<Query, string, Record<never, never>, 'GET'> = { ...common, id: 'call', method: 'GET' };
const bulk: Operation<Query, { id: string }[], Record<never, never>, 'GET'> = { ...common, id: 'bulk', method: 'GET' };
const change: Operation<Query, { id: string }, Record<never, never>, 'POST'> = {
  ...common,
  id: 'change',
  method: 'POST',
};

const nowAndThen = fc.nat(3).map((n) => n === 0);
const time = fc.integer({ min: 1, max: 60 });
const drawn = fc.array(
  fc.record<Drawn>({
    kind: fc.constantFrom(
      'required',
      'optional',
      'with fallback',
      'with stand-in',
      'step',
      'each required',
      'each optional',
      'batch required',
      'batch optional',
      'write',
    ),
    after: fc.array(fc.nat(6), { maxLength: 3 }),
    afterMs: time,
    fails: nowAndThen,
    ruledOut: nowAndThen,
    calls: fc.array(fc.record({ ms: time, fails: fc.nat(7).map((n) => n === 0) }), { maxLength: 4 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
    other: fc.record({ ms: time, fails: nowAndThen }),
    hasUndo: fc.boolean(),
  }),
  { minLength: 1, maxLength: 7 },
);

/** Only nodes before it; what must be there waits for nothing that may be missing. Each call has a time of its own, to the bit. */
function tidy(nodes: readonly Drawn[]): Drawn[] {
  return nodes.map((node, n) => {
    const mayWait = ['optional', 'with fallback', 'with stand-in', 'step', 'each optional', 'batch optional'].includes(
      node.kind,
    );
    const canBeRuledOut = ['optional', 'with fallback', 'with stand-in'].includes(node.kind);
    // The sum of the times of any calls is that of no others: nothing happens at the same moment.
    const bit = (nthCall: number): number => 2 ** -(6 * n + nthCall + 1);
    return {
      ...node,
      after: [...new Set(node.after)]
        .filter((from) => from < n && (mayWait || !isUnsure(nth(nodes, from))))
        .sort((a, b) => a - b),
      afterMs: node.afterMs + bit(0),
      other: { ...node.other, ms: node.other.ms + bit(1) },
      calls: node.calls.map((one, at) => ({ ...one, ms: one.ms + bit(2 + at) })),
      ruledOut: node.ruledOut && canBeRuledOut,
    };
  });
}

interface Input {
  flags: Record<string, boolean>;
  lists: Record<string, string[]>;
}
const build = (nodes: readonly Drawn[], deadlineMs: number) =>
  plan('drawn', { input: { all: given<Input>() }, deadlineMs, reserveMs: 0 }, ({ all: { flags, lists } }) => {
    const made: (Node<unknown> & (Ref<unknown> | MaybeMissing<unknown>))[] = [];
    // The random graph has no types: that required calls read nothing that may be missing is seen to by `tidy`.
    nodes.forEach((node, n) => made.push(makeNode(node, n)));
    return Object.fromEntries(made.map((node, n) => [nameOf(n), node]));

    function makeNode(node: Drawn, n: number): (typeof made)[number] {
      const deps = Object.fromEntries(node.after.map((from) => [nameOf(from), nth(made, from)]));
      const when = flags[nameOf(n)];
      const { concurrency } = node;
      const list = lists[nameOf(n)];
      if (list === undefined) throw new RangeError('no list');
      const bounds = { by: 'id', size: 2, maxCount: 99, concurrency } as const;
      switch (node.kind) {
        case 'required':
          return required(call, { query: deps });
        case 'optional':
          return optional(call, { query: deps }, { when });
        case 'with fallback':
          return optional(call, { query: deps }, { when, fallback: 'fallback' });
        case 'with stand-in':
          return optional(call, { query: deps }, { when, fallback: optional(call, { query: {} }) });
        case 'step':
          return step({ flags, ...deps }, (seen) => ({ ...seen, flags: undefined }));
        case 'each required':
          return each(list, (item) => required(call, { query: { ...deps, item } }), { maxCount: 99, concurrency });
        case 'each optional':
          return each(list, (item) => optional(call, { query: { ...deps, item } }), { maxCount: 99, concurrency });
        case 'batch required':
          return batch(list, (keys) => required(bulk, { query: { ...deps, keys } }), bounds);
        case 'batch optional':
          return batch(list, (keys) => optional(bulk, { query: { ...deps, keys } }), bounds);
        case 'write': {
          const undo = (result: { readonly id: Ref<string> }) => write(change, { query: { of: result.id } });
          return write(change, { query: deps }, node.hasUndo ? { undo } : {});
        }
      }
    }
  });

/** The behaviour of the upstreams: by the item or the first key, for `each` and `batch`. */
function repliesOf(nodes: readonly Drawn[]): Record<string, Reply> {
  const replies: Record<string, Reply> = {};
  nodes.forEach((node, n) => {
    const name = nameOf(n);
    const many = node.kind.startsWith('each') || node.kind.startsWith('batch');
    const keysAsked = ({ query }: CallArgs): readonly unknown[] => {
      const keys = query?.['keys'];
      return Array.isArray(keys) ? keys : [query?.['item']];
    };
    const asked = (args: CallArgs) => {
      const first = keysAsked(args)[0];
      return nth(
        node.calls,
        node.calls.findIndex((_, at) => (node.kind.startsWith('each') ? keyOf(n, at) : keysOf(n, at)[0]) === first),
      );
    };
    const value = (args: CallArgs): unknown =>
      node.kind.startsWith('batch') ? keysAsked(args).map((id) => ({ id })) : keysAsked(args)[0];
    replies[name] = many
      ? {
          afterMs: (args) => asked(args).ms,
          make: (args) => (asked(args).fails ? failed : { ok: true, value: value(args) }),
        }
      : {
          afterMs: node.afterMs,
          ...(node.fails ? { failure: failed } : { value: node.kind === 'write' ? { id: name } : name }),
        };
    const other: Reply = {
      afterMs: node.other.ms,
      ...(node.other.fails ? { failure: failed } : { value: 'stand-in' }),
    };
    replies[`${name}.fallback`] = other;
    replies[`${name}.undo`] = other;
  });
  return replies;
}

/** Tables as objects, at any depth. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(
      value,
      (_, member: unknown) => (member instanceof Map ? Object.fromEntries(member) : member) as unknown,
    ),
  );
const byPart = (a: { readonly part: string; readonly at: number }, b: { readonly part: string; readonly at: number }) =>
  a.part.localeCompare(b.part) || a.at - b.at;

const nothingChanged = { done: [], undone: [], unknown: [] };

describe('any plan', () => {
  it('comes to what a slow, obvious walk through it comes to: values, calls, aborts, undos and time', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 20, max: 200 }), async (raw, wholeMs) => {
        const nodes = tidy(raw);
        // Between two moments at which something can happen.
        const deadlineMs = wholeMs + 2 ** -43;
        const expected = walk(nodes, deadlineMs);
        const { refusedBy, settled, writes } = expected;
        const bench = new PlanBench();
        const flags = Object.fromEntries(nodes.map((node, n) => [nameOf(n), !node.ruledOut]));
        const lists = Object.fromEntries(
          nodes.map((node, n) => {
            const isBatch = node.kind.startsWith('batch');
            return [nameOf(n), node.calls.flatMap((_, at) => (isBatch ? [...keysOf(n, at)] : [keyOf(n, at)]))];
          }),
        );
        const running = bench.start(build(nodes, deadlineMs), { all: { flags, lists } }, repliesOf(nodes));
        const { result, afterMs } = await bench.finish(running);

        expect(afterMs).toBe(expected.endAt);
        if (result.kind === 'finished') {
          expect(refusedBy).toBeUndefined();
          expect(result.values.map(plain)).toEqual(settled.map(({ value }) => value).map(plain));
          const report = settled.flatMap(({ report: own }, n) => (own === undefined ? [] : [[nameOf(n), own]]));
          expect(result.report).toEqual(report.length === 0 ? undefined : Object.fromEntries(report));
        } else {
          const failedWith = expected.isLate ? 'GW_DEADLINE_EXCEEDED' : 'GW_UPSTREAM_FAILED';
          const isOpen = writes !== undefined && (writes.done.length > 0 || writes.unknown.length > 0);
          const code = isOpen ? 'GW_INDETERMINATE' : failedWith;
          expect(result).toMatchObject({ kind: 'refused', code, part: refusedBy });
          const told = result.kind === 'refused' ? result.writes : undefined;
          const sorted = told && {
            done: told.done.toSorted(),
            undone: told.undone.toSorted(),
            unknown: told.unknown.toSorted(),
          };
          expect(sorted ?? nothingChanged).toEqual(writes ?? nothingChanged);
          // Each write of the plan is told once, but those that their condition ruled out.
          const all: readonly string[] = Object.values(told ?? {}).flat();
          expect(new Set(all).size).toBe(all.length);
          const planned = new Set(nodes.flatMap(({ kind }, n) => (kind === 'write' ? [nameOf(n)] : [])));
          expect(all.every((part) => planned.has(part))).toBe(true);
          const sentParts = bench.calls.map(({ part }) => part).filter((part) => planned.has(part));
          expect(sentParts.every((part) => all.includes(part))).toBe(true);
        }

        const isUndo = (part: string) => part.endsWith('.undo');
        const calls = bench.calls.map(({ part, at }) => ({ part, at: isUndo(part) ? NaN : at }));
        expect(calls.sort(byPart)).toEqual([...expected.sent].sort(byPart));
        const sentWrites = bench.calls
          .map(({ part }) => part)
          .filter((part) => nodes[Number(part.slice(1))]?.kind === 'write');
        const undone = bench.calls.map(({ part }) => part).filter(isUndo);
        expect(undone.map((part) => part.replace('.undo', ''))).toEqual(
          sentWrites.toReversed().filter((part) => undone.includes(`${part}.undo`)),
        );

        const isWrite = (part: string) => isUndo(part) || sentWrites.includes(part);
        const stopped = refusedBy !== undefined || expected.endAt === deadlineMs;
        for (const { part, scope } of bench.calls)
          expect([part, scope.cancellation.cancelled]).toEqual([part, stopped && !isWrite(part)]);
        expect([bench.clock.timerCount, bench.context.cancellation.listenerCount]).toEqual([
          expected.underWay ? 1 : 0,
          0,
        ]);
      }),
      { numRuns: 600 },
    );
  });
});

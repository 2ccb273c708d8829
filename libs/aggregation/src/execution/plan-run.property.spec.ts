import { SchemaTable, type WritesReport, type CallArgs, type Contract, type Operation } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { isUnsure, keyOf, keysOf, nameOf, nth, pairs, walk, type Drawn } from '../fixtures/slow-walk.js';
import { batch } from '../plan/batch.js';
import { plan } from '../plan/plan.js';
import type { MaybeMissing, Ref } from '../model/references.js';
import { given } from '../model/schema.js';
import type { Node } from '../plan/call-types.js';
import { problem } from '../model/refusals.js';
import { atLeastOne, each, optional, required, step, write } from '../plan/verbs.js';

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
      'conditional',
      'each nested',
      'each write',
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
    const mayWait = [
      'optional',
      'with fallback',
      'with stand-in',
      'step',
      'each optional',
      'each nested',
      'batch optional',
    ].includes(node.kind);
    const canBeRuledOut = ['optional', 'with fallback', 'with stand-in', 'conditional'].includes(node.kind);
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
  nested: Record<string, string[][]>;
}
const none = problem(503, 'none', 'None.');
const build = (nodes: readonly Drawn[], deadlineMs: number, hasRule: boolean) =>
  plan('drawn', { input: { all: given<Input>() }, deadlineMs, reserveMs: 0 }, ({ all: { flags, lists, nested } }) => {
    const made: (Node<unknown> & (Ref<unknown> | MaybeMissing<unknown>))[] = [];
    const unsure: MaybeMissing<unknown>[] = [];
    const kept = <N extends MaybeMissing<unknown>>(node: N): N => {
      unsure.push(node);
      return node;
    };
    // The random graph has no types: that required calls read nothing that may be missing is seen to by `tidy`.
    nodes.forEach((node, n) => made.push(makeNode(node, n)));
    if (hasRule && isSome(unsure)) atLeastOne(unsure, none);
    return Object.fromEntries(made.map((node, n) => [nameOf(n), node]));

    function makeNode(node: Drawn, n: number): (typeof made)[number] {
      const deps = Object.fromEntries(node.after.map((from) => [nameOf(from), nth(made, from)]));
      const when = flags[nameOf(n)];
      const { concurrency } = node;
      const list = lists[nameOf(n)];
      const innerLists = nested[nameOf(n)];
      if (list === undefined || innerLists === undefined || when === undefined) throw new RangeError('no input');
      const bounds = { by: 'id', size: 2, maxCount: 99, concurrency } as const;
      switch (node.kind) {
        case 'required':
          return required(call, { query: deps });
        case 'optional':
          return kept(optional(call, { query: deps }, { when }));
        case 'with fallback':
          return optional(call, { query: deps }, { when, fallback: 'fallback' });
        case 'with stand-in':
          return kept(optional(call, { query: deps }, { when, fallback: optional(call, { query: {} }) }));
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
        case 'conditional':
          return kept(required(call, { query: deps }, { when }));
        case 'each nested':
          return each(
            innerLists,
            (inner) =>
              each(inner, (item) => optional(call, { query: { ...deps, item } }), { maxCount: 9, concurrency: 1 }),
            { maxCount: 99, concurrency },
          );
        case 'each write': {
          const undo = (result: { readonly id: Ref<string> }) => write(change, { query: { of: result.id } });
          const options = node.hasUndo ? { undo } : {};
          return each(list, (item) => write(change, { query: { ...deps, item } }, options), {
            maxCount: 99,
            concurrency,
          });
        }
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
    const value = (args: CallArgs): unknown => {
      const [first] = keysAsked(args);
      if (node.kind === 'each write') return { id: first };
      return node.kind.startsWith('batch') ? keysAsked(args).map((id) => ({ id })) : first;
    };
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

const isSome = <T>(list: readonly T[]): list is readonly [T, ...T[]] => list.length > 0;

type Changes = Pick<WritesReport, 'done' | 'undone' | 'unknown'>;
const nothingChanged: Changes = { done: [], undone: [], unknown: [] };
/** The changes that were made, or may have been. */
const byName = ({ done, undone, unknown }: Changes = nothingChanged) => ({
  done: done.toSorted(),
  undone: undone.toSorted(),
  unknown: unknown.toSorted(),
});

describe('any plan', () => {
  it('comes to what a slow, obvious walk through it comes to: values, calls, aborts, undos and time', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 20, max: 200 }), nowAndThen, async (raw, wholeMs, hasRule) => {
        const nodes = tidy(raw);
        // Between two moments at which something can happen.
        const deadlineMs = wholeMs + 2 ** -43;
        const expected = walk(nodes, deadlineMs, hasRule);
        const { refusedBy, byRule, settled, writes } = expected;
        // Of a write and a rule that wait for the same, the order in the plan decides, which is not modelled.
        const isWriting = settled.some(
          ({ sent }, n) => nth(nodes, n).kind.endsWith('write') && sent.some(({ at }) => at === expected.rulesAt),
        );
        fc.pre(!byRule || !isWriting);
        const bench = new PlanBench();
        const flags = Object.fromEntries(nodes.map((node, n) => [nameOf(n), !node.ruledOut]));
        const lists = Object.fromEntries(
          nodes.map((node, n) => {
            const isBatch = node.kind.startsWith('batch');
            return [nameOf(n), node.calls.flatMap((_, at) => (isBatch ? [...keysOf(n, at)] : [keyOf(n, at)]))];
          }),
        );
        const nested = Object.fromEntries(
          nodes.map((node, n) => [nameOf(n), pairs(node.calls.map((_, at) => keyOf(n, at)))]),
        );
        const input = { all: { flags, lists, nested } };
        const running = bench.start(build(nodes, deadlineMs, hasRule), input, repliesOf(nodes));
        const { result, afterMs } = await bench.finish(running);

        expect(afterMs).toBe(expected.endAt);
        if (result.kind === 'finished') {
          expect([refusedBy, byRule]).toEqual([undefined, false]);
          expect(result.values.slice(0, nodes.length).map(plain)).toEqual(settled.map(({ value }) => value).map(plain));
          const report = settled.flatMap(({ report: own }, n) => (own === undefined ? [] : [[nameOf(n), own]]));
          expect(result.report).toEqual(report.length === 0 ? undefined : Object.fromEntries(report));
        } else {
          const told = result.kind === 'refused' ? result.writes : undefined;
          const part = result.kind === 'refused' ? result.part : undefined;
          // After the deadline, of several that have not begun any may be the first to end the request.
          const isOther = part !== undefined && expected.orBy.includes(part);
          const isRule = byRule && !isOther;
          const failedWith = isRule ? 'none' : expected.isLate ? 'GW_DEADLINE_EXCEEDED' : 'GW_UPSTREAM_FAILED';
          const isOpen = writes !== undefined && (writes.done.length > 0 || writes.unknown.length > 0);
          const code = isOpen ? 'GW_INDETERMINATE' : failedWith;
          expect(result).toMatchObject({ kind: 'refused', code });
          expect(part).toBe(isRule ? undefined : isOther ? part : refusedBy);
          expect(byName(told)).toEqual(byName(writes));
          // Each write of the plan is told once, but those that their condition ruled out.
          const all: readonly string[] = Object.values(told ?? {}).flat();
          expect(new Set(all).size).toBe(all.length);
          for (const [n, { kind, calls }] of nodes.entries()) {
            const own = all.filter((name) => name === nameOf(n) || name.startsWith(`${nameOf(n)}[`));
            const isSent = bench.calls.some((one) => one.part === nameOf(n));
            if (kind === 'write') expect(own.length <= 1 && (own.length === 1 || !isSent)).toBe(true);
            else if (kind === 'each write') expect(own).toHaveLength(isSent ? calls.length : own.length);
            else expect(own).toEqual([]);
          }
        }

        const isUndo = (part: string) => part.endsWith('.undo');
        // A call that waits for the same part as the rule may begin before it.
        const counted = bench.calls.filter(({ part, at }) => !byRule || isUndo(part) || at < expected.rulesAt);
        const calls = counted.map(({ part, at }) => ({ part, at: isUndo(part) ? NaN : at }));
        expect(calls.sort(byPart)).toEqual([...expected.sent].sort(byPart));
        const undone = bench.calls.flatMap(({ part, args }) => (isUndo(part) ? [args.query?.['of']] : []));
        expect([undone.length, new Set(undone)]).toEqual([expected.undos.size, new Set(expected.undos.keys())]);
        const askedAt = undone.map((result) => expected.undos.get(result) ?? NaN);
        expect(askedAt).toEqual(askedAt.toSorted((a, b) => b - a));
        const writers = new Set(nodes.flatMap(({ kind }, n) => (kind.endsWith('write') ? [nameOf(n)] : [])));
        const isWrite = (part: string) => isUndo(part) || writers.has(part);
        const stopped = refusedBy !== undefined || byRule || expected.endAt === deadlineMs;
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

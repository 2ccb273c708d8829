import { SchemaTable, type Operation } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { plan } from '../plan/plan.js';
import type { MayBeAbsent, Ref } from '../plan/references.js';
import { given } from '../plan/schema.js';
import { optional, required, step, type Node } from '../plan/verbs.js';

/** Any plan, written down: what the runner builds from references, the model walks through step by step. */
interface Drawn {
  readonly kind: 'required' | 'optional' | 'with fallback' | 'step';
  /** Candidates among the nodes before it. */
  readonly after: readonly number[];
  readonly afterMs: number;
  readonly fails: boolean;
  readonly ruledOut: boolean;
}

const call: Operation<{ query: Readonly<Record<string, unknown>> }, string, Record<never, never>, 'GET'> = {
  contract: { upstream: 'any', title: 'Any', version: '1', schemas: new SchemaTable([]) },
  id: 'call',
  method: 'GET',
  path: '/',
  responses: [{ status: '200' }],
};
const nth = <T>(list: readonly T[], n: number): T => {
  const found = list[n];
  if (found === undefined) throw new RangeError(`nothing at ${n}`);
  return found;
};
const name = (n: number) => `n${n}`;
const isUnsure = (node: Drawn) => node.kind === 'optional';
const isCall = (node: Drawn) => node.kind !== 'step';

const drawn = fc.array(
  fc.record<Drawn>({
    kind: fc.constantFrom('required', 'optional', 'with fallback', 'step'),
    after: fc.array(fc.nat(6), { maxLength: 3 }),
    afterMs: fc.integer({ min: 1, max: 60 }),
    fails: fc.boolean().chain((a) => fc.boolean().map((b) => a && b)),
    ruledOut: fc.boolean().chain((a) => fc.boolean().map((b) => a && b)),
  }),
  { minLength: 1, maxLength: 7 },
);

/** Only nodes before it; what must be there waits for nothing that may be missing. A step waits for something. */
function tidy(nodes: readonly Drawn[]): Drawn[] {
  return nodes.map((node, n) => {
    const before = [...new Set(node.after)].filter(
      (from) => from < n && (node.kind !== 'required' || !isUnsure(nth(nodes, from))),
    );
    // A bit of its own makes the way through every chain of calls take a time of its own: nothing happens at the same moment.
    return {
      ...node,
      after: before.sort((a, b) => a - b),
      afterMs: node.afterMs + 2 ** -(n + 1),
      ruledOut: node.ruledOut && node.kind !== 'required' && isCall(node),
    };
  });
}

const build = (nodes: readonly Drawn[], deadlineMs: number) =>
  plan('drawn', { input: { flags: given<Record<string, boolean>>() }, deadlineMs, reserveMs: 0 }, ({ flags }) => {
    const made: (Node<unknown> & (Ref<unknown> | MayBeAbsent<unknown>))[] = [];
    nodes.forEach((node, n) => {
      const deps = Object.fromEntries(node.after.map((from) => [name(from), nth(made, from)]));
      const when = flags[name(n)];
      // The random graph has no types: that required calls read nothing that may be missing is seen to by `tidy`.
      if (node.kind === 'required') made.push(required(call, { query: deps }));
      else if (node.kind === 'optional') made.push(optional(call, { query: deps }, { when }));
      else if (node.kind === 'with fallback')
        made.push(optional(call, { query: deps }, { when, fallback: 'fallback' }));
      else made.push(step({ flags, ...deps }, (seen) => JSON.stringify({ ...seen, flags: undefined })));
    });
    return Object.fromEntries(made.map((node, n) => [name(n), node]));
  });

interface Settled {
  readonly at: number;
  /** When it was sent; undefined for what never was. */
  readonly sentAt: number | undefined;
  readonly value: unknown;
  readonly status?: string;
  readonly quiet?: boolean;
}

/** What must come out, by walking the nodes in order: each takes what the ones before it came to. */
function model(nodes: readonly Drawn[], deadlineMs: number) {
  const settled: Settled[] = [];
  let refusedAt = Infinity;
  let refusedBy = '';
  nodes.forEach((node, n) => {
    const deps = node.after.map((from) => nth(settled, from));
    const readyAt = Math.max(0, ...deps.map(({ at }) => at));
    const instead = (status: string, at: number, sentAt?: number, quiet = false): Settled =>
      node.kind === 'with fallback'
        ? { at, sentAt, value: 'fallback', status, quiet }
        : { at, sentAt, value: { ok: false, status }, status, quiet };
    const value = (of: unknown): unknown => (isUnsure(node) ? { ok: true, value: of } : of);
    const missing = node.after.findIndex(
      (from) => isUnsure(nth(nodes, from)) && nth(settled, from).status !== undefined,
    );
    if (!isCall(node)) {
      const seen = Object.fromEntries(node.after.map((from) => [name(from), nth(settled, from).value]));
      settled.push({ at: readyAt, sentAt: undefined, value: JSON.stringify(seen) });
    } else if (missing >= 0) settled.push(instead('skipped', readyAt, undefined, nth(deps, missing).quiet));
    else if (node.ruledOut) settled.push(instead('skipped', readyAt, undefined, true));
    else if (readyAt >= deadlineMs) settled.push(instead('timeout', deadlineMs));
    else if (readyAt + node.afterMs > deadlineMs) settled.push(instead('timeout', deadlineMs, readyAt));
    else if (node.fails) settled.push(instead('error', readyAt + node.afterMs, readyAt));
    else settled.push({ at: readyAt + node.afterMs, sentAt: readyAt, value: value(name(n)) });
    const { status, at } = nth(settled, n);
    if (node.kind === 'required' && status !== undefined && at < refusedAt) [refusedAt, refusedBy] = [at, name(n)];
  });
  return { settled, refusedAt, refusedBy };
}

describe('any plan', () => {
  it('comes to what a slow, obvious walk through it comes to: values, calls, aborts and time', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, fc.integer({ min: 20, max: 200 }), async (raw, wholeMs) => {
        const nodes = tidy(raw);
        // Between two moments at which something can happen.
        const deadlineMs = wholeMs + 2 ** -12;
        const { settled, refusedAt, refusedBy } = model(nodes, deadlineMs);
        const bench = new PlanBench();
        const replies = Object.fromEntries(
          nodes.map((node, n): [string, Reply] => [
            name(n),
            { afterMs: node.afterMs, ...(node.fails ? { failure: failed } : { value: name(n) }) },
          ]),
        );
        const flags = Object.fromEntries(nodes.map((node, n) => [name(n), !node.ruledOut]));
        const { result, afterMs } = await bench.finish(bench.start(build(nodes, deadlineMs), { flags }, replies));

        const endAt = Math.min(refusedAt, Math.max(...settled.map(({ at }) => at)));
        expect(afterMs).toBe(endAt);
        if (refusedAt < Infinity) {
          const code = refusedAt === deadlineMs ? 'GW_DEADLINE_EXCEEDED' : 'GW_UPSTREAM_FAILED';
          expect(result).toMatchObject({ kind: 'refused', code, part: refusedBy });
        } else {
          const missing = settled.flatMap(({ status, quiet }, n) =>
            status === undefined || quiet === true
              ? []
              : [[name(n), { status, source: isUnsure(nth(nodes, n)) ? 'none' : 'fallback' }]],
          );
          const report = missing.length === 0 ? undefined : Object.fromEntries(missing);
          expect(result).toEqual({ kind: 'answered', values: settled.map(({ value }) => value), report });
        }
        const sent = settled.flatMap(({ sentAt, at }, n) =>
          sentAt !== undefined && sentAt < endAt ? [{ part: name(n), sentAt, open: at >= endAt }] : [],
        );
        expect(bench.calls.map(({ part, at }) => ({ part, at })).sort((a, b) => a.part.localeCompare(b.part))).toEqual(
          sent.map(({ part, sentAt }) => ({ part, at: sentAt })),
        );
        const stopped = refusedAt < Infinity || endAt === deadlineMs;
        expect(bench.calls.every(({ scope }) => scope.cancellation.cancelled === stopped)).toBe(true);
        expect([bench.clock.timerCount, bench.context.cancellation.listenerCount]).toEqual([0, 0]);
      }),
      { numRuns: 400 },
    );
  });
});

import { nearest, type Clock } from '@frontage/core';
import type { BodyReader, RequestContext } from '@frontage/context';
import { LastGoodMemory, type LastGoodStore } from '../run/last-good.js';
import { FallbackValue } from '../model/fallback-value.js';
import { callOf, callsOf, type PartNode } from '../model/nodes.js';
import { mayBeMissing } from '../model/absence.js';
import type { AnyPlan } from '../plan/plan.js';
import { fieldPathsOf, madeWithin } from '../plan/plan-check.js';
import { refusalOfPart, type GuardedPart } from '../callers/caller-access.js';
import { leadingTo, violationFinder } from '../execution/violation-finder.js';
import { compileWork } from './compile-work.js';
import type { Bind, PlanPolicy, WhyParsed } from './bind.js';
import { FieldShapes } from '../schema/field-shapes.js';
import { makeLocal, type SlotOf } from '../run/fill.js';
import { compileLocalValue } from './planned-value.js';
import { itemsIn } from '../run/page-items.js';
import type { PlanResult } from '../run/plan-result.js';
import type { CompiledGraph, CompiledNode } from '../run/compiled.js';
import { PlanRun } from '../execution/plan-run.js';
import { pending } from '../run/run-state.js';

export interface RunOptions {
  /** Gives a call the executor that performs it. Called once per call of the plan, at start. */
  readonly bind: Bind;
  readonly clock: Clock;
  readonly policy?: PlanPolicy | undefined;
  /** Milliseconds kept back from the deadline by plans that do not state a reserve. @default 10 */
  readonly reserveMs?: number;
  /** The store of `lastGood(...)`. @default 1000 values in memory, for this plan alone */
  readonly lastGood?: LastGoodStore;
  /** The reason why policy has the responses of an operation parsed for every screen: the operation is cached, for example. */
  readonly whyParsed?: WhyParsed;
  /** By index of the part: the reader of its own call's body, where the body is not parsed. */
  readonly readers?: readonly (BodyReader | undefined)[];
}

/** Runs a plan for one request. Rejects only for a bug: an executor that rejects, a function of the plan that throws. */
export type RunPlan = (input: unknown, context: RequestContext) => Promise<PlanResult>;

/** The named parts in their order, then the rules, then the steps that only other nodes read. */
export function slotsOf(plan: AnyPlan): readonly PartNode[] {
  const slots: PartNode[] = [...plan.parts.map(({ node }) => node), ...plan.rules];
  for (let i = 0; i < slots.length; i++)
    for (const { node } of fieldPathsOf(slots[i]!)) if (node.kind === 'step' && !slots.includes(node)) slots.push(node);
  return slots;
}

/**
 * Compiles a plan at start, so that a request decides as little as possible.
 * @throws {TypeError} when policy names a call that the plan does not have
 */
export function compilePlan(plan: AnyPlan, options: RunOptions): RunPlan {
  const graph = compileGraph(plan, options);
  const run: RunPlan = (input, context) =>
    new Promise((resolve, reject) => new PlanRun(graph, { input, context, resolve, reject }).start());
  const critical = criticalParts(plan);
  const guarded = critical.filter(({ access }) => access !== undefined);
  // Before anything is sent: a change that was made for a caller who is refused would be one too many.
  return (input, context) => {
    for (const part of context.deniedParts === undefined ? guarded : critical) {
      const refusal = refusalOfPart(part, context, options.clock);
      if (refusal !== undefined) return Promise.resolve(refusal);
    }
    return run(input, context);
  };
}

function compileGraph(plan: AnyPlan, options: RunOptions): CompiledGraph {
  const { bind, clock, policy = {} } = options;
  checkPolicy(plan, policy);
  const slots = slotsOf(plan);
  const slotOf: SlotOf = (node) => slots.findIndex((known) => known === node);
  const deadlineMs = Math.min(plan.deadlineMs, policy.deadlineMs ?? Infinity);
  const before = slots.map(
    (node) =>
      new Set(
        fieldPathsOf(node)
          .map((field) => slotOf(field.node))
          .filter((slot) => slot >= 0),
      ),
  );
  const lastGood = options.lastGood ?? new LastGoodMemory(clock);
  const findViolation = violationFinder(plan, slots);
  const shapes = new FieldShapes(plan);
  for (const local of slots.flatMap((node) => [...madeWithin(node)])) makeLocal(local, compileLocalValue(local));
  const nodes = slots.map((node, slot): CompiledNode => {
    const name = plan.parts[slot]?.name;
    const sources = [...leadingTo(node, slots)].flatMap((from) => plan.parts[from]?.name ?? []);
    return {
      name: name ?? '',
      operation: callOf(node)?.operation,
      work: compileWork(
        node,
        name,
        { bind, policy, deadlineMs, slotOf, sources, lastGood, findViolation, shapes },
        options.readers?.[slot],
      ),
      critical: isCritical(node),
      mayBeMissing: mayBeMissing(node),
      fallback: fallbackOf(node),
      waits: before[slot]!.size,
      dependents: before.flatMap((waitedFor, dependent) => (waitedFor.has(slot) ? [dependent] : [])),
    };
  });
  const writes = slots.filter((node) => callOf(node)?.need === 'write');
  const waits = nodes.map((node) => node.waits);
  const roots = waits.flatMap((count, slot) => (count === 0 ? [slot] : []));
  const blank = nodes.map(() => pending);
  return {
    nodes,
    roots,
    waits,
    blank,
    clock,
    deadlineMs,
    reserveMs: plan.reserveMs ?? options.reserveMs ?? 10,
    writes: writes.map((node) => ({ slot: slots.indexOf(node), part: nodes[slots.indexOf(node)]!.name })),
    unwinds:
      writes.length > 1 ||
      writes.some((node) => node.kind === 'each' || callsOf(node).some(({ undo }) => undo !== undefined)),
  };
}

/** The parts that a request cannot do without. Where a condition may rule one out, its call compares. */
function criticalParts(plan: AnyPlan): readonly GuardedPart[] {
  return slotsOf(plan).flatMap((node, slot) => {
    const call = callOf(node);
    const isConditional = ('when' in node && node.when !== undefined) || call?.when !== undefined;
    if (call === undefined || isConditional || !isCritical(node)) return [];
    return [{ part: plan.parts[slot]?.name ?? '', access: call.access }];
  });
}

/** True if the request fails without it. */
function isCritical(node: PartNode): boolean {
  const call = callOf(node);
  if (call === undefined || call.need === 'optional') return false;
  // A write with a fallback value can be done without.
  return call.fallbackValue === undefined;
}

/** The fallback value of the whole part: for a list gathered by pages, the list in the page. */
function fallbackOf(node: PartNode): FallbackValue | undefined {
  if (node.kind === 'call') return node.fallbackValue;
  if (node.kind !== 'pages' || node.call.fallbackValue === undefined) return undefined;
  const items = itemsIn(node.call.fallbackValue.value, node.items);
  if (items === undefined)
    throw new TypeError(
      `the fallback of pages(...) at ${node.source} is no page: write one${node.items === undefined ? ', []' : `, { ${node.items}: [] }`}`,
    );
  return new FallbackValue(items, `the fallback of pages(...) at ${node.source}`);
}

function checkPolicy(plan: AnyPlan, policy: PlanPolicy): void {
  const calls = plan.parts.filter(({ node }) => node.kind !== 'step').map(({ name }) => name);
  for (const name of Object.keys(policy.calls ?? {})) {
    if (calls.includes(name)) continue;
    const meant = nearest(name, calls);
    throw new TypeError(
      `plan '${plan.name}' has no call '${name}'${meant === undefined ? '' : `: did you mean '${meant}'?`} It has ${calls.map((call) => `'${call}'`).join(', ')}`,
    );
  }
}

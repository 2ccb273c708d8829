import { nearest, type Clock, type OperationInfo } from '@frontage/core';
import type { Executor, RequestContext } from '@frontage/context';
import { placesIn } from '../plan/arguments.js';
import { compileCall } from './compiled-call.js';
import { compileStep } from './compiled-step.js';
import { compileFill, compilePlace, type SlotOf } from './fill.js';
import { mayBeAbsent, type CallNode, type EachNode, type PartNode, type PlanNode } from '../plan/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import { placesOf } from '../plan/plan-check.js';
import type { PlanResult } from './plan-result.js';
import { pending, PlanRun, type CompiledGraph, type CompiledNode, type CompiledWork } from './plan-run.js';

/** What policy may say about a plan: it only tightens what the plan says itself. */
export interface PlanPolicy {
  /** The whole budget of a request, in milliseconds. */
  readonly deadlineMs?: number;
  /** By part name. */
  readonly calls?: Readonly<Record<string, { readonly timeoutMs?: number }>>;
}

export interface RunOptions {
  /** Gives a call the executor that performs it. Asked once per call of the plan, at start. */
  readonly bind: Bind;
  readonly clock: Clock;
  readonly policy?: PlanPolicy | undefined;
  /** Kept back from the deadline by plans that do not say, in milliseconds. @default 10 */
  readonly reserveMs?: number;
}

/** What a call of a plan asks of the one who performs it. */
export interface CallTerms {
  /** Public name of the part. */
  readonly part: string;
  readonly need: CallNode['need'];
  /** The tighter of what plan and policy say, in milliseconds; absent where neither says. */
  readonly timeoutMs?: number;
}
export type Bind = (operation: OperationInfo, terms: CallTerms) => Executor;

/** Runs a plan for one request. Rejects only for a bug: an executor that rejects, a function of the plan that throws. */
export type RunPlan = (input: unknown, context: RequestContext) => Promise<PlanResult>;

/** The named parts in their order, then the steps that only other nodes read. */
export function slotsOf(plan: AnyPlan): readonly PartNode[] {
  const slots: PartNode[] = plan.parts.map(({ node }) => node);
  for (let i = 0; i < slots.length; i++)
    for (const { node } of placesOf(slots[i]!)) if (node.kind === 'step' && !slots.includes(node)) slots.push(node);
  return slots;
}

/**
 * Decides at start all that can be decided.
 * @throws {TypeError} when policy names a call that the plan has not
 */
export function compilePlan(plan: AnyPlan, options: RunOptions): RunPlan {
  const graph = compileGraph(plan, options);
  return (input, context) =>
    new Promise((resolve, reject) => new PlanRun(graph, input, context, resolve, reject).start());
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
        placesOf(node)
          .map((place) => slotOf(place.node))
          .filter((slot) => slot >= 0),
      ),
  );
  const nodes = slots.map((node, slot): CompiledNode => {
    const name = plan.parts[slot]?.name;
    return {
      name: name ?? '',
      work: compileWork(node, name, { bind, policy, deadlineMs, slotOf }),
      critical: node.kind === 'call' ? node.need !== 'optional' : node.kind === 'each' && node.call.need === 'required',
      unsure: mayBeAbsent(node),
      fallback: node.kind === 'call' ? node.fallback : undefined,
      waits: before[slot]!.size,
      dependents: before.flatMap((waitedFor, dependent) => (waitedFor.has(slot) ? [dependent] : [])),
    };
  });
  const waits = nodes.map((node) => node.waits);
  const roots = waits.flatMap((count, slot) => (count === 0 ? [slot] : []));
  const blank = nodes.map(() => pending);
  return { nodes, roots, waits, blank, clock, deadlineMs, reserveMs: plan.reserveMs ?? options.reserveMs ?? 10 };
}

interface Setting {
  readonly bind: Bind;
  readonly policy: PlanPolicy;
  readonly deadlineMs: number;
  readonly slotOf: SlotOf;
}

function compileWork(node: PartNode, name: string | undefined, setting: Setting): CompiledWork {
  switch (node.kind) {
    case 'step':
      return { kind: 'step', step: compileStep(node, name, setting.slotOf) };
    case 'call':
      return { kind: 'call', call: compilePartCall(node, name ?? '', setting) };
    case 'each':
      return { kind: 'each', each: compileEach(node, name ?? '', setting) };
  }
}

function compilePartCall(node: CallNode, name: string, { bind, policy, deadlineMs, slotOf }: Setting) {
  const stated = Math.min(node.timeoutMs ?? Infinity, policy.calls?.[name]?.timeoutMs ?? Infinity);
  const terms = { part: name, need: node.need, ...(stated < Infinity && { timeoutMs: stated }) };
  // A write has the plan's whole deadline by default, from when it is sent: it may outlive the request.
  const timeoutMs = node.need === 'write' && stated === Infinity ? deadlineMs : stated;
  return compileCall(node, name, bind(node.operation, terms), timeoutMs, unsureSlots(node, slotOf), slotOf);
}

function compileEach(node: EachNode, name: string, setting: Setting) {
  const { call, over } = node;
  const itemReads = [...placesIn(call.args), ...(call.when === undefined ? [] : [call.when])].filter(
    (place) => place.node === node.item,
  );
  return {
    call: compilePartCall(call, name, setting),
    over: compilePlace(over, setting.slotOf),
    overPart: mayBeAbsent(over.node) ? setting.slotOf(over.node) : undefined,
    itemReads: itemReads.map((place) => compileFill({ kind: 'place', place }, setting.slotOf)),
    fallback: call.fallback,
    maxCount: node.maxCount,
    concurrency: node.concurrency,
    name,
    unsure: mayBeAbsent(node),
  };
}

/** The slots of parts that may be missing, without which the call is skipped. */
function unsureSlots(node: CallNode, slotOf: SlotOf): readonly number[] {
  const unsure = (from: PlanNode) => from.kind !== 'item' && mayBeAbsent(from);
  return [
    ...new Set(
      placesOf(node)
        .map((place) => place.node)
        .filter(unsure)
        .map(slotOf),
    ),
  ];
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

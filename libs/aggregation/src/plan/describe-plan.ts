import type { Argument } from './arguments.js';
import { placeText, type CallNode, type PartNode } from './nodes.js';
import { isGiven } from './schema.js';
import type { AnyPlan } from './plan.js';
import { placesOf } from './plan-check.js';
import { slotsOf } from '../run/compile-plan.js';

/** One node of a plan as JSON. */
export interface PartDescription {
  readonly kind: 'call' | 'each' | 'step';
  readonly need?: CallNode['need'];
  readonly upstream?: string;
  readonly operation?: string;
  readonly method?: string;
  readonly path?: string;
  /** The parts it waits for. */
  readonly after: readonly string[];
  /** What it reads, as paths: `orders.items`, `caller.subject`. */
  readonly reads: readonly string[];
  /** The arguments, references as `{"$ref": "orders.items[].id"}`. */
  readonly args?: unknown;
  readonly timeoutMs?: number;
  readonly fallback?: unknown;
  readonly when?: string;
  readonly maxCount?: number;
  readonly concurrency?: number;
  /** Declared statuses that stand for a value. */
  readonly onStatus?: readonly string[];
  /** Declared statuses (of a step: names) and the problems they end the request with: `404 basket_unknown`. */
  readonly refuses?: Readonly<Record<string, string>>;
  readonly source: string;
}

/** A plan as JSON, for `--describe`. */
export interface PlanDescription {
  readonly name: string;
  readonly source: string;
  readonly deadlineMs: number;
  /** The groups of input, and whether each is validated here. */
  readonly input: Readonly<Record<string, 'given' | 'validated'>>;
  readonly parts: Readonly<Record<string, PartDescription>>;
  /** Which parts can be under way at the same time; the answer takes the longest way through them. */
  readonly waves: readonly (readonly string[])[];
}

export function describePlan(plan: AnyPlan): PlanDescription {
  const slots = slotsOf(plan);
  const nameOf = (node: PartNode): string => {
    const slot = slots.indexOf(node);
    return plan.parts[slot]?.name ?? `(step ${slot - plan.parts.length + 1})`;
  };
  const before = (node: PartNode) => slots.filter((other) => placesOf(node).some((place) => place.node === other));
  const waveOf = (node: PartNode): number => Math.max(-1, ...before(node).map(waveOf)) + (node.kind === 'step' ? 0 : 1);
  const waves: string[][] = [];
  for (const { name, node } of plan.parts) if (node.kind !== 'step') (waves[waveOf(node)] ??= []).push(name);
  return {
    name: plan.name,
    source: plan.source,
    deadlineMs: plan.deadlineMs,
    input: Object.fromEntries(
      Object.entries(plan.inputs).map(([group, schema]) => [group, isGiven(schema) ? 'given' : 'validated']),
    ),
    parts: Object.fromEntries(slots.map((node) => [nameOf(node), describePart(node, before(node).map(nameOf))])),
    waves,
  };
}

function describePart(node: PartNode, after: readonly string[]): PartDescription {
  const common = { after, reads: [...new Set(placesOf(node).map(placeText))], source: node.source };
  switch (node.kind) {
    case 'step':
      return { kind: 'step', ...common, ...refusals(node.refuses) };
    case 'call':
      return { kind: 'call', ...describeCall(node), ...common };
    case 'each':
      return {
        kind: 'each',
        ...describeCall(node.call),
        ...common,
        maxCount: node.maxCount,
        concurrency: node.concurrency,
      };
  }
}

function describeCall(node: CallNode) {
  const { operation, need, timeoutMs, fallback, when, onStatus, refuseOn } = node;
  const statuses = Object.keys(onStatus);
  return {
    need,
    upstream: operation.contract.upstream,
    operation: operation.id,
    method: operation.method,
    path: operation.path,
    args: describeArgument(node.args),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(fallback !== undefined && { fallback: fallback.value }),
    ...(when !== undefined && { when: placeText(when) }),
    ...(statuses.length > 0 && { onStatus: statuses }),
    ...refusals(Object.entries(refuseOn).map(([status, refusal]) => [status, refusal.problem] as const)),
  };
}

function refusals(entries: readonly (readonly [string, { readonly status: number; readonly code: string }])[]) {
  if (entries.length === 0) return {};
  return { refuses: Object.fromEntries(entries.map(([on, { status, code }]) => [on, `${status} ${code}`])) };
}

function describeArgument(argument: Argument): unknown {
  switch (argument.kind) {
    case 'literal':
      return argument.value;
    case 'place':
      return { $ref: placeText(argument.place) };
    case 'list':
      return argument.items.map(describeArgument);
    case 'object':
      return Object.fromEntries(argument.members.map(([key, member]) => [key, describeArgument(member)]));
  }
}

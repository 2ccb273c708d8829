import type { Failure } from '@frontage/core';
import { noteViolation } from '@frontage/context';
import type { CallingRun, CompiledCall, FindViolation } from '../run/compiled.js';
import { violationOf } from '../run/plan-result.js';
import { callOf, levelsOf, type CallNode, type EachNode, type PartNode } from '../model/nodes.js';
import { itemsMayBeMissing, mayBeMissing } from '../model/absence.js';
import { fieldPathsOf } from '../plan/plan-check.js';
import type { AnyPlan } from '../plan/plan.js';
import type { Part } from '../model/references.js';
import { pending } from '../run/run-state.js';
import { plainValues } from '../run/projected-document.js';
import { contractViolation } from '../schema/checks/contract-violation.js';
import { partShape } from '../schema/part-schemas.js';
import { SchemaDocument } from '../schema/schema-document.js';

/**
 * Finds the response that a step threw on, by checking all its parts against their contracts. The contracts are read at first use, which is
 * rare.
 */
export function violationFinder(plan: AnyPlan, slots: readonly PartNode[]): FindViolation {
  const document = new SchemaDocument();
  return (step, arrived) => {
    // Whole responses are checked: of some, only a few members were parsed so far.
    const values = plainValues(arrived, (document) => document.parse());
    for (const slot of leadingTo(step, slots)) {
      const node = slots[slot];
      const value = node && opened(node, values[slot]);
      if (node === undefined || node.kind === 'step' || value === undefined) continue;
      const detail = contractViolation(
        value,
        partShape(withoutFallbacks(node), plan.name, document).schema,
        document,
        plan.parts[slot]?.name,
      );
      if (detail !== undefined) return { slot, detail };
    }
    return undefined;
  };
}

/** A value that has to be a list is none: its part has no value. */
export function noteNoList(call: CompiledCall, run: CallingRun): void {
  noteViolation(run.context, call.part, call.operation, violationOf('no list stands where the contract declares one'));
  distrustResponses(call, run);
}

/** The response that a parameter of the call is read from does not have it. */
export function parameterMissing(call: CompiledCall, run: CallingRun): Failure {
  distrustResponses(call, run);
  return violationOf('a parameter that the call needs is missing in the response that it is read from');
}

/** A response that a call got, or that it reads its arguments from, is not what its contract says: later requests do not get it. */
export function distrustResponses({ part, sources }: CompiledCall, { context }: CallingRun): void {
  context.kept?.drop(part);
  for (const source of sources) context.kept?.drop(source);
}

/** Slots of all parts that a node reads, through other steps too. */
export function leadingTo(node: PartNode, slots: readonly PartNode[], seen = new Set<number>()): ReadonlySet<number> {
  for (const field of fieldPathsOf(node)) {
    const slot = slots.findIndex((known) => known === field.node);
    const found = slots[slot];
    if (found === undefined || seen.has(slot)) continue;
    seen.add(slot);
    leadingTo(found, slots, seen);
  }
  return seen;
}

/** The node as the contract describes it, without fallbacks: these may have any type. */
function withoutFallbacks(node: PartNode): PartNode {
  if (node.kind === 'step') return node;
  if (node.kind !== 'call') return { ...node, call: withoutFallback(node.call) };
  return withoutFallback(node);
}

function withoutFallback(call: CallNode): CallNode {
  const { fallbackValue: _, ...others } = call;
  return others;
}

/** The upstream's value, without the `Part` around it; undefined where the upstream sent none. */
function opened(node: PartNode, value: unknown): unknown {
  const fallback = callOf(node)?.fallbackValue;
  if (value === pending || fallback?.isOrigin(value) === true) return undefined;
  if (value instanceof Map) return Object.fromEntries(value);
  if (node.kind === 'each') return listSent(node, 0, mayBeMissing(node) ? presentIn(value) : value);
  if (!mayBeMissing(node)) return value;
  return presentIn(value);
}

/** The responses in the lists of an `each`, without the items that have none. */
function listSent(node: EachNode, depth: number, value: unknown): unknown {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item: unknown) => (itemsMayBeMissing(node, depth) ? presentIn(item) : item));
  if (depth + 1 < levelsOf(node).length) return items.map((item) => listSent(node, depth + 1, item)).filter(isSent);
  const { fallbackValue } = node.call;
  return items.filter((item) => isSent(item) && fallbackValue?.isOrigin(item) !== true);
}

const isSent = (value: unknown): boolean => value !== undefined;

function presentIn(value: unknown): unknown {
  // `mayBeMissing` tells whether the value is a `Part`.
  const part = value as Part<unknown>;
  return part.ok ? part.value : undefined;
}

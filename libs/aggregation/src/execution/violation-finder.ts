import type { FindViolation } from '../run/compiled.js';
import { callOf, mayBeMissing, type CallNode, type EachNode, type PartNode } from '../model/nodes.js';
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

/** Slots of all parts that a node reads, through other steps too. */
function leadingTo(node: PartNode, slots: readonly PartNode[], seen = new Set<number>()): ReadonlySet<number> {
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
  if (node.kind === 'each' && Array.isArray(value)) return value.flatMap((item) => itemSent(node, item));
  if (!mayBeMissing(node)) return value;
  // `mayBeMissing` tells whether the value of a node is a `Part`.
  const part = value as Part<unknown>;
  return part.ok ? part.value : undefined;
}

function itemSent({ call }: EachNode, item: unknown): readonly unknown[] {
  if (call.fallbackValue !== undefined) return call.fallbackValue.isOrigin(item) ? [] : [item];
  if (call.need !== 'optional') return [item];
  const part = item as Part<unknown>;
  return part.ok ? [part.value] : [];
}

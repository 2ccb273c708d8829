import { mediaKind } from '@frontage/core';
import { below } from '../answer/expression-reading.js';
import type { Expression } from '../answer/expressions.js';
import type { CallNode, PartNode } from '../plan/nodes.js';
import type { AnyPlan } from '../plan/plan.js';
import { placesOf } from '../plan/plan-check.js';

/** Why the answer of a part is parsed whatever the screen makes of it, by position; undefined where it need not be. */
export function reasonsToParse(plan: AnyPlan, slots: readonly PartNode[]): readonly (string | undefined)[] {
  const read = new Set(slots.flatMap((node) => placesOf(node).map((place) => place.node)));
  return plan.parts.map(({ node }) => {
    if (node.kind === 'step') return 'a step makes it';
    if (node.kind !== 'call') return 'it is gathered from several calls';
    if (read.has(node)) return 'the plan reads it, too';
    return reasonOfCall(node);
  });
}

function reasonOfCall({ standIns, operation }: CallNode): string | undefined {
  if (standIns.some(({ kind }) => kind === 'last_good')) return 'its last good answer is kept';
  const bodies = operation.responses.filter(({ status, media }) => status.startsWith('2') && media !== undefined);
  return bodies.length > 0 && bodies.every(({ media }) => mediaKind(media ?? '') === 'json')
    ? undefined
    : 'its answer is not declared as JSON';
}

/** The positions of the parts that an expression reads. */
export function partsIn(e: Expression): readonly number[] {
  return e.kind === 'part' ? [e.position] : below(e).flatMap(partsIn);
}

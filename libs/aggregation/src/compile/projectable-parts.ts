import { mediaKind } from '@frontage/core';
import { below } from '../view/expression-branches.js';
import type { Expression } from '../view/expressions.js';
import {
  callOf,
  callsOf,
  isOfHeaders,
  type CallNode,
  type EachNode,
  type PartNode,
  type FieldPath,
} from '../model/nodes.js';
import { readsOf } from '../model/arguments.js';
import { traitsOf } from '../model/node-traits.js';
import type { AnyPlan } from '../plan/plan.js';
import { ownFieldPaths, fieldPathsOf } from '../plan/plan-check.js';
import type { WhyParsed } from './bind.js';

/** The reason why the response of a part is parsed for every view, by index; undefined where it need not be. */
export function reasonsToParse(
  plan: AnyPlan,
  slots: readonly PartNode[],
  whyParsed: WhyParsed = () => undefined,
): readonly (string | undefined)[] {
  const ofSteps = nodesRead(slots.filter((node) => node.kind === 'step' && node.isRule !== true));
  const ofTables = nodesRead(slots.filter((node) => traitsOf(node).yields === 'table'));
  return plan.parts.map(({ node }) => {
    if (node.kind === 'step') return 'a step makes it';
    const { yields } = traitsOf(node);
    if (yields === 'table' || yields === 'items') return 'it is gathered from several responses';
    if (ofSteps.has(node)) return 'a step looks at it';
    if (ofTables.has(node)) return 'keys are gathered from it';
    if (node.kind === 'each' && node.inner !== undefined) return 'its calls are those of lists in lists';
    if (yields === 'responses' && nodesRead(slots).has(node)) return 'the plan reads it';
    const call = callOf(node);
    return call && (reasonOfCall(call) ?? whyParsed(call.operation));
  });
}

const nodesRead = (nodes: readonly PartNode[]): ReadonlySet<unknown> =>
  new Set(
    nodes
      .flatMap(fieldPathsOf)
      .filter((field) => !isOfHeaders(field))
      .map(({ node }) => node),
  );

function reasonOfCall({ fallbackSources, operation, undo }: CallNode): string | undefined {
  if (undo !== undefined) return 'its undo is made of it';
  if (fallbackSources.some(({ kind }) => kind === 'last_good')) return 'its last good response is kept';
  const bodies = operation.responses.filter(({ status, media }) => status.startsWith('2') && media !== undefined);
  return bodies.length > 0 && bodies.every(({ media }) => mediaKind(media ?? '') === 'json')
    ? undefined
    : 'its response is not declared as JSON';
}

type EachPart = Extract<Expression, { readonly kind: 'part' }> & { readonly node: EachNode };

/** A list of responses, one per item, each of a call of its own. */
export const isEachPart = (e: Expression): e is EachPart =>
  e.kind === 'part' && e.node.kind === 'each' && e.node.inner === undefined;

/** The indexes of the parts that an expression reads, those of the lists of its items included. */
export function partsIn(e: Expression): readonly number[] {
  if (e.kind === 'part') return [e.position];
  return e.kind === 'item' ? partsIn(e.of) : below(e).flatMap(partsIn);
}

/** The values of its parts that the calls of a plan read. */
export interface PlanReads {
  /** Values that are sent upstream, or that decide whether a call is made. */
  readonly values: readonly Expression[];
  /** Lists with a call per item. */
  readonly lists: readonly Expression[];
}

/** The reads of a plan, as expressions of a view. */
export function planReads(plan: AnyPlan, slots: readonly PartNode[]): PlanReads {
  const values: Expression[] = [];
  const lists: Expression[] = [];
  const add = (field: FieldPath, to: Expression[]): void => {
    const e = expressionOf(plan, field);
    if (e !== undefined) to.push(e);
  };
  for (const node of slots) {
    const traits = traitsOf(node);
    // A part that a step reads is parsed as a whole.
    if (traits.yields === 'computed') continue;
    for (const list of traits.lists) for (const read of readsOf(list)) add(read, read === list ? lists : values);
    for (const value of traits.values.flatMap(readsOf)) add(value, values);
    for (const call of callsOf(node)) for (const field of ownFieldPaths(call)) add(field, values);
  }
  return { values, lists };
}

/** Undefined for a value that belongs to no part: the input, the keys of a batch, the cursor of a page. */
function expressionOf(plan: AnyPlan, field: FieldPath): Expression | undefined {
  if (isOfHeaders(field)) return undefined;
  const { node, path } = field;
  let e: Expression | undefined;
  if (node.kind === 'item') {
    const of = expressionOf(plan, node.over);
    e = of && { kind: 'item', of, each: true };
  } else {
    const position = plan.parts.findIndex((part) => part.node === node);
    const part = plan.parts[position];
    e = part && { kind: 'part', name: part.name, position, node: part.node };
  }
  return path.reduce<Expression | undefined>((of, key) => of && ({ kind: 'field', of, key } as const), e);
}

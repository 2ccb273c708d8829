import { readsOf } from '../model/arguments.js';
import { traitsOf } from '../model/node-traits.js';
import { callsOf, isOfHeaders, type FieldPath, type PartNode, type PlanNode } from '../model/nodes.js';
import { ownFieldPaths } from '../plan/plan-check.js';
import { slotsOf } from '../compile/compile-plan.js';
import type { AnyPlan } from '../plan/plan.js';
import type { Expression } from '../view/expressions.js';
import { sourcesOf } from './field-sources.js';

/**
 * By part name: the fields of its response that the plan itself reads, for arguments, conditions, steps and bulk calls. Parts that it
 * reads nothing of are left out.
 */
export function planReads(plan: AnyPlan): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, Set<string>>();
  const note = (part: string, path: string): void => {
    const paths = found.get(part) ?? new Set();
    found.set(part, paths.add(path === '' ? '(whole)' : path));
  };
  for (const node of slotsOf(plan)) {
    for (const e of planExpressions(node, plan)) for (const { part, path } of sourcesOf(e)) note(part, path);
    const own = plan.parts.find((part) => part.node === node);
    if (own !== undefined) for (const path of ownReads(node)) note(own.name, path);
  }
  for (const paths of found.values()) dropPassed(paths);
  return Object.fromEntries(
    plan.parts.flatMap(({ name, node }) => {
      const paths = found.get(name);
      return paths === undefined || node.kind === 'step' ? [] : [[name, [...paths].toSorted()] as const];
    }),
  );
}

/** A list of which items are read is only gone through. */
function dropPassed(paths: Set<string>): void {
  for (const path of paths) if ([...paths].some((other) => other.startsWith(`${path}[]`))) paths.delete(path);
}

/** The values that a node of a plan reads, as expressions of a view. Headers and error bodies are left out. */
export function planExpressions(node: PartNode, plan: AnyPlan): readonly Expression[] {
  const results = new Map<PlanNode, PartNode>(
    plan.parts.flatMap((part) => callsOf(part.node).flatMap(({ undo }) => (undo ? [[undo.result, part.node]] : []))),
  );
  const { lists, values } = traitsOf(node);
  const fields = [...[...lists, ...values].flatMap(readsOf), ...callsOf(node).flatMap(ownFieldPaths)];
  return fields.flatMap((field) => expressionOf(field, plan, results) ?? []);
}

function expressionOf(
  field: FieldPath,
  plan: AnyPlan,
  results: ReadonlyMap<PlanNode, PartNode>,
): Expression | undefined {
  if (isOfHeaders(field)) return undefined;
  const { node, path } = field;
  const start = node.kind === 'item' ? expressionOf(node.over, plan, results) : partOf(results.get(node) ?? node, plan);
  if (start === undefined) return undefined;
  const value: Expression = node.kind === 'item' ? { kind: 'item', of: start, each: true } : start;
  return path.reduce<Expression>((of, key) => ({ kind: 'field', of, key }), value);
}

function partOf(node: PlanNode, plan: AnyPlan): Expression | undefined {
  const position = plan.parts.findIndex((part) => part.node === node);
  const part = plan.parts[position];
  return part === undefined ? undefined : { kind: 'part', name: part.name, position, node: part.node };
}

/** The members that bulk calls and pages look at themselves: the key of a row, the next cursor. */
function ownReads(node: PartNode): readonly string[] {
  if (node.kind === 'batch') return [`${traitsOf(node).member}[].${node.by}`];
  return node.kind === 'pages' && typeof node.next === 'string' ? [node.next] : [];
}

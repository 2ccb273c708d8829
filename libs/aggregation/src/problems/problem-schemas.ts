import type { JsonSchema } from '@frontage/core';
import { callsOf, type PartNode, type Problem, type Refusal } from '../model/nodes.js';
import { ExpressionShapes } from '../schema/expression-shapes.js';
import { ownShape } from '../schema/part-schemas.js';
import { widened } from '../schema/schema-algebra.js';
import { SchemaDocument } from '../schema/schema-document.js';
import { membersOf, planOfMembers } from './problem-members.js';

/** The members that a problem of a screen may have beside those of every problem. */
export interface ProblemSchema {
  readonly status: number;
  readonly code: string;
  /** An object of the members, as JSON Schema 2020-12. References read `#/components/schemas/<name>`. */
  readonly schema: JsonSchema;
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/**
 * The members of the problems of a plan, one entry for each place that declares some.
 * @throws {TypeError} naming the field path, where a member has no schema to derive from
 */
export function problemSchemas(plan: string, slots: readonly PartNode[]): readonly ProblemSchema[] {
  return slots.flatMap((node) =>
    node.kind === 'step'
      ? node.refuses.flatMap(([, problem]) => ofStep(problem, plan))
      : callsOf(node).flatMap(({ refuseOn }) => Object.values(refuseOn).flatMap(ofRefusal)),
  );
}

function ofRefusal(refusal: Refusal): readonly ProblemSchema[] {
  const view = membersOf(refusal);
  if (view === undefined) return [];
  const shapes = new ExpressionShapes(planOfMembers(refusal));
  const { schema, reason } = shapes.of(view);
  if (reason !== undefined) throw new TypeError(`the members of '${refusal.problem.code}' have no schema, ${reason}`);
  return [entryOf(refusal.problem, schema, shapes.document)];
}

function ofStep(problem: Problem, plan: string): readonly ProblemSchema[] {
  if (problem.schema === undefined) return [];
  const document = new SchemaDocument();
  const { schema, reason } = ownShape(problem.schema, `${plan}.${problem.code}`, document);
  if (reason !== undefined) throw new TypeError(`the members of '${problem.code}' have no schema, ${reason}`);
  return [entryOf(problem, schema, document)];
}

function entryOf({ status, code }: Problem, schema: JsonSchema, document: SchemaDocument): ProblemSchema {
  const wide = widened(schema);
  return { status, code, schema: wide, components: Object.fromEntries(document.reachable(wide)) };
}

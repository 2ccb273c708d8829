import type { JsonSchema } from '@frontage/core';
import { ExpressionShapes } from './expression-shapes.js';
import { branchesOf } from '../view/expression-branches.js';
import { expressionText } from '../view/expression-reading.js';
import type { Expression } from '../view/expressions.js';
import { widened } from './schema-algebra.js';
import type { Screen } from '../view/screen.js';

/** What the client of a screen gets, as JSON Schema 2020-12. References read `#/components/schemas/<name>`. */
export interface ResponseSchema {
  readonly schema: JsonSchema;
  /** The components that `schema` needs, by name, sorted: those of a contract are named `<upstream>.<name>`. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/**
 * Derives the schema of an answer from its expression and the contracts.
 * @throws {TypeError} naming the place, where something in the answer has no schema to derive from
 */
export function responseSchema(screen: Screen<unknown>): ResponseSchema {
  const shapes = new ExpressionShapes(screen.plan);
  const root = shapes.of(screen.view);
  refuseUnknown(screen.view, shapes, screen.plan.name);
  const schema = widened(root.schema);
  return { schema, components: Object.fromEntries(shapes.document.reachable(schema)) };
}

/** What stands in the answer must have a schema; what is only gone through need not. */
function refuseUnknown(e: Expression, shapes: ExpressionShapes, plan: string): void {
  const { reason } = shapes.of(e);
  if (reason !== undefined && isLeaf(e)) {
    throw new TypeError(`screen of plan '${plan}': ${expressionText(e)} has no schema, ${reason}`);
  }
  if (isLeaf(e)) return;
  const { source, shown } = branchesOf(e);
  for (const part of shown) refuseUnknown(part, shapes, plan);
  // Whether these are null follows from the value that they are made of.
  if (source !== undefined && (e.kind === 'byKind' || e.kind === 'count' || e.kind === 'indexBy'))
    refuseUnknown(source, shapes, plan);
}

const isLeaf = (e: Expression): boolean =>
  ['part', 'input', 'item', 'field', 'at', 'take', 'where', 'sort', 'pick'].includes(e.kind);

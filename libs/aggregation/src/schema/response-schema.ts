import type { JsonSchema } from '@frontage/core';
import { ExpressionShapes } from './expression-shapes.js';
import { branchesOf } from '../view/expression-branches.js';
import { expressionText } from '../view/expression-reading.js';
import type { Expression } from '../view/expressions.js';
import { widened, withoutNull } from './schema-algebra.js';
import type { Screen } from '../view/screen.js';

/** The response of a screen as JSON Schema 2020-12. References read `#/components/schemas/<name>`. */
export interface ResponseSchema {
  readonly schema: JsonSchema;
  /** The components that `schema` refers to, by name, sorted. Those of a contract are named `<upstream>.<name>`. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/** The headers that a screen declares. */
export interface HeaderSchemas {
  readonly headers: Readonly<Record<string, JsonSchema>>;
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/**
 * Derives the schema of a response from its view and the contracts.
 * @throws {TypeError} naming the field path, where a member of the response has no schema to derive from
 */
export function responseSchema(screen: Screen<unknown>): ResponseSchema {
  const shapes = new ExpressionShapes(screen.plan);
  const root = shapes.of(screen.view);
  refuseUnknown(screen.view, shapes, screen.plan.name);
  const schema = widened(root.schema);
  return { schema, components: Object.fromEntries(shapes.document.reachable(schema)) };
}

/** The schemas of the headers that a screen declares, by name. A header is a text, a number, a flag or a list of them. */
export function headerSchemas({ plan, head }: Screen<unknown>): HeaderSchemas {
  const [first] = head?.view.kind === 'object' ? head.view.members : [];
  const values = first?.[1];
  if (values?.kind !== 'object') return { headers: {}, components: {} };
  const shapes = new ExpressionShapes(plan);
  const headers = values.members.map(([name, value]) => {
    return [name, withoutNull(widened(shapes.of(value).schema), shapes.document)] as const;
  });
  const components = headers.flatMap(([, schema]) => [...shapes.document.reachable(schema)]);
  return { headers: Object.fromEntries(headers), components: Object.fromEntries(components) };
}

/** A value in the response must have a schema; a value that is only gone through need not. */
function refuseUnknown(e: Expression, shapes: ExpressionShapes, plan: string): void {
  const { reason } = shapes.of(e);
  if (reason !== undefined && isLeaf(e)) {
    throw new TypeError(`screen of plan '${plan}': ${expressionText(e)} has no schema, ${reason}`);
  }
  if (isLeaf(e)) return;
  const { source, shown } = branchesOf(e);
  for (const part of shown) refuseUnknown(part, shapes, plan);
  // True if the result may be null follows from the source.
  if (source !== undefined && (e.kind === 'byKind' || e.kind === 'count' || e.kind === 'indexBy'))
    refuseUnknown(source, shapes, plan);
}

const isLeaf = (e: Expression): boolean =>
  [
    'part',
    'input',
    'item',
    'field',
    'at',
    'take',
    'where',
    'sort',
    'pick',
    'filter',
    'distinct',
    'omit',
    'min',
    'max',
  ].includes(e.kind);

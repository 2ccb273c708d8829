import type { JsonSchema } from '@frontage/core';
import type { ExpressionShapes } from '../../schema/expression-shapes.js';
import type { SchemaDocument } from '../../schema/schema-document.js';
import { elementOf, othersOf, propertyNames, propertyOf, variantsOf } from '../../schema/schema-navigation.js';
import { isRecord, schemasIn } from '../../schema/schema-reading.js';
import { branchesOf } from '../../view/expression-branches.js';
import type { Expression } from '../../view/expressions.js';

const key = 'x-classification';

/** Most levels of members below a value that is sent as a whole; a schema may hold itself. */
const maxDepth = 12;

/** `public` takes back what a schema around it says. */
const shownAs = (classification: string | undefined): string | undefined =>
  classification === 'public' ? undefined : classification;

/** The classification of a value: its own, or that of the nearest value around it; undefined where the contract states none. */
export function classificationOf(e: Expression, shapes: ExpressionShapes): string | undefined {
  return shownAs(nearest(e, shapes));
}

function nearest(e: Expression, shapes: ExpressionShapes): string | undefined {
  if (e.kind === 'part') return e.node.kind === 'step' ? undefined : stated(shapes.of(e).schema, shapes.document);
  const own = e.kind === 'field' || e.kind === 'item' ? stated(shapes.of(e).schema, shapes.document) : undefined;
  const { source } = branchesOf(e);
  return own ?? (source === undefined ? undefined : nearest(source, shapes));
}

/** A member below a value that is sent as a whole. */
export interface ClassifiedMember {
  /** `.city`, `[].lines[].note` */
  readonly path: string;
  readonly classification: string;
}

/** The members below a schema that are classified. */
export function classifiedBelow(schema: JsonSchema, document: SchemaDocument): readonly ClassifiedMember[] {
  return [...below(schema, document, '', maxDepth)];
}

function* below(
  schema: JsonSchema,
  document: SchemaDocument,
  path: string,
  depth: number,
): Generator<ClassifiedMember> {
  if (depth === 0) return;
  const inner = [
    [`${path}[]`, elementsOf(schema, document)] as const,
    ...membersOf(schema, document).map(([name, member]) => [`${path}.${name}`, member] as const),
  ];
  for (const [place, member] of inner) {
    if (member === undefined || member === true) continue;
    const classification = shownAs(stated(member, document));
    if (classification === undefined) yield* below(member, document, place, depth - 1);
    else yield { path: place, classification };
  }
}

const elementsOf = (schema: JsonSchema, document: SchemaDocument): JsonSchema | undefined =>
  variantsOf(schema, document).some((one) => isRecord(one) && ('items' in one || 'prefixItems' in one))
    ? elementOf(schema, document)
    : undefined;

function membersOf(schema: JsonSchema, document: SchemaDocument): readonly (readonly [string, JsonSchema])[] {
  return variantsOf(schema, document).flatMap((variant) => {
    const named = [...new Set(propertyNames(variant, document))].flatMap((name) => {
      const property = propertyOf(variant, name, document);
      return property === undefined ? [] : [[name, property.schema] as const];
    });
    const others = othersOf(variant, document);
    return others === undefined || others === true ? named : [...named, ['*', others] as const];
  });
}

/** The classification that a schema states for itself, or that one of its parts or the component it refers to states. */
function stated(schema: JsonSchema, document: SchemaDocument): string | undefined {
  if (!isRecord(schema)) return undefined;
  const own = schema[key];
  if (typeof own === 'string') return own;
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => schemasIn(schema, keyword));
  for (const part of parts) {
    const found = stated(part, document);
    if (found !== undefined) return found;
  }
  return '$ref' in schema ? stated(document.resolve(schema), document) : undefined;
}

import { absentPart } from '../../view/expression-reading.js';
import type { Expression, MergeExpression } from '../../view/expressions.js';
import type { ExpressionShapes } from '../../schema/expression-shapes.js';
import { kindsOf } from '../../schema/schema-kinds.js';
import { propertyNames } from '../../schema/schema-navigation.js';
import { NotProjectable } from './not-projectable.js';
import { namesAll } from './projected-values.js';

type Members = readonly (readonly [name: string, value: Expression])[];

/**
 * The members of a merged object, one by one, where the contracts name all of them, and where it does not depend on a response which object
 * a member comes from and where it stands.
 * @throws NotProjectable
 */
export function mergedMembers({ parts }: MergeExpression, shapes: ExpressionShapes): Members {
  const members = new Map<string, Expression>();
  for (const part of parts) {
    for (const [name, value] of membersOf(part, shapes)) {
      const known = members.get(name);
      if (known !== undefined && (shapes.of(known).optional || shapes.of(value).optional))
        throw new NotProjectable(`'${name}' is of the one object or of the other`);
      members.set(name, value);
    }
  }
  return [...members];
}

function membersOf(e: Expression, shapes: ExpressionShapes): Members {
  if (e.kind === 'object') return e.members;
  if (e.kind === 'merge') return mergedMembers(e, shapes);
  if (absentPart(e) !== undefined || shapes.mayBeNil(e)) throw new NotProjectable('one of its objects may be missing');
  const { document } = shapes;
  const kinds = kindsOf(shapes.of(e).schema, document);
  const object =
    kinds === 'anything' || kinds.scalars !== 'none' || kinds.lists.length > 0 ? undefined : kinds.objects[0];
  if (kinds === 'anything' || object === undefined || kinds.objects.length > 1)
    throw new NotProjectable('one of its objects may be one of several kinds');
  if (!namesAll(object, document)) throw new NotProjectable('the contract does not name its members');
  const of = e.kind === 'omit' || e.kind === 'pick' ? e.of : e;
  const names = [...new Set(propertyNames(object, document))].filter((name) => name !== '__proto__');
  return names.map((key) => [key, { kind: 'field', of, key }] as const);
}

import type { JsonSchema } from '@frontage/core';
import { expressionText } from '../view/expression-reading.js';
import type { Expression, FoldExpression, JoinedExpression, OmitExpression } from '../view/expressions.js';
import { anything, type Shape } from './part-schemas.js';
import { nullable, objectSchema, union, widened, withoutNull, type Member } from './schema-algebra.js';
import type { SchemaDocument } from './schema-document.js';
import { kindsOf, scalarTypesOf } from './schema-kinds.js';
import { acceptsNull, anyOf, elementOf, propertyNames, propertyOf, variantsOf, othersOf } from './schema-navigation.js';
import { isAnything, isRecord, typesIn, valuesIn, type SchemaObject } from './schema-reading.js';
import { elementsOf, fieldOf } from './shape-navigation.js';

/** The shape of a join, a fold or a merged object. @param of the shapes of the expressions below */
export function joinedShape(e: JoinedExpression, of: (one: Expression) => Shape, document: SchemaDocument): Shape {
  const each = (expressions: readonly Expression[]) => expressions.map((one) => [of(one), one] as const);
  switch (e.kind) {
    case 'distinct':
      checkKey(
        e.by === undefined ? { ...of(e.of), schema: elementsOf(of(e.of), e.of, document) } : of(e.by.key),
        `distinct(${expressionText(e.of)})`,
        document,
      );
      return shorter(of(e.of), document);
    case 'where':
      return shorter(of(e.of), document);
    case 'filter':
      return shorter(of(e.over), document);
    case 'indexBy':
    case 'groupBy': {
      checkKey(of(e.key), `${e.kind}(${expressionText(e.of)}, ...)`, document);
      const element = elementsOf(of(e.of), e.of, document);
      const entry = e.kind === 'indexBy' ? element : { type: 'array', items: element };
      return like(of(e.of), { type: 'object', additionalProperties: entry }, document);
    }
    case 'equal':
      for (const side of [e.left, e.right]) checkKey(of(side), `equal(...) of ${expressionText(side)}`, document);
      return { schema: { type: 'boolean' }, optional: false };
    case 'concat':
      return { schema: concatSchema(each(e.lists), document), optional: false };
    case 'flatten':
      return like(of(e.of), flatSchema(of(e.of), e.of, document), document);
    case 'sum':
    case 'min':
    case 'max': {
      const fold = foldShape(e, of(e.of), document);
      const made = like(of(e.of), fold.schema, document);
      return { ...fold, ...made, optional: fold.optional || made.optional };
    }
    case 'omit': {
      const shape = of(e.of);
      return e.keys.length === 0 ? shape : { ...shape, ...like(shape, omitSchema(e, shape, document), document) };
    }
    case 'merge': {
      if (e.isSpread === true) checkSpread(each(e.parts), document);
      const schema = mergeSchema(each(e.parts), document);
      if (schema !== true) return { schema, optional: false };
      return anything(each(e.parts).find(([{ reason }]) => reason !== undefined)?.[0].reason);
    }
  }
}

/** A value made of another one, as present as that one. */
export function like(shape: Shape, schema: JsonSchema, document: SchemaDocument): Shape {
  const isNullable = shape.schema !== true && acceptsNull(shape.schema, document);
  return {
    schema: isNullable ? nullable(schema, document) : schema,
    optional: shape.schema === true ? false : shape.optional,
  };
}

/** A list without some of its items: what the contract says of their number and of their places holds no longer. */
function shorter(shape: Shape, document: SchemaDocument): Shape {
  const [only, ...others] = variantsOf(shape.schema, document).map((variant) => document.resolve(variant));
  if (!isRecord(only) || others.length > 0) return shape;
  const { minItems, prefixItems, contains, minContains, maxContains, ...kept } = only;
  if ([minItems, prefixItems, contains, minContains, maxContains].every((keyword) => keyword === undefined))
    return shape;
  return { ...shape, schema: { ...kept, items: elementOf(only, document) ?? true } };
}

/** The items of several lists. */
function concatSchema(lists: readonly (readonly [Shape, Expression])[], document: SchemaDocument): JsonSchema {
  const elements = lists.flatMap(([shape, e]) => {
    const element = elementsOf(shape, e, document);
    // The empty list adds no kind of item.
    return isEmptyList(shape.schema) ? [] : [widened(element)];
  });
  if (elements.length === 0) return { type: 'array', maxItems: 0 };
  const limits = lists.map(([{ schema }]) => (isEmptyList(schema) ? 0 : limitOf(schema)));
  const limit = limits.reduce<number | undefined>((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0); // prettier-ignore
  return { type: 'array', items: union(elements, document), ...(limit !== undefined && { maxItems: limit }) };
}

const isEmptyList = (schema: JsonSchema): boolean => isRecord(schema) && schema['maxItems'] === 0;
const limitOf = (schema: JsonSchema): number | undefined =>
  isRecord(schema) && typeof schema['maxItems'] === 'number' ? schema['maxItems'] : undefined;

/** The items of the lists in a list. */
function flatSchema(shape: Shape, e: Expression, document: SchemaDocument): JsonSchema {
  const inner = elementsOf(shape, e, document);
  const element = elementOf(inner, document);
  if (element === undefined)
    throw new TypeError(`flatten(${expressionText(e)}): the contract says that its items are no lists`);
  return { type: 'array', items: element };
}

/**
 * The value that is made of all values of a list.
 * @throws {TypeError} where the contract says that they cannot be added or compared
 */
function foldShape({ kind, of: list }: FoldExpression, shape: Shape, document: SchemaDocument): Shape {
  const element = elementsOf(shape, list, document);
  const isOpen = variantsOf(element, document).some((variant) => isAnything(document.resolve(variant)));
  const types = isOpen ? undefined : (scalarTypesOf(element, document) ?? []);
  const allowed = kind === 'sum' ? ['number'] : ['number', 'string'];
  if (types !== undefined && (types.length === 0 || types.some((type) => !allowed.includes(type)))) {
    throw new TypeError(
      `${kind}(${expressionText(list)}): the contract says that the values are no ${allowed.join('s or ')}s`,
    );
  }
  if (kind === 'sum') return { schema: { type: isWhole(element, document) ? 'integer' : 'number' }, optional: false };
  if (types === undefined) return anything('the contract does not say what is compared');
  return { schema: withoutNull(element, document), optional: true };
}

const isWhole = (schema: JsonSchema, document: SchemaDocument): boolean =>
  variantsOf(schema, document).every((variant) => {
    const found = document.resolve(variant);
    if (!isRecord(found)) return false;
    const values = typesIn(found) === undefined ? valuesIn(found) : undefined;
    if (values !== undefined) return values.every((value) => value === null || Number.isInteger(value));
    return typesIn(found)?.every((type) => type === 'integer' || type === 'null') === true;
  });

/**
 * Checks that values can be compared.
 * @throws {TypeError} where the contract says that they are objects or lists
 */
function checkKey(shape: Shape, what: string, document: SchemaDocument): void {
  const kinds = kindsOf(shape.schema, document);
  if (kinds === 'anything' || kinds.scalars !== 'none' || kinds.objects.length + kinds.lists.length === 0) return;
  throw new TypeError(`${what}: the contract says that it is an object or a list: name a member that is a key`);
}

/** The object without some of its members. */
function omitSchema(e: OmitExpression, shape: Shape, document: SchemaDocument): JsonSchema {
  for (const key of e.keys) fieldOf(shape, key, { kind: 'field', of: e.of, key }, document);
  const omitted = new Set(e.keys);
  return anyOf(
    variantsOf(shape.schema, document).map((variant) => {
      const found = document.resolve(variant);
      return isRecord(found)
        ? openSchema(
            membersOf(found, document).filter(({ name }) => !omitted.has(name)),
            found,
            document,
          )
        : true;
    }),
  );
}

function membersOf(object: SchemaObject, document: SchemaDocument): readonly Member[] {
  return [...new Set(propertyNames(object, document))].flatMap((name) => {
    const property = propertyOf(object, name, document);
    return property === undefined ? [] : [{ name, schema: property.schema, optional: !property.required }];
  });
}

/** These members, and those that the contract allows beside the ones that it names. */
function openSchema(members: readonly Member[], like: SchemaObject, document: SchemaDocument): JsonSchema {
  const rest = othersOf(like, document);
  const made = objectSchema(members);
  return rest === undefined || !isRecord(made) ? made : { ...made, additionalProperties: rest };
}

/**
 * In an object literal a name keeps its first place when it is written a second time: whether it was meant to be replaced by the spread
 * cannot be told.
 * @throws {TypeError} where a name stands in front of a spread object that has it, too
 */
function checkSpread(parts: readonly (readonly [Shape, Expression])[], document: SchemaDocument): void {
  const before = new Set<string>();
  for (const [{ schema }, e] of parts) {
    if (e.kind === 'object') for (const [name] of e.members) before.add(name);
    if (e.kind !== 'omit') continue;
    const names = variantsOf(schema, document).flatMap((variant) => propertyNames(variant, document));
    const twice = names.find((name) => before.has(name));
    if (twice === undefined) continue;
    const spread = expressionText(e.of);
    throw new TypeError(
      `'${twice}' stands in front of all members of ${spread}, which has a member of that name: write it behind, or omit(${spread}, '${twice}')`,
    );
  }
}

/** Most kinds of an object that is merged of objects of several kinds. */
const maxKinds = 64;

/**
 * One object of the members of several.
 * @throws {TypeError} where one of them is no object, or where there are too many kinds
 */
function mergeSchema(parts: readonly (readonly [Shape, Expression])[], document: SchemaDocument): JsonSchema {
  let kinds: readonly SchemaObject[] = [{ type: 'object', properties: {}, additionalProperties: false }];
  for (const [shape, e] of parts) {
    const found = kindsOf(shape.schema, document);
    const isNull = found !== 'anything' && found.objects.length + found.lists.length === 0 && found.scalars !== 'some';
    if (isNull) continue;
    if (found === 'anything') return true;
    if (found.lists.length > 0 || found.scalars === 'some')
      throw new TypeError(
        `merge(...): the contract says that ${expressionText(e)} may be something else than an object`,
      );
    const adding = found.objects.filter((one) => !isEmpty(one, document));
    const mayAddNothing = adding.length < found.objects.length || shape.optional || mayBeNull(shape, document);
    if (adding.length === 0) continue;
    kinds = kinds.flatMap((before) => adding.map((one) => over(before, one, mayAddNothing, document)));
    if (kinds.length > maxKinds) throw new TypeError(`merge(...) makes an object of more than ${maxKinds} kinds`);
  }
  return union(kinds, document);
}

const isEmpty = (object: SchemaObject, document: SchemaDocument): boolean =>
  membersOf(object, document).length === 0 && object['additionalProperties'] === false;
const mayBeNull = ({ schema }: Shape, document: SchemaDocument): boolean => withoutNull(schema, document) !== schema;

function over(
  before: SchemaObject,
  added: SchemaObject,
  mayAddNothing: boolean,
  document: SchemaDocument,
): SchemaObject {
  const members = new Map(membersOf(before, document).map((member) => [member.name, member]));
  for (const { name, schema, optional } of membersOf(added, document)) {
    const known = members.get(name);
    const mayLack = optional || mayAddNothing;
    members.set(name, {
      name,
      schema: known === undefined || !mayLack ? schema : union([known.schema, schema], document),
      optional: mayLack && (known?.optional ?? true),
    });
  }
  const rests = [before, added].map((one) => othersOf(one, document)).filter((rest) => rest !== undefined);
  const made = objectSchema([...members.values()]);
  if (!isRecord(made)) throw new TypeError('merge(...) makes no object');
  return rests.length === 0 ? made : { ...made, additionalProperties: anyOf(rests) };
}

import ts from 'typescript';

/** A value of a response, as far as a view shows it member by member. */
export type Shape = ObjectShape | ListShape | ValueShape | NoShape;

export interface ObjectShape {
  readonly kind: 'object';
  /** It may be null or missing. */
  readonly isNil: boolean;
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ts.Type;
}

export interface ListShape {
  readonly kind: 'list';
  readonly isNil: boolean;
  readonly item: Shape;
}

/** A text, a number, and everything that is shown as a whole: a choice of several objects, a dictionary. */
export interface ValueShape {
  readonly kind: 'value';
  readonly isNil: boolean;
}

/** A response without a body, or one that is no JSON. */
export interface NoShape {
  readonly kind: 'nothing' | 'bytes';
  readonly isNil: false;
}

/** Objects in objects that are looked into: the response, its members, the items of its lists. */
const maxDepth = 4;

export function shapeOf(checker: ts.TypeChecker, type: ts.Type, depth = 0): Shape {
  if ((type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never)) !== 0)
    return { kind: 'nothing', isNil: false };
  const isNil = isNilable(checker, type);
  const some = isNil ? checker.getNonNullableType(type) : type;
  if (isBytes(some)) return { kind: 'bytes', isNil: false };
  if (depth >= maxDepth) return { kind: 'value', isNil };
  const item = itemOf(checker, some);
  if (item !== undefined) return { kind: 'list', isNil, item: shapeOf(checker, item, depth + 1) };
  const properties = propertiesOf(checker, some);
  if (properties === undefined) return { kind: 'value', isNil };
  const members = properties.map((property): Member => {
    const own = checker.getTypeOfSymbol(property);
    return { name: property.name, shape: shapeOf(checker, own, depth + 1), type: own };
  });
  return { kind: 'object', isNil, members };
}

/** True if null or undefined is among the values; `unknown` is a value. */
export function isNilable(checker: ts.TypeChecker, type: ts.Type): boolean {
  if ((type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0) return false;
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => (part.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)) !== 0);
}

/** The type of the items of a list. */
function itemOf(checker: ts.TypeChecker, type: ts.Type): ts.Type | undefined {
  if (!checker.isArrayType(type)) return undefined;
  return checker.getIndexTypeOfType(type, ts.IndexKind.Number);
}

/** The members of an object with a fixed set of them, which a view can name; undefined for everything else. */
function propertiesOf(checker: ts.TypeChecker, type: ts.Type): readonly ts.Symbol[] | undefined {
  const isObject = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
  if (!isObject || checker.isTupleType(type) || checker.getIndexInfosOfType(type).length > 0) return undefined;
  const properties = checker.getPropertiesOfType(type);
  // A member `then` looks like that of a promise, `__proto__` is none of an object literal.
  const isPlain = properties.every(({ name }) => name !== 'then' && name !== '__proto__');
  return properties.length > 0 && isPlain ? properties : undefined;
}

function isBytes(type: ts.Type): boolean {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => part.getSymbol()?.name === 'Uint8Array');
}

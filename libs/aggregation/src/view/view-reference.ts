import { table } from '@frontage/core';
import { errorBodyExpression } from './error-body.js';
import { below, outerItems } from './expression-branches.js';
import { expressionText } from './expression-reading.js';
import type { Expression } from './expressions.js';
import { isBuilding } from '../model/construction.js';
import { fieldPathText, type FieldPath, type LocalNode, type PlanNode } from '../model/nodes.js';
import { fieldPathOf, referTo } from '../model/references.js';
import { given } from '../model/schema.js';
import { makeStep } from '../plan/step-makers.js';

/**
 * References inside a view. Reading a member gives the reference to that member. Every use as a value is refused with the path of the
 * reference and what to write instead.
 */
const expressions = new WeakMap<object, Expression>();
/** The whole object behind picked members, for where they are not spread. It is not enumerable, so a spread leaves it behind. */
const picked = new WeakMap<object, Expression>();

const insteadOfMethod: Readonly<Record<string, (path: string) => string>> = table({
  map: (path) => `list(${path}, (item) => ...)`,
  flatMap: (path) => `flatten(list(${path}, (item) => ...))`,
  flat: (path) => `flatten(${path})`,
  concat: (path) => `concat(${path}, ...)`,
  reduce: (path) => `sum(${path}, 'field'), min(${path}, 'field') or max(${path}, 'field')`,
  filter: (path) => `where(${path}, ['field'], ({ field }) => ...) or where(${path}, (item) => equal(item.field, ...))`,
  find: (path) => `first(where(${path}, ['field'], ({ field }) => ...)), or at(indexBy(${path}, 'field'), key)`,
  slice: (path) => `take(${path}, count)`,
  sort: (path) => `sortBy(${path}, 'field')`,
  toSorted: (path) => `sortBy(${path}, 'field')`,
  at: (path) => `at(${path}, index)`,
});

function refuseCall(e: Expression): never {
  const path = expressionText(e);
  const method = e.kind === 'field' ? e.key : '';
  const owner = e.kind === 'field' ? expressionText(e.of) : path;
  // An `await` reads the member `then` and calls it; a response may have a member of that name.
  if (method === 'then') throw new TypeError(`${owner} is a reference, not a value: it needs no await`);
  const instead = insteadOfMethod[method]?.(owner) ?? `compute(schema, { value: ${owner} }, ({ value }) => ...)`;
  throw new TypeError(`${path}(...): references have no functions of their own: write ${instead}`);
}

/**
 * The reference to the value of an expression.
 * @typeParam R the phantom type that the combinator promises for the same proxy
 */
export function reference<R>(expression: Expression): R {
  const refuse = (instead: string): never => {
    throw new TypeError(`${expressionText(expression)} is a reference, not a value: ${instead}`);
  };
  const path = (): string => expressionText(expression);
  // A function, so that a call of a member by mistake (`items.filter(...)`) reaches `apply` and its message.
  const made: object = new Proxy(() => undefined, {
    get(_, key) {
      if (key === Symbol.toPrimitive)
        return () => refuse(`write text\`...\` for a text, compute(schema, { value: ${path()} }, ...) for the rest`);
      if (key === Symbol.iterator)
        return () =>
          refuse(`write list(${path()}, (item) => ...) for its items, pick(${path()}, 'field') for its members`);
      return typeof key === 'symbol' ? undefined : reference({ kind: 'field', of: expression, key });
    },
    has: (_, key) => refuse(`look for '${String(key)}' in test({ value: ${path()} }, ({ value }) => ...)`),
    ownKeys: () => refuse(`its members cannot be spread or listed: name them with pick(${path()}, 'field')`),
    set: () => refuse('nothing can be assigned to it'),
    apply: () => refuseCall(expression),
  });
  expressions.set(made, expression);
  // The proxy has every member of R; the compiler cannot see that.
  return made as R;
}

/** References to the named members, and the picked object as a whole. */
export function pickedMembers<R>(of: Expression, keys: readonly string[]): R {
  const members: object = Object.fromEntries(keys.map((key) => [key, reference<object>({ kind: 'field', of, key })]));
  picked.set(members, { kind: 'pick', of, keys });
  // The type of `of` decides whether R is the members or a reference to the whole; at run time it is both.
  return members as R;
}

/** The same of a value of the plan under construction. */
export const plannedMembers = <R>({ node, path }: FieldPath, keys: readonly string[]): R =>
  // As above; whether the object may be null is known to its call.
  Object.fromEntries(keys.map((key) => [key, referTo({ node, path: [...path, key] })])) as R;

/** The objects that stand for all members of another one, by the reference that a spread copies out of them. */
const spreads = new WeakMap<object, Expression>();
let spreadCount = 0;

/**
 * An object that gives the reference to each member that is read of it. A spread copies one member with a name that no contract has: its
 * value says which object is spread there, because the names of the members are known only to the contract.
 */
export function spreadable<R>(of: Expression): R {
  const whole = reference<object>(of);
  const target = { [`...${(spreadCount += 1)}`]: whole };
  const made = new Proxy(target, {
    get: (own, key) =>
      typeof key === 'symbol' || Object.hasOwn(own, key) ? Reflect.get(own, key) : Reflect.get(whole, key),
  });
  spreads.set(whole, of);
  picked.set(made, of);
  return made as R;
}

/** The values of a plan that an expression within the plan reads. */
const plannedFields = new WeakMap<Expression, FieldPath>();
const plannedValues = new WeakMap<PlanNode, Expression>();
/** Two calls of one operation have the same text. */
const nodesByText = new Map<string, PlanNode[]>();

/** A value of the plan under construction, which a step will bring. */
function plannedValue(field: FieldPath): Expression {
  const path = fieldPathText(field);
  const nodes = nodesByText.get(path) ?? [];
  nodesByText.set(path, nodes);
  if (!nodes.includes(field.node)) nodes.push(field.node);
  const at = nodes.indexOf(field.node);
  const value: Expression = { kind: 'input', name: at === 0 ? path : `${path} (${at + 1})`, schema: given() };
  plannedFields.set(value, field);
  return value;
}

/** The values of the plan that an expression reads, by the name that the expression has for them. */
export function plannedFieldsIn(e: Expression): ReadonlyMap<string, FieldPath> {
  const own = plannedFields.get(e);
  if (e.kind === 'input' && own !== undefined) return new Map([[e.name, own]]);
  return new Map(below(e).flatMap((one) => [...plannedFieldsIn(one)]));
}

/** True for a value that one call alone knows: it is of an item, of a chunk of keys, or of the result of a write. */
const isOfOneCall = ({ node }: FieldPath): boolean => node.kind === 'item' || node.kind === 'local';

/** The expression that a step of a plan computes, or that makes a value within a call; undefined for others. */
export const plannedValueOf = (node: PlanNode): Expression | undefined => plannedValues.get(node);

/**
 * The result of a combinator. Within a plan it is a step, whose value calls can take as an argument; its list is parsed, since the plan
 * computes with it.
 */
export function made<R>(combinator: (...args: never) => unknown, expression: Expression): R {
  const fields = isBuilding() ? plannedFieldsIn(expression) : new Map<string, FieldPath>();
  if (fields.size === 0 || outerItems(expression).size > 0) return reference(expression);
  if ([...fields.values()].some(isOfOneCall)) {
    const node: LocalNode = {
      kind: 'local',
      text: `${combinator.name}(...) of ${[...fields.values()].map(fieldPathText).join(', ')}`,
      of: fields,
    };
    plannedValues.set(node, expression);
    // As below.
    return referTo({ node, path: [] }) as R;
  }
  const deps = Object.fromEntries([...fields].map(([name, field]) => [name, referTo(field)]));
  const step: object = makeStep(combinator, undefined, deps, () => {
    throw new TypeError('a step of a combinator is compiled with its plan');
  });
  const node = fieldPathOf(step)?.node;
  if (node !== undefined) plannedValues.set(node, expression);
  // The combinator names the type of the same reference.
  return step as R;
}

/** Reads the result of a callback once, at start. */
export function toExpression(x: unknown): Expression {
  if (typeof x === 'function') {
    const expression = expressions.get(x);
    if (expression !== undefined) return expression;
    throw new TypeError('a function cannot stand in a view: write compute(schema, { ... }, (values) => ...)');
  }
  if (typeof x === 'boolean') {
    throw new TypeError(
      `a bare ${x} stands in the view: write fixed(${x}) if it is meant, test({ ... }, (values) => ...) if it was a comparison of references`,
    );
  }
  if (typeof x === 'bigint' || typeof x === 'symbol')
    throw new TypeError(`a ${typeof x} is not JSON: write it as a text or a number`);
  if (typeof x === 'number' && !Number.isFinite(x))
    throw new TypeError(
      `${x} is not JSON (RFC 8259 section 6): it comes from arithmetic with a reference, which compute(...) does with values`,
    );
  if (typeof x !== 'object' || x === null) return { kind: 'literal', value: x };
  const field = fieldPathOf(x);
  const errorBody = field && errorBodyExpression(field);
  if (errorBody !== undefined) return errorBody;
  if (field !== undefined && isBuilding()) return plannedValue(field);
  if (field !== undefined)
    throw new TypeError(
      `${fieldPathText(field)} is a reference of the plan: name it in what the plan returns, and take it from the callback of screen(...)`,
    );
  const whole = picked.get(x);
  if (whole !== undefined) return whole;
  if (Array.isArray(x)) return { kind: 'array', items: x.map(toExpression) };
  if (x instanceof Promise)
    throw new TypeError('the callback is async: a view is described once, at start, and nothing in it waits');
  if (x instanceof Date)
    throw new TypeError(
      'a Date stands in the view: it would be the time of the start; take the time as input, or make a text of it with compute(...)',
    );
  return objectExpression(x);
}

function objectExpression(x: object): Expression {
  const parts: Expression[] = [];
  let members: (readonly [name: string, value: Expression])[] = [];
  const endMembers = (): void => {
    if (members.length > 0) parts.push({ kind: 'object', members });
    members = [];
  };
  for (const [name, value] of Object.entries(x)) {
    if (name === '__proto__') throw new TypeError("a member of a response cannot be named '__proto__'");
    const spread = name.startsWith('...') && typeof value === 'function' ? spreads.get(value) : undefined;
    if (spread === undefined) members.push([name, toExpression(value)]);
    else {
      endMembers();
      parts.push(spread);
    }
  }
  if (parts.length === 0) return { kind: 'object', members };
  endMembers();
  return { kind: 'merge', parts, isSpread: true };
}

/** The named values for a function of `compute` or `test`. */
export function dependencies(
  of: Readonly<Record<string, unknown>>,
): readonly (readonly [name: string, value: Expression])[] {
  return Object.entries(of).map(([name, value]) => [name, toExpression(value)] as const);
}

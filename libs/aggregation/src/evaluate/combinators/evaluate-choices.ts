import { atOnce, heedRejection } from '@frontage/core';
import {
  ABSENT,
  found,
  isObject,
  isPart,
  ownMember,
  reject,
  type EvaluationScope,
  type Origin,
} from '../scope/evaluation-scope.js';
import type { Evaluate, ExpressionCompiler } from '../scope/expression-compiler.js';
import { absentPart } from '../../view/expression-reading.js';
import type {
  ByKindExpression,
  ComputeExpression,
  EnumExpression,
  Expression,
  TextExpression,
  WhenExpression,
} from '../../view/expressions.js';
import { contractViolation } from '../../schema/checks/contract-violation.js';
import { anythingPruner } from '../prune/prune.js';
import { acceptsNull, variantsOf } from '../../schema/schema-navigation.js';
import { typesIn } from '../../schema/schema-reading.js';

export type Checker = (value: unknown, scope: EvaluationScope) => void;

/**
 * Checks that a function of a screen gets the scalar types that its contract declares. A scalar of another type is a contract violation, so
 * no function has to expect it. Undefined where there is nothing to check.
 */
export function checkerOf(compiler: ExpressionCompiler, e: Expression): Checker | undefined {
  const { shapes } = compiler;
  const { schema, optional } = shapes.of(e);
  const origin = compiler.originOf(e);
  if (origin.part === undefined) return undefined;
  if (schema === true) return (value, scope) => void anythingPruner(value, scope, origin);
  const types = new Set<string>();
  for (const variant of variantsOf(schema, shapes.document)) {
    const found = shapes.document.resolve(variant);
    const named = typeof found === 'boolean' ? undefined : typesIn(found);
    if (named === undefined) return (value, scope) => void anythingPruner(value, scope, origin);
    for (const type of named) types.add(type === 'integer' ? 'number' : type);
  }
  const nullable = acceptsNull(schema, shapes.document);
  return (value, scope) => {
    if (value === undefined ? optional : value === null ? nullable : types.has(kindOf(value))) return;
    reject(scope, origin, `${found(value)}, where the contract says ${[...types].join(' or ')}`);
  };
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);

export function compileCompute(compiler: ExpressionCompiler, e: ComputeExpression): Evaluate {
  const dependencies = e.dependencies.map(([name, value]) => [name, compileDependency(compiler, value)] as const);
  return (scope) => {
    const seen: Record<string, unknown> = {};
    for (const [name, evaluate] of dependencies) seen[name] = evaluate(scope);
    try {
      // The types were checked where the screen was written; here it is one function of many.
      return atOnce(e.run(seen as never), 'a function of compute(...) or test(...)');
    } catch (bug) {
      heedRejection(bug);
      for (const [name, value] of e.dependencies) blame(compiler, value, seen[name], scope);
      throw bug;
    }
  };
}

/**
 * Checks a whole value against its contract, after a function threw on it.
 * @throws BadPayload where an upstream broke its contract: then the upstream has failed, and not the function
 */
function blame(compiler: ExpressionCompiler, e: Expression, seen: unknown, scope: EvaluationScope): void {
  const origin = compiler.originOf(e);
  const value = absentPart(e) === undefined ? seen : isPart(seen) && seen.ok ? seen.value : undefined;
  if (origin.part === undefined || value === undefined) return;
  const detail = contractViolation(value, compiler.shapes.of(e).schema, compiler.shapes.document);
  if (detail !== undefined) reject(scope, origin, detail);
}

/** A value, or a `Part` where it may be missing. */
function compileDependency(compiler: ExpressionCompiler, e: Expression): Evaluate {
  const evaluate = compiler.raw(e);
  const check = checkerOf(compiler, e);
  const sure: Evaluate =
    check === undefined
      ? evaluate
      : (scope) => {
          const value = evaluate(scope);
          if (value !== ABSENT) check(value, scope);
          return value;
        };
  if (absentPart(e) === undefined) return sure;
  const origin = compiler.originOf(e);
  return (scope) => {
    const value = sure(scope);
    return value === ABSENT ? { ok: false, status: statusOf(scope, origin) } : { ok: true, value };
  };
}

/** The status of a part that is missing. */
function statusOf(scope: EvaluationScope, origin: Origin): string {
  const inHand = origin.itemSlot === undefined ? undefined : scope.slots[origin.itemSlot];
  const part = inHand ?? (origin.part === undefined ? undefined : scope.values[origin.part]);
  return isPart(part) && !part.ok ? part.status : 'bad_payload';
}

export function compileText(compiler: ExpressionCompiler, e: TextExpression): Evaluate {
  const values = e.values.map((value) => ({ evaluate: compiler.raw(value), check: checkerOf(compiler, value) }));
  const { strings, isWhole } = e;
  return (scope) => {
    let made = strings[0] ?? '';
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]?.evaluate(scope);
      if (value === ABSENT) return ABSENT;
      if (isWhole === true && !isWritten(value)) return undefined;
      values[i]?.check?.(value, scope);
      made += String(value) + (strings[i + 1] ?? '');
    }
    return made;
  };
}

/** A value that stands in a text, or a list of such. A number that a double cannot hold is none. */
const isWritten = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isWritten) : value !== undefined && typeof value !== 'object';

export function compileWhen(compiler: ExpressionCompiler, e: WhenExpression): Evaluate {
  const condition = compiler.raw(e.condition);
  const consequent = compiler.kept(e.consequent);
  const alternate = compiler.kept(e.alternate);
  return (scope) => {
    const holds = condition(scope);
    if (holds === ABSENT) return ABSENT;
    return holds === true ? consequent(scope) : alternate(scope);
  };
}

export function compileEnum(compiler: ExpressionCompiler, e: EnumExpression): Evaluate {
  const of = compiler.raw(e.of);
  const origin = compiler.originOf(e.of);
  const [other] = e.other;
  const hasOther = e.other.length > 0;
  const { map } = e;
  return (scope) => {
    const value = of(scope);
    if (value === ABSENT) return ABSENT;
    if (typeof value === 'string') {
      const made = map.get(value);
      if (made !== undefined || map.has(value)) return made;
    }
    return hasOther ? other : reject(scope, origin, 'has a value that the contract does not declare');
  };
}

interface KindBody {
  readonly slot: number;
  readonly body: Evaluate;
}

export function compileByKind(compiler: ExpressionCompiler, e: ByKindExpression): Evaluate {
  const of = compiler.raw(e.of);
  const origin = compiler.originOf(e.of);
  const compiled = ({ item, body }: NonNullable<ByKindExpression['other']>): KindBody => ({
    slot: compiler.slotOf(item),
    body: compiler.kept(body),
  });
  const cases = new Map<unknown, KindBody>(e.cases.map((one) => [one.value, compiled(one)]));
  const other = e.other && compiled(e.other);
  return (scope) => {
    const value = of(scope);
    if (value === ABSENT || value === null || value === undefined) return value;
    const variant = isObject(value) ? (cases.get(ownMember(value, e.tag)) ?? other) : undefined;
    if (variant === undefined)
      return reject(scope, origin, `is none of the variants that the contract declares by '${e.tag}'`);
    scope.slots[variant.slot] = value;
    return variant.body(scope);
  };
}

import { ABSENT, found, reject, type EvaluationScope } from '../scope/evaluation-scope.js';
import type { DirectField, Evaluate, ExpressionCompiler, ObjectMember } from '../scope/expression-compiler.js';
import type { Expression } from '../../view/expressions.js';
import { anythingPruner } from '../prune/prune.js';

/**
 * Every object gets all members in one order, undefined ones too (JSON leaves them out), so that the engine keeps one shape for all. Most
 * members are fields of one object, which is looked up once.
 */
export function compileObject(compiler: ExpressionCompiler, members: readonly ObjectMember[]): Evaluate {
  const base = commonBase(members);
  if (base === undefined) return fromMembers(members);
  const evaluateBase = compiler.raw(base);
  const general = fromMembers(members);
  const names = members.map((member) => member.name);
  const direct = members.map((member) => (member.direct?.of === base ? member.direct : undefined));
  const keys = direct.map((field) => field?.key);
  const evaluates = members.map((member) => member.evaluate);
  const size = members.length;
  return (scope) => {
    const of = evaluateBase(scope);
    if (!isKeyed(of)) return general(scope);
    const made: Record<string, unknown> = {};
    for (let i = 0; i < size; i += 1) {
      const key = keys[i];
      let value: unknown;
      if (key === undefined) value = evaluates[i]?.(scope);
      else {
        value = of[key];
        if (value === undefined || typeof value === 'object') check(value, direct[i], scope);
      }
      if (value === ABSENT) return ABSENT;
      made[names[i] ?? ''] = value;
    }
    return made;
  };
}

/** A list passes: the members that the contract requires are not found in it. */
export const isKeyed = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null;

export function check(value: unknown, field: DirectField | undefined, scope: EvaluationScope): void {
  if (field === undefined || value === null) return;
  if (value === undefined) {
    if (field.required) reject(scope, field.origin, 'is missing, though the contract requires it');
  } else if (field.scalar) reject(scope, field.origin, `${found(value)}, where the contract says a scalar`);
  else anythingPruner(value, scope, field.origin);
}

function fromMembers(members: readonly ObjectMember[]): Evaluate {
  const names = members.map(({ name }) => name);
  const evaluates = members.map(({ evaluate }) => evaluate);
  const size = members.length;
  return (scope) => {
    const made: Record<string, unknown> = {};
    for (let i = 0; i < size; i += 1) {
      const value = evaluates[i]?.(scope);
      if (value === ABSENT) return ABSENT;
      made[names[i] ?? ''] = value;
    }
    return made;
  };
}

/** The object that most members are read from. */
export function commonBase(members: readonly ObjectMember[]): Expression | undefined {
  const counts = new Map<Expression, number>();
  for (const { direct } of members) if (direct !== undefined) counts.set(direct.of, (counts.get(direct.of) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0];
}

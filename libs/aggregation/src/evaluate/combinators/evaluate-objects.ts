import { compileFunction } from 'node:vm';
import { ABSENT, found, reject, type EvaluationScope } from '../scope/evaluation-scope.js';
import type { DirectField, Evaluate, ExpressionCompiler, ObjectMember } from '../scope/expression-compiler.js';
import type { Expression } from '../../view/expressions.js';
import { anythingPruner } from '../prune/prune.js';

/**
 * Every object gets all members in one order, undefined ones too (JSON leaves them out), so that the engine keeps one shape for all. Most
 * members are fields of one object, which is looked up once.
 */
export function compileObject(compiler: ExpressionCompiler, members: readonly ObjectMember[]): Evaluate {
  const general = makerOf(members.map(({ name, evaluate }) => ({ name, evaluate })));
  const base = commonBase(members);
  if (base === undefined) return general;
  const sources = members.map(({ name, evaluate, direct }) => ({
    name,
    evaluate,
    ...(direct?.of === base && { field: direct }),
  }));
  return makerOf(sources, { evaluate: compiler.raw(base), otherwise: general });
}

/** A member of the object that is made, and the place where its value comes from. */
interface MemberSource {
  readonly name: string;
  readonly evaluate: Evaluate;
  /** A field of the object that most members are read from. */
  readonly field?: DirectField;
}

/** The object that most members are read from, and what makes the members where there is none. */
interface BaseObject {
  readonly evaluate: Evaluate;
  readonly otherwise: Evaluate;
}

/**
 * A function of its own for each object of a view, because a loop over names reads and writes members about three times as slowly as code
 * that has them. The text has names of the screen and of its contracts alone, as JSON; no value of a request is ever part of it.
 */
function makerOf(members: readonly MemberSource[], base?: BaseObject): Evaluate {
  const known: unknown[] = [ABSENT, check, base?.evaluate, base?.otherwise];
  const parameters = ['ABSENT', 'check', 'base', 'otherwise'];
  const refer = (value: unknown): string => {
    known.push(value);
    return parameters[parameters.push(`p${parameters.length}`) - 1] ?? '';
  };
  const reads = members.map(({ evaluate, field }, i) =>
    field === undefined
      ? `const v${i} = ${refer(evaluate)}(scope); if (v${i} === ABSENT) return ABSENT;`
      : `const v${i} = of[${JSON.stringify(field.key)}]; if (v${i} === undefined || typeof v${i} === 'object') check(v${i}, ${refer(field)}, scope);`,
  );
  // A member `__proto__` is one only under a computed name.
  const made = members.map(({ name }, i) => `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: v${i}`);
  // A list passes as a base: the members that the contract requires are not found in it.
  const start =
    base === undefined
      ? ''
      : `const of = base(scope); if (typeof of !== 'object' || of === null) return otherwise(scope);`;
  const code = `return (scope) => { ${start} ${reads.join(' ')} return { ${made.join(', ')} }; };`;
  const make: unknown = Reflect.apply(compileFunction(code, parameters), undefined, known);
  if (!isEvaluate(make)) throw new Error('no function was made of an object');
  return make;
}

const isEvaluate = (x: unknown): x is Evaluate => typeof x === 'function';

function check(value: unknown, field: DirectField, scope: EvaluationScope): void {
  if (value === null) return;
  if (value === undefined) {
    if (field.required) reject(scope, field.origin, 'is missing, though the contract requires it');
  } else if (field.scalar) reject(scope, field.origin, `${found(value)}, where the contract says a scalar`);
  else anythingPruner(value, scope, field.origin);
}

/** The object that most members are read from. */
function commonBase(members: readonly ObjectMember[]): Expression | undefined {
  const counts = new Map<Expression, number>();
  for (const { direct } of members) if (direct !== undefined) counts.set(direct.of, (counts.get(direct.of) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0];
}

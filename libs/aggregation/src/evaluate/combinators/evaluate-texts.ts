import { ABSENT, isInherited, type EvaluationScope } from '../scope/evaluation-scope.js';
import type { ExpressionCompiler, ObjectMember } from '../scope/expression-compiler.js';
import { isolatesItems } from '../../view/expression-reading.js';
import type { EnumExpression, Expression, ListExpression } from '../../view/expressions.js';
import { compileItems, isNothing } from './evaluate-lists.js';
import { check, commonBase, isKeyed } from './evaluate-objects.js';

/** The value of an expression as JSON, undefined for no value, `ABSENT` where a part that it needs is missing. */
export type Write = (scope: EvaluationScope) => string | undefined | typeof ABSENT;

/**
 * Writes the value that may be sent: the same text as `JSON.stringify` of what `kept` gives. The objects and lists that a view makes are
 * written at once, since to make them only for `JSON.stringify` takes longer.
 */
export function compileWrite(compiler: ExpressionCompiler, e: Expression): Write {
  switch (e.kind) {
    case 'named':
      return compileWrite(compiler, e.of);
    case 'object':
      return e.members.some(([name]) => isIndex(name)) ? writeKept(compiler, e) : writeObject(compiler, e.members);
    case 'list':
      return isolatesItems(e.over) ? writeKept(compiler, e) : writeList(compiler, e);
    case 'enum':
      return writeEnum(compiler, e);
    default:
      return writeKept(compiler, e);
  }
}

/** JavaScript puts members with such names before all others. */
const isIndex = (name: string): boolean => /^(?:0|[1-9]\d*)$/.test(name);

function writeKept(compiler: ExpressionCompiler, e: Expression): Write {
  const evaluate = compiler.kept(e);
  return (scope) => {
    const value = evaluate(scope);
    return value === ABSENT ? ABSENT : textOf(value);
  };
}

/** Quotes, backslashes, control characters and halves of surrogate pairs. */
const needsEscape = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** As `JSON.stringify` writes it, which takes longer for a scalar. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`;
    case 'number':
      return Number.isFinite(value) ? `${value}` : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    default:
      return JSON.stringify(value);
  }
}

function writeObject(compiler: ExpressionCompiler, of: readonly (readonly [string, Expression])[]): Write {
  const members = of.map(([name, value]): ObjectMember => compiler.member(name, value));
  const firsts = of.map(([name]) => `{${JSON.stringify(name)}:`);
  const others = of.map(([name]) => `,${JSON.stringify(name)}:`);
  const base = commonBase(members);
  const evaluateBase = base && compiler.raw(base);
  const direct = members.map((member) =>
    base !== undefined && member.direct?.of === base ? member.direct : undefined,
  );
  const writes = of.map(([, value]) => compileWrite(compiler, value));
  const mapped = of.map(([, value]) => (base === undefined ? undefined : mappedField(value, base)));
  const size = of.length;
  return (scope) => {
    const found = evaluateBase?.(scope);
    const isFound = isKeyed(found);
    let text = '';
    for (let i = 0; i < size; i += 1) {
      const field = direct[i];
      const texts = mapped[i];
      let made: string | undefined | typeof ABSENT;
      if (texts !== undefined && isFound) made = texts.of.get(found[texts.key]) ?? writes[i]?.(scope);
      else if (field !== undefined && isFound) {
        const value = found[field.key];
        if (value === undefined || typeof value === 'object') check(value, field, scope);
        made = textOf(value);
      } else made = writes[i]?.(scope);
      if (made === ABSENT) return ABSENT;
      if (made !== undefined) text += ((text === '' ? firsts[i] : others[i]) ?? '') + made;
    }
    return text === '' ? '{}' : `${text}}`;
  };
}

/** A member that maps a field of the object that most members are read from: its texts by the value of that field. */
function mappedField(
  e: Expression,
  base: Expression,
): { readonly key: string; readonly of: ReadonlyMap<unknown, string> } | undefined {
  if (e.kind !== 'enum' || e.of.kind !== 'field' || e.of.of !== base || isInherited(e.of.key)) return undefined;
  const texts = [...e.map].flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[key, JSON.stringify(value)]],
  );
  return { key: e.of.key, of: new Map(texts) };
}

function writeList(compiler: ExpressionCompiler, e: ListExpression): Write {
  const items = compileItems(compiler, e.over);
  const itemSlot = compiler.slotOf(e.item);
  const indexSlot = compiler.slotOf(e.index);
  const body = compileWrite(compiler, e.body);
  const mayBeOmitted = compiler.shapes.of(e.body).optional;
  return (scope) => {
    const over = items(scope);
    if (isNothing(over)) return over === null ? 'null' : over;
    const { slots } = scope;
    let text = '';
    for (let i = 0; i < over.length; i += 1) {
      slots[itemSlot] = over[i];
      slots[indexSlot] = i;
      const made = body(scope);
      if (made === ABSENT) return ABSENT;
      if (made === undefined && mayBeOmitted) continue;
      text += (text === '' ? '[' : ',') + (made ?? 'null');
    }
    return text === '' ? '[]' : `${text}]`;
  };
}

function writeEnum(compiler: ExpressionCompiler, e: EnumExpression): Write {
  const evaluate = compiler.kept(e);
  const texts = new Map(
    [...e.map.values(), ...e.other].map((value) => [value, JSON.stringify(value) as string | undefined]),
  );
  return (scope) => {
    const value = evaluate(scope);
    return value === ABSENT ? ABSENT : texts.get(value);
  };
}

import { slotsOf } from '../../compile/compile-plan.js';
import { callOf } from '../../model/nodes.js';
import { ExpressionShapes } from '../../schema/expression-shapes.js';
import { acceptsNull } from '../../schema/schema-navigation.js';
import type { AnyPlan } from '../../plan/plan.js';
import { bodiesOf } from '../../view/expression-branches.js';
import { isolatesItems } from '../../view/expression-reading.js';
import type { Expression } from '../../view/expressions.js';
import type { Screen } from '../../view/screen.js';
import { classificationOf, classifiedBelow } from './classification.js';
import { sourcesOf, walkReads } from '../field-sources.js';
import { joinedClassification, joinedOrigin, type Origin, type OriginField } from './origin.js';
import { withoutPart, type Instead } from './origin-missing.js';
import { originText } from './origin-text.js';
import { planExpressions } from '../plan-reads.js';

/** The origins of all members of a response, in the order of the view. A member below one that is sent as a whole has none of its own. */
export function describeOrigins(screen: Screen<unknown>): readonly Origin[] {
  const found = new Map<string, Origin>();
  const finder = new OriginFinder(screen.plan);
  for (const origin of finder.of(screen.view, '')) {
    const known = found.get(origin.member);
    found.set(origin.member, known === undefined ? origin : joinedOrigin(known, origin));
  }
  return [...found.values()];
}

/** `key`: it only finds an entry of a list or a table. */
interface Read {
  readonly value: Expression;
  readonly use: 'sent' | 'computed' | 'key';
}

class OriginFinder {
  readonly #shapes: ExpressionShapes;
  readonly #plan: AnyPlan;

  constructor(plan: AnyPlan) {
    this.#plan = plan;
    this.#shapes = new ExpressionShapes(plan);
  }

  *of(e: Expression, member: string, instead?: Instead): Generator<Origin> {
    switch (e.kind) {
      case 'object':
        for (const [name, value] of e.members) yield* this.of(value, below(member, name), instead);
        return;
      case 'pick':
        for (const name of e.keys)
          yield* this.#leaf({ kind: 'field', of: e.of, key: name }, below(member, name), instead);
        return;
      case 'array':
        for (const [index, item] of e.items.entries()) yield* this.of(item, `${member}[${index}]`, instead);
        return;
      case 'merge':
        for (const part of e.parts) yield* this.of(part, member, instead);
        return;
      case 'list':
        yield this.#decided(e, e.over, member, standIn(e.over, member) ?? instead);
        yield* this.of(e.body, `${member}[]`, standIn(e.over, member) ?? instead);
        return;
      case 'within':
        yield* this.of(e.body, member, standIn(e.over, member) ?? instead);
        return;
      case 'byKind':
        for (const { body } of bodiesOf(e)) yield* this.of(body, member, instead);
        return;
      case 'when':
        for (const branch of [e.consequent, e.alternate])
          if (!isNothing(branch)) yield* this.of(branch, member, instead);
        yield this.#decided(e, e.condition, member, instead);
        return;
      case 'otherwise':
        yield* this.of(e.of, member, insteadOf(e.other, member));
        if (e.other.kind !== 'literal') yield* this.of(e.other, member, instead);
        return;
      case 'concat':
        for (const list of e.lists) yield* this.of(list, member, instead);
        return;
      case 'named':
      case 'take':
      case 'sort':
      case 'distinct':
      case 'where':
        yield* this.of(e.of, member, instead);
        if (e.kind !== 'named') yield this.#decided(e, e, member, instead);
        return;
      case 'filter':
        yield* this.of(e.over, member, instead);
        yield this.#decided(e, e.condition, member, instead);
        return;
      default:
        yield* this.#leaf(e, member, instead);
    }
  }

  /** A member that is one value: of a response, or computed. */
  *#leaf(e: Expression, member: string, instead: Instead | undefined): Generator<Origin> {
    const origin = this.#origin(e, e, member, instead);
    yield origin;
    if (origin.classification !== undefined || sourcesOf(e).length === 0) return;
    for (const { path, classification } of classifiedBelow(this.#shapes.of(e).schema, this.#shapes.document)) {
      const from = origin.from.map((one) => (one.use === undefined ? { ...one, field: extended(one.field, path) } : one));
      yield { ...origin, member: `${member}${path}`.replace(/^\./, ''), from, expression: `${origin.expression}${path}`, classification };
    } // prettier-ignore
  }

  /** A list, or a member with a condition: the values that decide which items or whether there is one. */
  #decided(e: Expression, by: Expression, member: string, instead: Instead | undefined): Origin {
    const { classification: _, ...origin } = this.#origin(e, by, member, instead);
    return origin;
  }

  #origin(e: Expression, by: Expression, member: string, instead: Instead | undefined): Origin {
    const read = [...this.#reads(by)];
    const { schema, optional } = this.#shapes.of(e);
    const isNull = acceptsNull(schema, this.#shapes.document) && schema !== true;
    const mayBe = [...(isNull ? (['null'] as const) : []), ...(optional ? (['absent'] as const) : [])];
    const classification = joinedClassification(
      read.flatMap(({ value, use }) =>
        use === 'sent' ? this.#own(value) : use === 'computed' ? this.#classified(value) : [],
      ),
    );
    const from = read.flatMap(({ value, use }) => this.#fields(value, use === 'sent'));
    return {
      member,
      expression: originText(e.kind === 'list' ? e.over : e),
      from: [...new Map(from.map((field) => [JSON.stringify(field), field])).values()],
      ...(mayBe.length > 0 && { mayBe }),
      without: Object.fromEntries(read.flatMap(({ value }) => withoutParts(value, instead))),
      ...(classification !== undefined && { classification }),
    };
  }

  /** The values of responses that an expression is made of; a step is followed to what it is made of. */
  *#reads(e: Expression, steps = 0): Generator<Read> {
    const found: Read[] = [];
    if (isPlain(e) && sourcesOf(e).length > 0) found.push({ value: e, use: 'sent' });
    walkReads(e, 'kept', (value, how) => {
      if (value !== e) found.push({ value, use: isPlain(e) ? (how === 'kept' ? 'sent' : 'key') : 'computed' });
    });
    for (const one of found) {
      const nodes = sourcesOf(one.value).map(({ node }) => node);
      const ofSteps = nodes.filter((node) => node.kind === 'step');
      if (ofSteps.length < nodes.length) yield one;
      // A step reads parts before it, and there are no more of them than slots.
      if (steps >= slotsOf(this.#plan).length) continue;
      for (const node of ofSteps)
        for (const read of planExpressions(node, this.#plan))
          for (const { value } of this.#reads(read, steps + 1)) yield { value, use: 'computed' };
    }
  }

  #fields(value: Expression, isSent: boolean): readonly OriginField[] {
    return sourcesOf(value).flatMap(({ part, node, path }) => {
      const operation = callOf(node)?.operation;
      if (operation === undefined) return [];
      const called = { part, upstream: operation.contract.upstream, operation: operation.id };
      return [{ ...called, field: path === '' ? '(whole)' : path, ...(!isSent && { use: 'computed' as const }) }];
    });
  }

  #own(value: Expression): readonly string[] {
    const own = classificationOf(value, this.#shapes);
    return own === undefined ? [] : [own];
  }

  /** A function gets all members of a value. */
  #classified(value: Expression): readonly string[] {
    const own = this.#own(value);
    if (own.length > 0) return own;
    const { schema } = this.#shapes.of(value);
    return classifiedBelow(schema, this.#shapes.document).map(({ classification }) => classification);
  }
}

function withoutParts(value: Expression, instead: Instead | undefined): readonly (readonly [string, string])[] {
  return sourcesOf(value).flatMap(({ part, node }) => {
    const call = callOf(node);
    return call === undefined ? [] : [[part, withoutPart(call, isolatesItems(value) ? 'items' : instead)] as const];
  });
}

/** Values of a response as they are, not made of them. */
const isPlain = (e: Expression): boolean => {
  switch (e.kind) {
    case 'part':
    case 'field':
    case 'item':
    case 'at':
    case 'omit':
    case 'flatten':
      return true;
    default:
      return false;
  }
};

const isNothing = (e: Expression): boolean => e.kind === 'literal' && e.value === undefined;

const insteadOf = (other: Expression, member: string): Instead =>
  other.kind !== 'literal'
    ? { member }
    : other.value === undefined
      ? { member, isAbsent: true }
      : { member, value: other.value };

/** A list or a value that has its own stand-in shows it in place of everything that is made of it. */
const standIn = (over: Expression, member: string): Instead | undefined =>
  over.kind === 'otherwise' ? insteadOf(over.other, member) : undefined;

const below = (member: string, name: string): string => (member === '' ? name : `${member}.${name}`);

/** `(whole)` and `.city` -> `city`; `ship` and `.city` -> `ship.city`. */
const extended = (field: string, path: string): string =>
  field === '(whole)' ? path.replace(/^\./, '') : `${field}${path}`;

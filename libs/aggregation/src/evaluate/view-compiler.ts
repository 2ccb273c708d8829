import {
  ABSENT,
  found,
  isInherited,
  isObject,
  open,
  ownMember,
  reject,
  type Origin,
} from './scope/evaluation-scope.js';
import { compileJoined, compileKeptJoined, compileOnce } from './combinators/evaluate-joined.js';
import { compileAt, compileCount, compileList, compileSort, compileTake } from './combinators/evaluate-lists.js';
import {
  compileByKind,
  compileCompute,
  compileEnum,
  compileText,
  compileWhen,
} from './combinators/evaluate-choices.js';
import { compileHeaders } from './combinators/evaluate-headers.js';
import { compileObject } from './combinators/evaluate-objects.js';
import { originOf } from './scope/evaluation-origin.js';
import { ExpressionShapes } from '../schema/expression-shapes.js';
import type { Expression, FieldExpression } from '../view/expressions.js';
import { mayBeMissing } from '../model/absence.js';
import type { AnyPlan } from '../plan/plan.js';
import type { Evaluate, ExpressionCompiler, ObjectMember } from './scope/expression-compiler.js';
import { anythingPruner, Pruners, scalarPruner } from './prune/prune.js';
import type { Pruner } from './prune/pruner.js';

/**
 * Makes functions of expressions, at start. `raw` gives the upstream's value, to be gone through or to be computed with; `kept` gives the
 * value that may be sent, pruned to the members that the contract declares.
 */
export class ViewCompiler implements ExpressionCompiler {
  readonly shapes: ExpressionShapes;
  readonly #pruners: Pruners;
  readonly #slots = new Map<Expression, number>();
  #slotCount = 0;

  /** @param beside another compiler of the same plan: what it knows of the contracts need not be found again */
  constructor(plan: AnyPlan, beside?: ViewCompiler) {
    this.shapes = beside?.shapes ?? new ExpressionShapes(plan);
    this.#pruners = beside === undefined ? new Pruners(this.shapes.document) : beside.#pruners;
  }

  get slotCount(): number {
    return this.#slotCount;
  }

  /** The slot of the value of an item, an index or a table during an evaluation. */
  slotOf(e: Expression): number {
    const known = this.#slots.get(e);
    if (known !== undefined) return known;
    // Two slots each: the value, and the part around it where there is one.
    const slot = this.#slotCount;
    this.#slotCount += 2;
    this.#slots.set(e, slot);
    return slot;
  }

  prunerOf(e: Expression): Pruner {
    return this.#pruners.of(this.shapes.of(e).schema);
  }

  kept(e: Expression): Evaluate {
    switch (e.kind) {
      case 'part':
      case 'input':
      case 'item':
      case 'field':
      case 'at':
      case 'take':
      case 'where':
      case 'filter':
      case 'distinct':
      case 'omit':
      case 'sort':
      case 'compute':
        return this.#pruned(e);
      case 'concat':
      case 'flatten':
      case 'merge':
        return compileKeptJoined(this, e) ?? this.raw(e);
      case 'otherwise':
        return otherwise(this.kept(e.of), this.kept(e.other));
      case 'named':
        return this.kept(e.of);
      default:
        return this.raw(e);
    }
  }

  raw(e: Expression): Evaluate {
    switch (e.kind) {
      case 'part': {
        const { position } = e;
        return mayBeMissing(e.node) ? (scope) => open(scope.values[position]) : (scope) => scope.values[position];
      }
      case 'input':
        return (scope) => scope.input[e.name];
      case 'item':
      case 'index': {
        const slot = this.slotOf(e);
        return (scope) => scope.slots[slot];
      }
      case 'literal': {
        const { value } = e;
        return () => value;
      }
      case 'headers':
        return compileHeaders(this, e);
      case 'field':
        return this.#field(e);
      case 'pick': {
        const base = this.raw(e.of);
        const build = compileObject(
          this,
          e.keys.map((key) => this.member(key, { kind: 'field', of: e.of, key })),
        );
        return (scope) => {
          const value = base(scope);
          return value === ABSENT || value === null || value === undefined ? value : build(scope);
        };
      }
      case 'object':
        return compileObject(
          this,
          e.members.map(([name, member]) => this.member(name, member)),
        );
      case 'array': {
        const items = e.items.map((item) => this.kept(item));
        return (scope) => {
          const values = items.map((item) => item(scope));
          return values.includes(ABSENT) ? ABSENT : values;
        };
      }
      case 'within': {
        const over = this.raw(e.over);
        const body = this.kept(e.body);
        const slot = this.slotOf(e.item);
        return (scope) => {
          const value = over(scope);
          if (value === ABSENT || value === null || value === undefined) return value;
          scope.slots[slot] = value;
          return body(scope);
        };
      }
      case 'list':
        return compileList(this, e);
      case 'otherwise':
        return otherwise(this.raw(e.of), this.raw(e.other));
      case 'named':
        return this.raw(e.of);
      case 'compute':
        return compileCompute(this, e);
      case 'text':
        return compileText(this, e);
      case 'when':
        return compileWhen(this, e);
      case 'enum':
        return compileEnum(this, e);
      case 'byKind':
        return compileByKind(this, e);
      case 'take':
        return compileTake(this, e);
      case 'sort':
        return compileOnce(this, e, compileSort(this, e));
      case 'count':
        return compileCount(this, e);
      case 'at':
        return compileAt(this, e);
      case 'equal':
      case 'omit':
      case 'merge':
        return compileJoined(this, e);
      default:
        return compileOnce(this, e, compileJoined(this, e));
    }
  }

  /** The origin of an expression's value. */
  originOf(e: Expression): Origin {
    return originOf(e, this);
  }

  member(name: string, value: Expression): ObjectMember {
    if (value.kind === 'field' && !isInherited(value.key)) {
      const pruner = this.prunerOf(value);
      if (pruner === anythingPruner || pruner === scalarPruner) {
        return {
          name,
          evaluate: this.kept(value),
          direct: {
            of: value.of,
            key: value.key,
            required: this.shapes.isRequired(value),
            scalar: pruner === scalarPruner,
            origin: this.originOf(value),
          },
        };
      }
    }
    return { name, evaluate: this.kept(value), direct: undefined };
  }

  #pruned(e: Expression): Evaluate {
    const evaluate = this.raw(e);
    const prune = this.prunerOf(e);
    const origin = this.originOf(e);
    return (scope) => {
      const value = evaluate(scope);
      return typeof value === 'object' && value !== null ? prune(value, scope, origin) : value;
    };
  }

  #field(e: FieldExpression): Evaluate {
    const base = this.raw(e.of);
    const { key } = e;
    const origin = this.originOf(e);
    const required = this.shapes.isRequired(e);
    const mayBeNil = this.shapes.mayBeNil(e.of);
    const careful = isInherited(key);
    return (scope) => {
      const of = base(scope);
      if (!isObject(of)) {
        if (of === ABSENT) return ABSENT;
        if (mayBeNil && (of === null || of === undefined)) return undefined;
        return reject(scope, origin, `${found(of)} above '${key}', where the contract says an object`);
      }
      const value = careful ? ownMember(of, key) : of[key];
      return value === undefined && required
        ? reject(scope, origin, 'is missing, though the contract requires it')
        : value;
    };
  }
}

const otherwise =
  (of: Evaluate, other: Evaluate): Evaluate =>
  (scope) => {
    const value = of(scope);
    return value === ABSENT || value === null || value === undefined ? other(scope) : value;
  };

import type { ExpressionShapes } from '../../schema/expression-shapes.js';
import type { Expression } from '../../view/expressions.js';
import type { EvaluationScope, Origin } from './evaluation-scope.js';

/** An expression as a function of the values of a request. Gives `ABSENT` where a part that it needs is missing. */
export type Evaluate = (scope: EvaluationScope) => unknown;

/** A member of an object that the view builds. */
export interface ObjectMember {
  readonly name: string;
  readonly evaluate: Evaluate;
  /** Present where the member is only a scalar field of another object. */
  readonly direct: DirectField | undefined;
}

export interface DirectField {
  readonly of: Expression;
  readonly key: string;
  readonly required: boolean;
  /** True if the contract declares a scalar. Otherwise it allows anything. */
  readonly scalar: boolean;
  readonly origin: Origin;
}

/** Makes a function of each expression below the current one. */
export interface ExpressionCompiler {
  readonly shapes: ExpressionShapes;
  /** The slot of the value of an item, an index or a table during an evaluation. */
  slotOf(e: Expression): number;
  /** The origin of an expression's value, for messages. */
  originOf(e: Expression): Origin;
  /** The upstream's value, to be gone through or to be computed with. */
  raw(e: Expression): Evaluate;
  /** The value that may be sent: pruned to the members that the contract declares. */
  kept(e: Expression): Evaluate;
  /** A member of an object that the view makes. */
  member(name: string, value: Expression): ObjectMember;
}

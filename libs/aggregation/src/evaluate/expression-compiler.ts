import type { ExpressionShapes } from '../schema/expression-shapes.js';
import type { Expression } from '../view/expressions.js';
import type { EvaluationScope, Origin } from './evaluation-scope.js';

/** An expression as a function of what a request brought. Gives `ABSENT` where a part that it needs is missing. */
export type Evaluate = (scope: EvaluationScope) => unknown;

/** What makes a function of each expression below the one in hand. */
export interface ExpressionCompiler {
  readonly shapes: ExpressionShapes;
  /** Where the value of an item, an index or a table stands during an evaluation. */
  slotOf(e: Expression): number;
  /** Where the value of an expression comes from, for messages. */
  originOf(e: Expression): Origin;
  /** What an upstream sent, to go through or to compute with. */
  raw(e: Expression): Evaluate;
  /** What may leave: pruned to what the contract declares. */
  kept(e: Expression): Evaluate;
}

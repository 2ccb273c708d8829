import type { EvaluationScope, Origin } from './evaluation-scope.js';

/**
 * Copies of a value what its schema declares: members that a contract does not declare never leave, in subtrees kept whole too. A scalar
 * of another type and null stay as they were sent; a list or an object where the contract says something else is rejected, since nothing
 * is declared of what it holds, and so is an object that lacks a member it must have.
 */
export type Pruner = (value: unknown, scope: EvaluationScope, origin: Origin) => unknown;

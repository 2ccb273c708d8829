import type { EvaluationScope, Origin } from '../scope/evaluation-scope.js';

/**
 * Copies the members of a value that its schema declares: undeclared members are never sent, in subtrees that are kept as a whole too. Null
 * and a scalar of another type stay unchanged. A list or an object in place of another type is rejected, because no schema declares its
 * members; so is an object without a required member.
 */
export type Pruner = (value: unknown, scope: EvaluationScope, origin: Origin) => unknown;

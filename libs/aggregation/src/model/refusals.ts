import { fieldPathOf, type Ref } from './references.js';
import { toArgument } from './arguments.js';
import { Refusal, type Argument, type Problem } from './nodes.js';
import type { Schema } from './schema.js';

declare const takes: unique symbol;

/** Makes refusals of one problem: called with values in a step, with references in `refuseOn`. */
export interface ProblemMaker<Code extends string, A extends readonly unknown[], M = never> extends Problem<Code> {
  (...args: { readonly [K in keyof A]: A[K] | Ref<A[K]> }): Refusal<Code>;
  /** In a step: a refusal with members, each validated by the schema of the problem. */
  with(members: M, ...args: A): Refusal<Code>;
  readonly [takes]?: A;
}

/** A problem whose text takes no values. */
export interface ReadyProblem<Code extends string = string> extends Problem<Code> {
  readonly [takes]?: readonly [];
}

/**
 * Declares a problem that this screen may end with.
 * @param status 400 to 599
 * @param code public, in lower case with underscores (`basket_unknown`); the prefix `gw_` is reserved
 * @param detail the text for the client; it is sent unchanged
 * @param members the schema of the members that a step gives the problem beside its text: `soldOut.with({ left: 3 })`
 * @throws {TypeError} when the status or the code cannot be used
 */
export function problem<const Code extends string, A extends readonly unknown[] = [], M = never>(
  status: number,
  code: Code,
  detail: string | ((...args: A) => string),
  members?: Schema<M>,
): ProblemMaker<Code, A, M> {
  if (!Number.isInteger(status) || status < 400 || status > 599)
    throw new TypeError(`problem(${status}, '${code}'): the status of a problem is a whole number from 400 to 599`);
  if (!/^[a-z][a-z0-9_]*$/.test(code) || code.startsWith('gw_'))
    throw new TypeError(
      `problem(${status}, '${code}'): write the code in lower case with underscores, not starting with gw_`,
    );
  // The values are those of the arguments below, in their order. The tuple type is lost and restored in this one line.
  const text = typeof detail === 'string' ? () => detail : (values: readonly unknown[]) => detail(...(values as A));
  const made: Problem<Code> = Object.freeze({ status, code, ...(members && { schema: members }) });
  const refusal = (args: readonly unknown[], given?: unknown): Refusal<Code> =>
    new Refusal(
      made,
      args.map((arg, index) => toText(arg, `argument ${index + 1} of ${code}`)),
      text,
      given,
    );
  // Frozen, because steps get it in every request.
  const maker = Object.assign(
    (...args: { readonly [K in keyof A]: A[K] | Ref<A[K]> }) => refusal(args),
    { with: (given: M, ...args: A) => refusal(args, given) },
    made,
  );
  return Object.freeze(maker);
}

/** @throws {TypeError} for an expression of a view, which would be a function where the text wants a value */
function toText(arg: unknown, where: string): Argument {
  if (fieldPathOf(arg) !== undefined || typeof arg === 'function') return toArgument(arg, where);
  return { kind: 'literal', value: arg };
}

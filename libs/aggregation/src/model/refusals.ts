import { fieldPathOf, type Ref } from './references.js';
import { toArgument } from './arguments.js';
import { Refusal, type Problem } from './nodes.js';

/** Makes refusals of one problem: called with values in a step, with references in `refuseOn`. */
export interface ProblemMaker<Code extends string, A extends readonly unknown[]> extends Problem<Code> {
  (...args: { readonly [K in keyof A]: A[K] | Ref<A[K]> }): Refusal<Code>;
}

/**
 * Declares a problem that this screen may end with.
 * @param status 400 to 599
 * @param code public, in lower case with underscores (`basket_unknown`); the prefix `gw_` is reserved
 * @param detail the text for the client; it is sent unchanged
 * @throws {TypeError} when the status or the code cannot be used
 */
export function problem<const Code extends string, A extends readonly unknown[] = []>(
  status: number,
  code: Code,
  detail: string | ((...args: A) => string),
): ProblemMaker<Code, A> {
  if (!Number.isInteger(status) || status < 400 || status > 599)
    throw new TypeError(`problem(${status}, '${code}'): the status of a problem is a whole number from 400 to 599`);
  if (!/^[a-z][a-z0-9_]*$/.test(code) || code.startsWith('gw_'))
    throw new TypeError(
      `problem(${status}, '${code}'): write the code in lower case with underscores, not starting with gw_`,
    );
  // The values are those of the arguments below, in their order. The tuple type is lost and restored in this one line.
  const text = typeof detail === 'string' ? () => detail : (values: readonly unknown[]) => detail(...(values as A));
  const made: Problem<Code> = Object.freeze({ status, code });
  // Frozen, because steps get it in every request.
  const maker = Object.assign(
    (...args: { readonly [K in keyof A]: A[K] | Ref<A[K]> }) =>
      new Refusal(
        made,
        args.map((arg: unknown, index) =>
          fieldPathOf(arg) === undefined
            ? ({ kind: 'literal', value: arg } as const)
            : toArgument(arg, `argument ${index + 1} of ${code}`),
        ),
        text,
      ),
    made,
  );
  return Object.freeze(maker);
}

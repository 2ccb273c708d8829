import type { CallArgs, Cancellation, Outcome } from '@frontage/core';
import type { RequestContext } from './request-context.js';

/** The input of one call of a plan besides its arguments. */
export interface CallScope {
  readonly context: RequestContext;
  /** Name of the part in the plan; empty outside a plan. */
  readonly part: string;
  /** Monotonic milliseconds after which the response is of no use: the deadline of the plan less its reserve. */
  readonly deadlineAt: number;
  /** Stops this call: the client left, or a required sibling failed. */
  readonly cancellation: Cancellation;
}

/** Performs one operation; bound at boot, called per request. Never rejects: a failure is an outcome, a rejection is a bug. */
export type Executor = (args: CallArgs, scope: CallScope) => Promise<Outcome<unknown>>;

/**
 * Reads the JSON body of a success without parsing it, and returns the value of the outcome. With `undefined` it declines, and the body is
 * parsed as usual. It accepts no body that parsing would refuse.
 */
export type BodyReader = (bytes: Buffer) => object | undefined;

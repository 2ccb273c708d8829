import type { Cancellation, Clock, MissingStatus, ResponseFields } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import type { Refusal } from '../model/nodes.js';
import type { PartHeaders } from '../model/node-traits.js';
import type { MissingItems, MissingPart } from '../model/parts-report.js';
import type { ProblemMembers, Refused } from './plan-result.js';

/** The value of a slot before its value has arrived. */
export const pending = Symbol('pending');

/** The asker of a call: the run for a part of its own, an `each` for an item. `at` is the asker's number for the call. */
export interface CallAsker {
  succeeded(at: number, value: unknown, headers?: ResponseFields): void;
  /** Only for optional calls. */
  failed(at: number, status: MissingStatus): void;
  /** Only for optional calls: the call failed, and one of its fallback sources gave a value. */
  fellBack(at: number, value: unknown, missing: MissingPart, headers?: ResponseFields): void;
  /** The condition of the call ruled it out, or a part that it reads was ruled out: the part is missing, which is no error. */
  ruledOut(at: number): void;
}

/** An upstream response that is not what its contract says. */
export interface ContractViolation {
  readonly slot: number;
  /** For the log: the field path, and how it differs from the contract. */
  readonly detail: string;
}

/** The state of one request in a plan, as its calls and steps see it. */
export interface RunState {
  /** By slot; `pending` until the value has arrived. */
  readonly values: unknown[];
  readonly input: unknown;
  readonly context: RequestContext;
  readonly clock: Clock;
  /** Monotonic milliseconds: the deadline of calls, without the reserve. */
  readonly deadlineAt: number;
  /** Stops the reads of this run alone; linked to the request's cancellation. */
  readonly cancellation: Cancellation;
  /** True if this request has its result. Values that arrive later are dropped. */
  isOver(): boolean;
  readonly headers: ReadonlyMap<number, PartHeaders> | undefined;
  succeeded(slot: number, value: unknown, headers?: PartHeaders): void;
  failed(slot: number, status: MissingStatus): void;
  ruledOut(slot: number): void;
  /**
   * A value that arrived violates its contract: a part that may be missing is missing from now on.
   * @returns whether the run goes on; without a required part it has ended
   */
  distrust(violation: ContractViolation): boolean;
  /** Notes for the report that a part, or some of its items, is missing. */
  note(slot: number, missing: MissingPart | MissingItems): void;
  /** @param values of the arguments of its text */
  refuseWith(refusal: Refusal, part: string | undefined, values: readonly unknown[], members?: ProblemMembers): void;
  /** Ends the request with a problem and stops the calls that are still running. */
  refuse(refused: Refused): void;
  /** Ends the run with a bug: an executor or a function of the plan threw. */
  readonly fail: (bug: unknown) => void;
}

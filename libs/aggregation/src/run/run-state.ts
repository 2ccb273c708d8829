import type { Cancellation, Clock, MissingStatus } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import type { Refusal } from '../model/nodes.js';
import type { MissingItems, MissingPart } from '../model/parts-report.js';
import type { Refused } from './plan-result.js';

/** Stands where a value has not arrived. */
export const pending = Symbol('pending');

/** Who asked for a call: the run for a part of its own, an `each` for an item. `at` is the asker's number for it. */
export interface CallAsker {
  succeeded(at: number, value: unknown): void;
  /** Only for optional calls. */
  failed(at: number, status: MissingStatus): void;
  /** Only for optional calls: the call failed, and something else brought a value in its place. */
  fellBack(at: number, value: unknown, missing: MissingPart): void;
  /** The condition of the call ruled it out, or what it refers to was ruled out: absent, and no error. */
  ruledOut(at: number): void;
}

/** The upstream answer that a function of the plan stumbled over. */
export interface ContractViolation {
  readonly slot: number;
  /** For the log: where it is not what the contract says. */
  readonly detail: string;
}

/** One request on its way through a plan, as its calls and steps see it. */
export interface RunState {
  /** By slot; `pending` where a value has not arrived. */
  readonly values: unknown[];
  readonly input: unknown;
  readonly context: RequestContext;
  readonly clock: Clock;
  /** Monotonic milliseconds: what calls may use, the reserve taken off. */
  readonly deadlineAt: number;
  /** Stops the reads of this run alone; linked to the request's. */
  readonly cancellation: Cancellation;
  /** Has this request its result? What arrives later is of no use. */
  isOver(): boolean;
  succeeded(slot: number, value: unknown): void;
  failed(slot: number, status: MissingStatus): void;
  ruledOut(slot: number): void;
  /**
   * A value that arrived has turned out not to be what its contract says: what may be missing is missing from now on.
   * @returns whether the run goes on; without a required part it has ended
   */
  distrust(violation: ContractViolation): boolean;
  /** Remembers for the report what is missing of a part. */
  note(slot: number, missing: MissingPart | MissingItems): void;
  refuseWith(refusal: Refusal, part: string | undefined, values: readonly unknown[]): void;
  /** Ends the request with a problem; what is under way for nothing is stopped. */
  refuse(refused: Refused): void;
  /** Ends the run with a bug: an executor or a function of the plan threw. */
  readonly fail: (bug: unknown) => void;
}

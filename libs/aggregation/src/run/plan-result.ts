import type { Failure } from '@frontage/core';
import type { PartsReport } from '../model/parts-report.js';

/** How the run of a plan ended. */
export type PlanResult = Answered | Refused | Cancelled;

/** Everything required is there. */
export interface Answered {
  readonly kind: 'answered';
  /**
   * One per part, in the order of `plan.parts`: the value; where `mayBeAbsent(part.node)`, a `Part` of it. An `each` over `optional`
   * calls without a fallback holds one `Part` per item.
   */
  readonly values: readonly unknown[];
  /** What is missing and why; undefined for a complete answer. */
  readonly report: PartsReport | undefined;
}

/** The request ends with a problem answer. */
export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  /** Of the table of error codes, or of a problem that the plan declares. */
  readonly code: string;
  /** For the client; only problems that the plan declares have one. */
  readonly detail?: string;
  /** The part that ended it. */
  readonly part?: string;
  readonly retryAfterMs?: number;
  /** For the log: what the upstream call failed with. */
  readonly failure?: Failure;
  /** For the client, with `GW_INDETERMINATE`: what became of the writes. */
  readonly writes?: WritesReport;
}

/** What became of the writes of a request that ended in a problem, by part name in the order in which they were sent. */
export interface WritesReport {
  /** Done, and not taken back. */
  readonly done: readonly string[];
  readonly undone: readonly string[];
  /** Sent, and nobody knows: no answer came, or one that does not say. */
  readonly unknown: readonly string[];
}

/** Nobody waits for the answer any longer. */
export interface Cancelled {
  readonly kind: 'cancelled';
}

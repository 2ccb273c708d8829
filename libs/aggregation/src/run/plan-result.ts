import { errorCodes, type Failure, type WritesReport } from '@frontage/core';
import type { PartsReport } from '../model/parts-report.js';

/** How the run of a plan ended. */
export type PlanResult = Finished | Refused | Cancelled;

/** Everything required is there. */
export interface Finished {
  readonly kind: 'finished';
  /**
   * One per part, in the order of `plan.parts`: the value; where `mayBeMissing(part.node)`, a `Part` of it. An `each` over `optional`
   * calls without a fallback holds one `Part` per item.
   */
  readonly values: readonly unknown[];
  /** What is missing and why; undefined for a complete answer. */
  readonly report: PartsReport | undefined;
  /** Of a plan that has sent writes: what is changed, should the answer not come about. */
  readonly writes?: WritesReport;
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
  /** For the client: what became of the writes of the plan. */
  readonly writes?: WritesReport;
}

/** Without a part that is needed, because what its upstream sent is not what the contract says. */
export function badPayloadOf(part: string, detail: string): Refused {
  const failure: Failure = { ok: false, status: 'bad_payload', code: 'GW_UPSTREAM_BAD_PAYLOAD', detail };
  return { kind: 'refused', status: 502, code: failure.code, part, failure };
}

/** Nobody waits for the answer any longer. */
export interface Cancelled {
  readonly kind: 'cancelled';
}

/** The problem of a request that has changed something, or may have. It has no `Retry-After`: the client must look first. */
export function indeterminate(writes: WritesReport, part: string | undefined, failure: Failure | undefined): Refused {
  const code = 'GW_INDETERMINATE';
  return {
    kind: 'refused',
    status: errorCodes[code].status,
    code,
    ...(part !== undefined && { part }),
    ...(failure !== undefined && { failure }),
    writes,
  };
}

/** For the log: a bug where a failure is told. */
export const failureOf = (bug: unknown): Failure => ({
  ok: false,
  status: 'error',
  code: 'GW_INTERNAL',
  detail: textOf(bug),
});

/** Anything can be thrown: what has no text, or throws when it is asked for it, too. */
function textOf(bug: unknown): string {
  try {
    return bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
  } catch {
    return 'something was thrown that has no text';
  }
}

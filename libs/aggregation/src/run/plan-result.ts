import { atOnce, fail, problemOf, type ErrorCode, type Failure, type Problem, type WritesReport } from '@frontage/core';
import type { Refusal } from '../model/nodes.js';
import type { PartHeaders } from '../model/node-traits.js';
import type { PartsReport } from '../model/parts-report.js';

/** The end of the run of a plan. */
export type PlanResult = Finished | Refused | Cancelled;

/** Every required part is present. */
export interface Finished {
  readonly kind: 'finished';
  /**
   * One per part, in the order of `plan.parts`: the value, or a `Part` of it where `mayBeMissing(part.node)`. An `each` over `optional`
   * calls without a fallback holds one `Part` per item.
   */
  readonly values: readonly unknown[];
  /** The declared headers of the responses, by index of the part; undefined where no contract declares any. */
  readonly headers?: ReadonlyMap<number, PartHeaders> | undefined;
  /** The missing parts and the reasons; undefined for a complete response. */
  readonly report: PartsReport | undefined;
  /** For a plan that has sent writes: their state, in case that the view cannot be rendered. */
  readonly writes?: WritesReport;
}

/** The request ends with a problem. */
export interface Refused extends Problem {
  readonly kind: 'refused';
  /** For the log: the failure of the upstream call. */
  readonly failure?: Failure;
}

export type ProblemMembers = NonNullable<Problem['members']>;

/** The refusal of a code of the table. */
export const refused = (code: ErrorCode, rest: Omit<Refused, 'kind' | 'status' | 'code'> = {}): Refused => ({
  kind: 'refused',
  ...problemOf(code, rest),
});

/** The end of a request with a problem that the plan declares. */
export function refusedWith(
  { problem: { status, code }, detail }: Refusal,
  part: string | undefined,
  values: readonly unknown[],
  members: ProblemMembers | undefined,
): Refused {
  return {
    kind: 'refused',
    status,
    code,
    detail: atOnce(detail(values), `the detail of ${code}`),
    ...(part !== undefined && { part }),
    ...(members && { members }),
  };
}

/** A response that violates the contract. */
export const violationOf = (detail: string): Failure => fail('GW_UPSTREAM_BAD_PAYLOAD', { detail });

/** A required part is missing, because its upstream's response violates the contract. */
export function badPayloadOf(part: string, detail: string): Refused {
  const failure = violationOf(detail);
  return refused(failure.code, { part, failure });
}

/** The client has left. */
export interface Cancelled {
  readonly kind: 'cancelled';
}

/** The problem of a request that has changed something, or may have. It has no `Retry-After`: the client must look first. */
export function indeterminate(writes: WritesReport, part: string | undefined, failure: Failure | undefined): Refused {
  return refused('GW_INDETERMINATE', {
    ...(part !== undefined && { part }),
    ...(failure !== undefined && { failure }),
    writes,
  });
}

/** A bug as a failure, for the log. */
export const failureOf = (bug: unknown): Failure => fail('GW_INTERNAL', { detail: textOf(bug) });

/** Any value can be thrown, also one without a text or one that throws when it is converted to a text. */
function textOf(bug: unknown): string {
  try {
    return bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
  } catch {
    return 'something was thrown that has no text';
  }
}

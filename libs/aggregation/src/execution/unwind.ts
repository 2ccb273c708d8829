import { errorCodes, isIndeterminate, nothingSent, type WritesReport } from '@frontage/core';
import type { CompiledGraph } from '../run/compiled.js';
import { failureOf, indeterminate, type Cancelled, type PlanResult, type Refused } from '../run/plan-result.js';
import type { WriteLog } from './write-log.js';

type Ending = Refused | Cancelled | { readonly kind: 'bug'; readonly bug: unknown };

/**
 * Ends a request that fails and has writes: takes back the writes that succeeded, and reports the state of each write. A half-done change
 * is always reported, and a change of unknown state is never reported as one that was not sent. When a client leaves after the last write
 * was sent and all writes succeed, they stay: the client has what it asked for.
 */
export async function unwind(
  writes: WriteLog,
  { unwinds }: Pick<CompiledGraph, 'unwinds'>,
  ending: Ending,
): Promise<PlanResult> {
  if (unwinds) {
    // The state of all writes is known only when the last sent one has ended, too.
    await writes.settled();
    if (!(ending.kind === 'cancelled' && writes.allDone())) await writes.takeBack();
  }
  if (ending.kind === 'cancelled') return ending;
  const report = writes.report();
  if (isIndeterminate(report)) {
    return ending.kind === 'bug'
      ? indeterminate(report, undefined, failureOf(ending.bug))
      : indeterminate(report, ending.part, ending.failure);
  }
  if (ending.kind === 'bug') throw ending.bug;
  return told(ending, report);
}

/** A problem after which nothing is changed. */
function told(refused: Refused, report: WritesReport): Refused {
  if (!Object.hasOwn(errorCodes, refused.code)) {
    // A declared problem keeps its meaning: where nothing was sent, the report adds nothing.
    return nothingSent(report) ? refused : { ...refused, writes: report };
  }
  const { retryAfterMs = passing.has(refused.code) && nothingSent(report) ? retrySoonMs : undefined } = refused;
  return { ...refused, writes: report, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** The delay before a change that was not sent may be sent again, where the upstream has not stated one. Milliseconds. */
const retrySoonMs = 1_000;

/** Codes of failures that may be over a moment later. */
const passing: ReadonlySet<string> = new Set([
  'GW_UPSTREAM_FAILED',
  'GW_UPSTREAM_OPEN_CIRCUIT',
  'GW_UPSTREAM_TIMEOUT',
  'GW_DEADLINE_EXCEEDED',
  'GW_OVERLOADED',
]);

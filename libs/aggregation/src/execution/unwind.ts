import { errorCodes, isIndeterminate, nothingSent, type WritesReport } from '@frontage/core';
import type { CompiledGraph } from '../run/compiled.js';
import { failureOf, indeterminate, type Cancelled, type PlanResult, type Refused } from '../run/plan-result.js';
import type { WriteLog } from './write-log.js';

type Ending = Refused | Cancelled | { readonly kind: 'bug'; readonly bug: unknown };

/**
 * Ends a request that does not come to its answer and has writes: takes back what was done, and says of each write what became of it.
 * Nothing is ever half done in silence, and a change whose fate is unknown never looks like one that was not sent. A client that leaves
 * after the last write was sent has what it asked for, if that is done: then it stays.
 */
export async function unwind(
  writes: WriteLog,
  { writes: planned, unwinds }: Pick<CompiledGraph, 'writes' | 'unwinds'>,
  ending: Ending,
): Promise<PlanResult> {
  if (unwinds) {
    // Whether all was done is known only when the last one that was sent has ended, too.
    await writes.settled();
    if (!(ending.kind === 'cancelled' && writes.allDone(planned.length))) await writes.takeBack();
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
    // A problem that the plan declares says what it means to say, and nothing more where nothing was sent.
    return nothingSent(report) ? refused : { ...refused, writes: report };
  }
  const { retryAfterMs = passing.has(refused.code) && nothingSent(report) ? retrySoonMs : undefined } = refused;
  return { ...refused, writes: report, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** When a change that was not sent may be sent again, where the upstream has not said so. */
const retrySoonMs = 1_000;

/** What may be otherwise a moment later. */
const passing: ReadonlySet<string> = new Set([
  'GW_UPSTREAM_FAILED',
  'GW_UPSTREAM_OPEN_CIRCUIT',
  'GW_UPSTREAM_TIMEOUT',
  'GW_DEADLINE_EXCEEDED',
  'GW_OVERLOADED',
]);

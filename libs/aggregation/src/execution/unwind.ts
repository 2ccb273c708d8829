import { errorCodes, type Failure } from '@frontage/core';
import type { Cancelled, PlanResult, Refused } from '../run/plan-result.js';
import type { CompiledGraph } from '../run/compiled.js';
import type { WriteLog } from './write-log.js';

type Ending = Refused | Cancelled | { readonly kind: 'bug'; readonly bug: unknown };

/**
 * Ends a request that has sent writes and does not come to its answer: takes back what was done, and says what stays done or is unknown.
 * Nothing is ever half done in silence. A client that leaves after the last write was sent has what it asked for, if that is done:
 * then it stays.
 */
export async function unwind(
  writes: WriteLog,
  { writeCount, unwinds }: Pick<CompiledGraph, 'writeCount' | 'unwinds'>,
  ending: Ending,
): Promise<PlanResult> {
  if (unwinds) {
    // Whether all was done is known only when the last one that was sent has ended, too.
    await writes.settled();
    if (!(ending.kind === 'cancelled' && writes.allDone(writeCount))) await writes.takeBack();
  }
  if (ending.kind === 'cancelled') return ending;
  const report = writes.report();
  const { done, unknown } = report;
  const isClean = done.length === 0 && unknown.length === 0;
  // A lone write that failed says so by itself: its problem names it.
  const isItself = !unwinds && ending.kind === 'refused' && done.length === 0 && unknown[0] === ending.part;
  if (isClean || isItself) {
    if (ending.kind === 'bug') throw ending.bug;
    return ending;
  }
  const code = 'GW_INDETERMINATE';
  const { status } = errorCodes[code];
  if (ending.kind === 'bug') return { kind: 'refused', status, code, failure: failureOf(ending.bug), writes: report };
  const { part, failure } = ending;
  return {
    kind: 'refused',
    status,
    code,
    ...(part !== undefined && { part }),
    ...(failure !== undefined && { failure }),
    writes: report,
  };
}

const failureOf = (bug: unknown): Failure => ({
  ok: false,
  status: 'error',
  code: 'GW_INTERNAL',
  detail: bug instanceof Error ? (bug.stack ?? bug.message) : String(bug),
});

import type { Outcome } from '@frontage/core';
import { isCancellation } from '../failures/failures.js';
import type { StatusRule } from '../policy/status-rule.js';
import type { UpstreamRequest } from './upstream-request.js';

/**
 * Outcome classification of one attempt, for the health of the upstream. Good: it responded, also with a 4xx, which is our mistake. Bad: it refused,
 * reset, hung, failed (5xx) or did not speak HTTP. None: we stopped it, never sent it, or refused a complete response by a rule of ours
 * (a number that a double would change, a contract violation, `maxBody`, a status that is not declared): one record that
 * cannot be read must not block all others.
 * @param isFailure in place of 5xx and 408
 */
export function classifyOutcome(
  outcome: Outcome<unknown>,
  request: UpstreamRequest,
  isFailure: StatusRule = isUsualFailure,
): 'good' | 'bad' | 'nothing' {
  if (outcome.ok) return 'good';
  const { status, upstreamStatus } = outcome;
  // Our own body could not be read.
  if (outcome.code === 'GW_INVALID_INPUT') return 'nothing';
  if (status === 'bad_payload' && (upstreamStatus ?? 0) < 500) return 'nothing';
  if (upstreamStatus !== undefined) return isFailure(upstreamStatus) ? 'bad' : 'good';
  if (status === 'error') return 'bad';
  if (status !== 'timeout' || isCancellation(request.stopReason)) return 'nothing';
  // A plan that had next to no time left says nothing about the upstream either.
  const givenMs = request.deadlineAt - request.startedAt;
  return givenMs * 2 >= request.timeoutAt - request.startedAt ? 'bad' : 'nothing';
}

const isUsualFailure: StatusRule = (status) => status >= 500 || status === 408;

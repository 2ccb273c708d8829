import type { RetryBackoff, RetryBudget } from '@frontage/breaker';
import type { Clock, Failure, Outcome } from '@frontage/core';
import type { RetryRule } from '../policy/retry-rule.js';
import type { Gate, Next, UpstreamRequest } from '../request/upstream-request.js';

export interface RetryPolicy {
  /** Including the first. */
  readonly attempts: number;
  readonly rule: RetryRule;
  /** Shared by all operations of the upstream. */
  readonly budget: RetryBudget;
  readonly backoff: RetryBackoff;
}

/**
 * Tries again what may be sent twice and failed for a reason that may pass, as long as time and the budget allow (RELIABILITY F13).
 * @param again the rest of the stack
 */
export function retry(policy: RetryPolicy, clock: Clock, again: Next): Gate {
  const { budget } = policy;
  const isWanted = (request: UpstreamRequest, outcome: Outcome<unknown>): outcome is Failure =>
    !outcome.ok &&
    request.attempt < policy.attempts &&
    isPassing(outcome, policy.rule) &&
    mayRepeat(request) &&
    request.stopReason === undefined &&
    !request.abandoned;
  const tryAgain = (request: UpstreamRequest, failure: Failure): Promise<Outcome<unknown>> | undefined => {
    const waitMs = Math.max(policy.backoff.delayMs(request.attempt), failure.retryAfterMs ?? 0);
    if (clock.now() + waitMs >= request.deadlineAt || !budget.tryRetry()) return undefined;
    return attemptAfter(failure, request, waitMs).finally(() => budget.endRetry());
  };
  // The circuit may have opened, or no place be free: that says nothing of the attempt before, which the upstream may have seen.
  const attemptAfter = async (before: Failure, request: UpstreamRequest, waitMs: number): Promise<Outcome<unknown>> => {
    request.avoided = request.address;
    await pause(clock, request, waitMs);
    if (request.stopReason !== undefined) return request.stopFailure;
    const outcome = await again(request);
    const last = isWanted(request, outcome) ? await (tryAgain(request, outcome) ?? outcome) : outcome;
    return !last.ok && last.unsent && request.reached ? before : last;
  };
  return {
    enter() {
      budget.recordCall();
      return undefined;
    },
    leave(request, outcome) {
      const more = isWanted(request, outcome) ? tryAgain(request, outcome) : undefined;
      if (more === undefined) {
        budget.endCall();
        return undefined;
      }
      return more.finally(() => budget.endCall());
    },
    abandon: () => budget.endCall(),
  };
}

function mayRepeat(request: UpstreamRequest): boolean {
  const { isIdempotent, idempotencyKey } = request.operation;
  // The body was consumed by the first attempt.
  if (!request.isReplayable) return false;
  return isIdempotent || (idempotencyKey !== undefined && request.args.header?.[idempotencyKey] !== undefined);
}

/** A response that says "not now", or no response at all. An unreadable body or a shed call would only happen again. */
function isPassing({ status, code, upstreamStatus, unsent }: Failure, rule: RetryRule): boolean {
  if (upstreamStatus !== undefined) return status !== 'bad_payload' && rule.status(upstreamStatus);
  if (status !== 'error' || code !== 'GW_UPSTREAM_FAILED') return false;
  return unsent === true ? rule.connect : rule.reset;
}

function pause(clock: Clock, request: UpstreamRequest, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => {
      request.waitFor(undefined);
      resolve();
    }, waitMs);
    request.waitFor({
      stop() {
        clock.clearTimer(timer);
        resolve();
      },
    });
  });
}

import type { RetryBackoff, RetryBudget } from '@frontage/breaker';
import type { Clock, Failure, Outcome } from '@frontage/core';
import type { Gate, Next, UpstreamRequest } from '../request/upstream-request.js';

export interface RetryPolicy {
  /** Including the first. */
  readonly attempts: number;
  /** Shared by all operations of the upstream. */
  readonly budget: RetryBudget;
  readonly backoff: RetryBackoff;
}

/**
 * Tries again what may be sent twice and failed for a reason that may pass, as long as time and the budget allow (RELIABILITY F13).
 * @param again the rest of the stack
 */
export function retry(policy: RetryPolicy, clock: Clock, again: Next): Gate {
  const isWanted = (request: UpstreamRequest, outcome: Outcome<unknown>): outcome is Failure =>
    !outcome.ok &&
    request.attempt < policy.attempts &&
    isPassing(outcome) &&
    mayRepeat(request) &&
    request.stopReason === undefined &&
    !request.abandoned;
  const tryAgain = (request: UpstreamRequest, failure: Failure): Promise<Outcome<unknown>> | undefined => {
    const waitMs = Math.max(policy.backoff.delayMs(request.attempt), failure.retryAfterMs ?? 0);
    if (clock.now() + waitMs >= request.deadlineAt || !policy.budget.tryRetry()) return undefined;
    return pause(clock, request, waitMs).then(() =>
      request.stopReason === undefined ? attemptAfter(failure, request) : request.stopFailure,
    );
  };
  // The circuit may have opened, or no place be free: that says nothing of the attempt before, which the upstream may have seen.
  const attemptAfter = async (before: Failure, request: UpstreamRequest): Promise<Outcome<unknown>> => {
    const outcome = await again(request);
    const last = isWanted(request, outcome) ? await (tryAgain(request, outcome) ?? outcome) : outcome;
    return !last.ok && last.unsent && request.reached ? before : last;
  };
  return {
    enter() {
      policy.budget.recordCall();
      return undefined;
    },
    leave: (request, outcome) => (isWanted(request, outcome) ? tryAgain(request, outcome) : undefined),
    abandon() {},
  };
}

function mayRepeat(request: UpstreamRequest): boolean {
  const { isIdempotent, idempotencyKey } = request.operation;
  // The body was consumed by the first attempt.
  if (!request.isReplayable) return false;
  return isIdempotent || (idempotencyKey !== undefined && request.args.header?.[idempotencyKey] !== undefined);
}

/** No response at all, or one that says "not now". A 4xx, an unreadable body or a shed call would only happen again. */
function isPassing(failure: Failure): boolean {
  if (failure.status !== 'error') return false;
  const { upstreamStatus } = failure;
  return (
    failure.code === 'GW_UPSTREAM_FAILED' &&
    (upstreamStatus === undefined || (upstreamStatus >= 500 && upstreamStatus !== 501))
  );
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

import type { CancelReason, Clock, Outcome } from '@frontage/core';
import { stoppedBy, tooLateToSend, unsentFailure } from '../failures/failures.js';
import type { DeadlineWatch } from '../request/deadline-watch.js';
import type { Gate, Next, Stage, UpstreamRequest } from '../request/upstream-request.js';

/**
 * The one deadline and the one listener of a call: everything below asks `request.stopReason` and is told through `request.waitFor`.
 * A read is aborted when its time is up or no caller waits for it any longer.
 */
export function deadline(watch: DeadlineWatch): Gate {
  const leave = (request: UpstreamRequest): undefined => {
    watch.remove(request);
    request.cancellation.offCancel(request);
  };
  return {
    enter(request) {
      const { cancellation } = request;
      if (cancellation.reason !== undefined) return unsentFailure(stoppedBy(cancellation.reason));
      if (!(request.deadlineAt > request.startedAt)) return tooLateToSend;
      watch.add(request, request.startedAt);
      cancellation.onCancel(request);
      return undefined;
    },
    leave,
    abandon: leave,
  };
}

/**
 * For operations that change something: once sent they are not aborted, because then their outcome would be unknown. The caller
 * still gets a result in time; the call runs on to its own timeout, and its outcome is recorded.
 */
export function deadlineOfWrite(clock: Clock): Stage {
  return (next) => (request) => {
    const { cancellation, startedAt } = request;
    if (cancellation.reason !== undefined) return Promise.resolve(unsentFailure(stoppedBy(cancellation.reason)));
    if (!(request.deadlineAt > startedAt)) return Promise.resolve(tooLateToSend);
    return new Promise((resolve, reject) => {
      const leave = (reason: CancelReason): void => {
        if (!request.sent) {
          request.stop(reason);
          return;
        }
        request.abandoned = true;
        resolve(stoppedBy(reason));
      };
      const own = clock.setTimer(() => request.stop('own_timeout'), Math.ceil(request.timeoutAt - startedAt));
      const plans =
        request.deadlineAt < request.timeoutAt
          ? clock.setTimer(() => leave('deadline'), Math.ceil(request.deadlineAt - startedAt))
          : undefined;
      cancellation.onCancel(leave);
      finish(next, request, () => {
        clock.clearTimer(own);
        if (plans !== undefined) clock.clearTimer(plans);
        cancellation.offCancel(leave);
      }).then(resolve, reject);
    });
  };
}

function finish(next: Next, request: UpstreamRequest, end: () => void): Promise<Outcome<unknown>> {
  return next(request).then(
    (outcome) => {
      end();
      return outcome;
    },
    (bug: unknown) => {
      end();
      throw bug;
    },
  );
}

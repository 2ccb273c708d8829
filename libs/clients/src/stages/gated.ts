import type { Outcome } from '@frontage/core';
import type { Gate, Next, UpstreamRequest } from '../request/upstream-request.js';

/** Gates in a row, and the rest of the stack behind them: in through all of them, out again in reverse order, with one promise for all. */
export function gated(gates: readonly Gate[], next: Next): Next {
  if (gates.length === 0) return next;
  const last = gates.length - 1;

  const enterFrom = (start: number, request: UpstreamRequest): Promise<Outcome<unknown>> => {
    let at = start;
    try {
      for (; at <= last; at++) {
        const entered = gates[at]?.enter(request);
        if (entered === undefined) continue;
        if (entered instanceof Promise) return waitAt(at, request, entered);
        return Promise.resolve(leaveFrom(at - 1, request, entered));
      }
      return next(request).then(
        (outcome) => leaveFrom(last, request, outcome),
        (bug: unknown) => abandonFrom(last, request, bug),
      );
    } catch (bug) {
      return abandonFrom(at - 1, request, bug);
    }
  };

  const waitAt = (
    at: number,
    request: UpstreamRequest,
    entering: Promise<Outcome<unknown> | undefined>,
  ): Promise<Outcome<unknown>> =>
    entering.then(
      (refused) => (refused === undefined ? enterFrom(at + 1, request) : leaveFrom(at - 1, request, refused)),
      (bug: unknown) => abandonFrom(at - 1, request, bug),
    );

  const leaveFrom = (
    start: number,
    request: UpstreamRequest,
    outcome: Outcome<unknown>,
  ): Outcome<unknown> | Promise<Outcome<unknown>> => {
    for (let at = start; at >= 0; at--) {
      const others = gates[at]?.leave(request, outcome);
      if (others === undefined) continue;
      return others.then(
        (another) => leaveFrom(at - 1, request, another),
        (bug: unknown) => abandonFrom(at - 1, request, bug),
      );
    }
    return outcome;
  };

  const abandonFrom = (start: number, request: UpstreamRequest, bug: unknown): Promise<never> => {
    for (let at = start; at >= 0; at--) gates[at]?.abandon(request);
    return Promise.reject(bug);
  };

  return (request) => enterFrom(0, request);
}

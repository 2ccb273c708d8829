import { AccessControl, bearerOf } from '@frontage/auth';
import type { Caller } from '@frontage/context';
import { describeError, ProblemError, type Clock } from '@frontage/core';
import type { InboundStage } from './stage.js';

function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(() => reject(new ProblemError('GW_DEADLINE_EXCEEDED')), Math.max(0, ms));
    work.then(resolve, reject).finally(() => clock.clearTimer(timer));
  });
}

const control: AccessControl = new AccessControl();

/** Verifies the token and compares it with the route's rule: 401 for an unknown caller, 403 for a caller without the right. */
export const accessStage: InboundStage = (route, app) => {
  if (route.access === 'public') return undefined;
  const rule = route.access;
  const { verifier } = app;
  // The start has checked that the policy takes tokens; no request passes this line without a verifier.
  if (verifier === undefined) throw new Error(`${route.method} ${route.path} has no verifier for tokens`);
  const deadlineMs = Math.min(app.config.deadlineMs, route.deadlineMs ?? Number.POSITIVE_INFINITY);
  return (exchange) => {
    const { context } = exchange;
    const token = bearerOf(context.headers['authorization'] as string | undefined);
    if (token === undefined) return control.check(rule, undefined);
    const admit = (caller: Caller): void => {
      context.caller = caller;
      context.bearerToken = token;
      control.check(rule, caller);
    };
    // A token issuer that hangs, or a verifier of the team's own, costs no request more than its deadline.
    const leftMs = context.startedAt + deadlineMs - app.clock.now();
    const verified = verifier.verify(token, leftMs);
    if (!(verified instanceof Promise)) return admit(verified);
    return within(verified, leftMs, app.clock).then(admit, (refusal: unknown) => {
      // Why a token is refused is for the log alone, and without a stack: there can be many.
      if (refusal instanceof ProblemError && refusal.cause !== undefined && refusal.status === 401)
        exchange.error = describeError(refusal.cause).message;
      throw refusal;
    });
  };
};

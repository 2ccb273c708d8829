import { AccessControl, compileConditions } from '@frontage/auth';
import { describeError, ProblemError, type Clock } from '@frontage/core';
import type { Exchange } from '../../exchange/exchange.js';
import type { InboundStage } from './stage.js';

function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(() => reject(new ProblemError('GW_DEADLINE_EXCEEDED')), Math.max(0, ms));
    work.then(resolve, reject).finally(() => clock.clearTimer(timer));
  });
}

/** The reason why a credential is refused is for the log alone, and without a stack: there can be many. */
function noteReason(exchange: Exchange, refusal: unknown): void {
  if (refusal instanceof ProblemError && refusal.cause !== undefined && refusal.status === 401)
    exchange.error = describeError(refusal.cause).message;
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
  const conditions = compileConditions(rule, route.path);
  const check = ({ context: { caller }, request }: Exchange): void => {
    control.check(rule, caller, app.clock.wallTime());
    conditions?.(caller, request.url ?? '');
  };
  return (exchange) => {
    const { context } = exchange;
    // A token issuer that hangs, or a verifier of the team's own, costs no request more than its deadline.
    const leftMs = context.startedAt + deadlineMs - app.clock.now();
    let identified: void | Promise<void>;
    try {
      identified = verifier.identify(exchange.request, context, leftMs);
    } catch (refusal) {
      noteReason(exchange, refusal);
      throw refusal;
    }
    if (identified === undefined) return check(exchange);
    return within(identified, leftMs, app.clock).then(
      () => check(exchange),
      (refusal: unknown) => {
        noteReason(exchange, refusal);
        throw refusal;
      },
    );
  };
};

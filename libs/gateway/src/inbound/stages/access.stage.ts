import { HttpException } from '@nestjs/common';
import { AccessControl, compileConditions, dpopChallenge } from '@frontage/auth';
import { describeError, ProblemError, type Clock } from '@frontage/core';
import type { Exchange } from '../../exchange/exchange.js';
import type { InboundApp, InboundStage } from './stage.js';

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

/** A browser that opens a page gets the login in place of 401, where policy says so. */
function redirected(exchange: Exchange, sessions: InboundApp['sessions'], refusal: unknown): unknown {
  // A caller who is known and needs a stronger login would come back here for ever.
  if (sessions === undefined || exchange.context.caller !== undefined) return refusal;
  if (!(refusal instanceof ProblemError) || refusal.status !== 401) return refusal;
  const location = sessions.loginFor(exchange.request);
  if (location === undefined) return refusal;
  exchange.headers.push('location', location);
  return new HttpException('The login is at this location.', 303);
}

/** The refusal of an app that also takes tokens that are bound to a key: a client learns of both schemes (RFC 9449 section 7.1). */
function withDpop(refusal: unknown): unknown {
  if (!(refusal instanceof ProblemError) || refusal.status !== 401) return refusal;
  const { headers = {}, ...options } = refusal.options;
  const { 'www-authenticate': challenge = '' } = headers;
  if (!challenge.startsWith('Bearer')) return refusal;
  const both = { ...headers, 'www-authenticate': `${challenge}, ${dpopChallenge}` };
  return new ProblemError(refusal.code, { ...options, headers: both });
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
  const takesDpop = app.config.access?.dpop !== undefined;
  const check = ({ context: { caller }, request }: Exchange): void => {
    control.check(rule, caller, app.clock.wallTime());
    conditions?.(caller, request.url ?? '');
  };
  const refused = (exchange: Exchange, refusal: unknown): never => {
    noteReason(exchange, refusal);
    throw redirected(exchange, app.sessions, takesDpop ? withDpop(refusal) : refusal);
  };
  return (exchange) => {
    const { context } = exchange;
    // A token issuer that hangs, or a verifier of the team's own, costs no request more than its deadline.
    const leftMs = context.startedAt + deadlineMs - app.clock.now();
    try {
      const identified = verifier.identify(exchange.request, context, leftMs);
      if (identified === undefined) return check(exchange);
      return within(identified, leftMs, app.clock)
        .then(() => check(exchange))
        .catch((refusal: unknown) => refused(exchange, refusal));
    } catch (refusal) {
      return refused(exchange, refusal);
    }
  };
};

import type { Decision } from '@frontage/auth';
import { ProblemError } from '@frontage/core';
import { compileDecisionInput } from '../access/decision-input.js';
import type { Exchange } from '../exchange/exchange.js';
import type { InboundStage } from './stages/stage.js';

/**
 * Asks the external policy once about a request and all of its parts: a request that it does not allow gets 403, and without a decision
 * 503. Its obligations are noted before anything is sent: a response that cannot be masked as they say is refused here.
 */
export const decisionStage: InboundStage = (route, app) => {
  const { decisions } = app;
  if (decisions === undefined || route.access === 'public') return undefined;
  const inputOf = compileDecisionInput(route, app.config.bff);
  const deadlineMs = Math.min(app.config.deadlineMs, route.deadlineMs ?? Number.POSITIVE_INFINITY);
  return (exchange) => {
    const { context, request } = exchange;
    const leftMs = context.startedAt + deadlineMs - app.clock.now();
    const decision = decisions.decide(inputOf(context, request), leftMs);
    return decision instanceof Promise ? decision.then((made) => apply(made, exchange)) : apply(decision, exchange);
  };
};

function apply({ allow, denied, mask }: Decision, exchange: Exchange): void {
  if (!allow) throw new ProblemError('GW_FORBIDDEN', { event: 'decision.refused' });
  const { context, bound } = exchange;
  if (denied.size > 0) context.deniedParts = denied;
  if (mask.length === 0) return;
  const compiled = bound.screen?.maskOf(mask) ?? 'the response of a hand-written handler cannot be masked';
  if (typeof compiled === 'string')
    throw new ProblemError('GW_FORBIDDEN', { event: 'decision.refused', cause: new Error(compiled) });
  exchange.mask = compiled;
}

import { ProblemError } from '@frontage/core';
import type { InboundStage } from './stage.js';

/** Clients that were shed together come back over this many seconds. */
const RETRY_WITHIN_S = 3;

/**
 * A request that is not taken because there are too many.
 * @param policy the limit that refuses it, as `violated-policies` tells it
 * @param shed the priority of its route; `any` where requests of every priority are shed
 */
export const overloaded = (
  policy: 'max-in-flight' | 'admission',
  shed: 'any' | 'high' | 'normal' | 'low',
): ProblemError =>
  new ProblemError('GW_OVERLOADED', {
    members: { 'violated-policies': [policy], shed },
    retryAfterMs: 1_000 * (1 + Math.floor(Math.random() * RETRY_WITHIN_S)),
  });

/** Sheds requests above `limits.maxInFlight`, fast and with `Retry-After` (RFC 9110 section 10.2.3). Health responses are not shed. */
export const admissionStage: InboundStage = (route, app) => {
  const { maxInFlight } = app.config.limits;
  if (maxInFlight === undefined || route.kind === 'health') return undefined;
  return () => {
    if (app.inFlight > maxInFlight) throw overloaded('max-in-flight', 'any');
  };
};

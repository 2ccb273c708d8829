import { ProblemError } from '@frontage/core';
import type { InboundStage } from './stage.js';

/** Sheds requests above `limits.maxInFlight`, fast and with `Retry-After` (RFC 9110 section 10.2.3). Health responses are not shed. */
export const admissionStage: InboundStage = (route, app) => {
  const { maxInFlight } = app.config.limits;
  if (maxInFlight === undefined || route.kind === 'health') return undefined;
  return () => {
    if (app.inFlight > maxInFlight) throw new ProblemError('GW_OVERLOADED', { retryAfterMs: 1000 });
  };
};

import type { InboundStep } from '../../exchange/exchange.js';
import type { InboundStage } from '../stages/stage.js';
import { compiledClass, countingStep } from './rate-limits.js';

/** The limits per user, role and app of the route's rate class. */
export const callerLimitStage: InboundStage = (route, app) => {
  const compiled = compiledClass(route, app);
  const own = compiled?.byCaller && countingStep(compiled.byCaller, compiled.policy);
  const { apiKeys, certificate } = app.config.access ?? {};
  if (route.access === 'public' || (apiKeys ?? certificate) === undefined) return own;
  const quotas = new Map<string, InboundStep>();
  for (const [name, limits] of Object.entries(app.config.rateClasses)) {
    const quota = app.limiter.compile(name, limits, route.rateWeight);
    if (quota.byCaller !== undefined) quotas.set(name, countingStep(quota.byCaller, quota.policy));
  }
  // The quota of an API key, or of a client certificate, holds on all routes together, in place of the limits per caller of each.
  return (exchange) => {
    const quota = exchange.context.caller?.quota;
    return ((quota === undefined ? undefined : quotas.get(quota)) ?? own)?.(exchange);
  };
};

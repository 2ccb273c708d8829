import type { CompiledRateClass, RateCheck } from '@frontage/throttling';
import type { Exchange, InboundStep } from '../../exchange/exchange.js';
import type { Route } from '../../routes/routes.js';
import type { InboundApp } from '../stages/stage.js';

/** The rate class of a route, compiled. */
export function compiledClass(route: Route, app: InboundApp): CompiledRateClass | undefined {
  const { rateClass } = route;
  if (rateClass === undefined) return undefined;
  const limits = app.config.rateClasses[rateClass];
  // The start has checked that there are some; a route is never left without the limits it asks for.
  if (limits === undefined) throw new Error(`${route.method} ${route.path} has no limits`);
  return app.limiter.compile(rateClass, limits, route.rateWeight);
}

/** Counts the request, and tells the client where it stands (draft-ietf-httpapi-ratelimit-headers-11). */
export function countingStep(check: RateCheck, policy: string): InboundStep {
  const tell = (exchange: Exchange, standing: string): void => {
    if (standing === '') return;
    // Both limit stages of a class tell the same policy: once is enough.
    if (!exchange.headers.includes(policy)) exchange.headers.push('ratelimit-policy', policy);
    exchange.headers.push('ratelimit', standing);
  };
  return (exchange) => {
    const standing = check(exchange.context);
    return typeof standing === 'string' ? tell(exchange, standing) : standing.then((value) => tell(exchange, value));
  };
}

import type { InboundStage } from '../stages/stage.js';

/** Bounds the requests of one caller at the same time: `limits.maxInFlightPerCaller`. The exchange gives its place back when it ends. */
export const inFlightStage: InboundStage = (route, { callerPlaces }) => {
  if (callerPlaces === undefined || route.kind === 'health') return undefined;
  const { policy } = callerPlaces;
  return (exchange) => {
    // Its client has left: no end comes any more that would give a place back.
    if (exchange.ended) return;
    exchange.headers.push('ratelimit-policy', policy);
    exchange.callerPlace = callerPlaces.enter(exchange.context);
  };
};

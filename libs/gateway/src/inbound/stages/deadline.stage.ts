import type { InboundStage } from '../pipeline.js';

/** One budget per request, counted from its arrival. A plan may ask for less; nothing gets more. */
export const deadlineStage: InboundStage = (route, runtime) => {
  const deadlineMs = Math.min(runtime.config.deadlineMs, route.deadlineMs ?? Number.POSITIVE_INFINITY);
  return ({ context }) => {
    context.deadlineAt = context.startedAt + deadlineMs;
  };
};

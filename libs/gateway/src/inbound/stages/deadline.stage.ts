import type { InboundStage } from './stage.js';

/** One budget per request, counted from its arrival. A plan may ask for less; nothing gets more. */
export const deadlineStage: InboundStage = (route, app) => {
  const deadlineMs = Math.min(app.config.deadlineMs, route.deadlineMs ?? Number.POSITIVE_INFINITY);
  return ({ context }) => {
    context.deadlineAt = context.startedAt + deadlineMs;
  };
};

import type { InboundStage } from './stage.js';
import { compiledClass, countingStep } from './rate-limits.js';

/** The limits per user, role and app of the route's rate class. */
export const callerLimitStage: InboundStage = (route, app) => {
  const compiled = compiledClass(route, app);
  return compiled?.byCaller && countingStep(compiled.byCaller, compiled.policy);
};

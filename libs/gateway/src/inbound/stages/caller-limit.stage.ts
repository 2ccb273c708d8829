import type { InboundStage } from '../pipeline.js';
import { compiledClass, countingStep } from './rate-limits.js';

/** The limits per user, role and app of the route's rate class. */
export const callerLimitStage: InboundStage = (route, runtime) => {
  const compiled = compiledClass(route, runtime);
  return compiled?.byCaller && countingStep(compiled.byCaller, compiled.policy);
};

import type { InboundStage } from '../pipeline.js';
import { compiledClass, countingStep } from './rate-limits.js';

/** The limits per address of the route's rate class. */
export const classAddressLimitStage: InboundStage = (route, runtime) => {
  if (route.kind === 'health') return undefined;
  const compiled = compiledClass(route, runtime);
  return compiled?.byAddress && countingStep(compiled.byAddress, compiled.policy);
};

import type { InboundStage } from '../stages/stage.js';
import { compiledClass, countingStep } from './rate-limits.js';

/** The limits per address of the route's rate class. */
export const classAddressLimitStage: InboundStage = (route, app) => {
  if (route.kind === 'health') return undefined;
  const compiled = compiledClass(route, app);
  return compiled?.byAddress && countingStep(compiled.byAddress, compiled.policy);
};

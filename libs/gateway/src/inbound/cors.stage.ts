import { keepVaryByOrigin } from '../door/keep-vary.js';
import type { InboundStage } from './stages/stage.js';

/** Says on every response which page of another origin may read it: `cors` of the policy. */
export const corsStage: InboundStage = (route, { cors }) => {
  if (cors === undefined || route.kind === 'health') return undefined;
  const isByHand = route.screen === undefined;
  return ({ request, response, headers }) => {
    headers.push(...cors.fieldsFor(request.headers.origin));
    if (isByHand) keepVaryByOrigin(response);
  };
};

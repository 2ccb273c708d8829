import { ProblemError } from '@frontage/core';
import type { InboundStage } from './stages/stage.js';

/** Refuses a request that did not come through the CDN: `listen.behindCdn` of the policy. Health checks come from elsewhere. */
export const cdnStage: InboundStage = (route, { cdn }) => {
  if (cdn === undefined || route.kind === 'health') return undefined;
  return ({ request }) => {
    if (!cdn.takes(request))
      throw new ProblemError('GW_FORBIDDEN', {
        event: 'cdn.refused',
        cause: new Error('the request did not come through the CDN'),
      });
  };
};

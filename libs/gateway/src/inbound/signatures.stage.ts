import { channels, ProblemError, type SecurityDecision } from '@frontage/core';
import { signatureIn, valuesOfTarget } from '../door/signatures.js';
import type { InboundStage } from './stages/stage.js';

/**
 * Looks for forms of attacks in the path and the query of a request: `signatures` of the policy. It is a report, or a refusal that a team asks
 * for; nothing else depends on it, because each value stays one value on its way to a service.
 */
export const signaturesStage: InboundStage = (route, { config: { signatures } }) => {
  if (signatures === undefined || route.kind === 'health') return undefined;
  const { mode, ignore } = signatures;
  return ({ request }) => {
    const found = valuesOfTarget(request.url ?? '')
      .map(signatureIn)
      .find((name) => name !== undefined && !ignore.includes(name));
    if (found === undefined) return;
    if (mode === 'refuse')
      throw new ProblemError('GW_FORBIDDEN', {
        event: 'signature.refused',
        detail: 'The request has the form of an attack.',
        cause: new Error(`the signature ${found}`),
      });
    if (channels.securityDecision.hasSubscribers)
      channels.securityDecision.publish({ event: 'signature.seen', what: found, request } satisfies SecurityDecision);
  };
};

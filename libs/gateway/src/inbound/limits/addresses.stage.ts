import { ProblemError } from '@frontage/core';
import type { InboundStage } from '../stages/stage.js';

/**
 * Refuses requests of addresses that are denied, or not allowed (`addressLists` of the policy), and of those that a signal blocks. A request
 * that passes is observed when it ends. Health responses go to all.
 */
export const addressesStage: InboundStage = (route, { addressLists, signals }) => {
  if (route.kind === 'health' || (addressLists === undefined && signals === undefined)) return undefined;
  const refuseBlocked = signals?.compileAddressCheck();
  return (exchange) => {
    const { context } = exchange;
    if (addressLists?.admits(context.clientAddress) === false)
      throw new ProblemError('GW_FORBIDDEN', {
        event: 'address.refused',
        cause: new Error('the lists of addresses do not admit it'),
      });
    refuseBlocked?.(context);
    exchange.isObserved = signals !== undefined;
  };
};

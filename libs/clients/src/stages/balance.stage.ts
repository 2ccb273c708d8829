import type { AddressBalancer } from '@frontage/balancing';
import type { Address } from '../policy/upstream.options.js';
import type { Gate } from '../request/upstream-request.js';
import { classifyOutcome } from '../request/outcome-classification.js';

/**
 * Takes the next address that is in use, for a second attempt not that of the first one; an address that fails several times in a row is left
 * out for a while.
 */
export function balance(addresses: AddressBalancer<Address>): Gate {
  return {
    enter(request) {
      request.address = addresses.pick();
      if (request.address === request.avoided) request.address = addresses.pick();
      return undefined;
    },
    leave(request, outcome) {
      const health = classifyOutcome(outcome, request);
      if (health !== 'nothing') addresses.report(request.address, health === 'good');
      return undefined;
    },
    abandon() {},
  };
}

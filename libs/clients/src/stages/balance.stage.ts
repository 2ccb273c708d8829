import type { AddressBalancer } from '@frontage/balancing';
import type { Address } from '../policy/upstream.options.js';
import type { Stage } from '../request/upstream-request.js';
import { classifyOutcome } from '../request/outcome-classification.js';

/** Takes the next address that is in use; one that fails several times in a row is left out for a while. */
export function balance(addresses: AddressBalancer<Address>): Stage {
  return (next) => (request) => {
    const address = addresses.pick();
    request.address = address;
    return next(request).then((outcome) => {
      const health = classifyOutcome(outcome, request);
      if (health !== 'nothing') addresses.report(address, health === 'good');
      return outcome;
    });
  };
}

import { isInexact } from '@frontage/core';
import { inexactPayload } from '../failures/failures.js';
import type { Next } from './upstream-request.js';

/** Fails a call whose value holds a number that a double cannot hold. */
export function refusingInexact(next: Next): Next {
  return async (request) => {
    const outcome = await next(request);
    return outcome.ok && isInexact(outcome.value) ? inexactPayload : outcome;
  };
}

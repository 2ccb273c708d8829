import type { Transport } from '../transports/transport.js';
import type { Next } from '../request/upstream-request.js';

/** Sends the attempt; its response is decoded in place, because a promise between the two would be the most expensive part of the stack. */
export function transport(carrier: Transport): Next {
  return (request) =>
    request.stopReason === undefined
      ? new Promise((resolve) => carrier.send(request, resolve))
      : Promise.resolve(request.stopFailure);
}

import { randomUUID } from 'node:crypto';

/** Characters that a log line and a header carry unchanged, so that an id cannot look like two. */
const usable = /^[\w.:+/=-]{1,128}$/;

/**
 * The id of a request: that of the proxy before us, if it is trusted, so that both logs name the same request; otherwise one of
 * our own. A client could give all of its requests the id of another request.
 */
export function requestIdOf(inbound: string | string[] | undefined, isBelieved: boolean): string {
  return isBelieved && typeof inbound === 'string' && usable.test(inbound) ? inbound : randomUUID();
}

import { randomUUID } from 'node:crypto';

/** What a log line and a header can carry as it is, and nobody can pass for two of. */
const usable = /^[\w.:+/=-]{1,128}$/;

/**
 * The id of a request: what the proxy before us calls it, where that one is believed, so that both speak of the same request; else one of
 * our own. A client could give all of its requests the id of somebody else's.
 */
export function requestIdOf(inbound: string | string[] | undefined, isBelieved: boolean): string {
  return isBelieved && typeof inbound === 'string' && usable.test(inbound) ? inbound : randomUUID();
}

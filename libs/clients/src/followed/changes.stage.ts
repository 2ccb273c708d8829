import type { OperationCache } from '@frontage/caching';
import type { Failure } from '@frontage/core';
import type { Address } from '../policy/address.js';
import type { Stage, UpstreamRequest } from '../request/upstream-request.js';

/** The fields of a response that name other addresses which a change is about. */
export const changedFields: ReadonlySet<string> = new Set(['location', 'content-location']);

/**
 * Ends the use of stored responses after an operation that is not safe (RFC 9111 section 4.4): those to its own address, and those to what
 * `Location` and `Content-Location` name at the same upstream. A request that may have been carried out without a response counts as a change.
 */
export function changes(cache: OperationCache, upstream: string, addresses: readonly Address[]): Stage {
  return (next) => (request) => {
    const { target } = request;
    return next(request).then((outcome) => {
      if (!outcome.ok && !mayHaveChanged(outcome, request)) return outcome;
      cache.changed(upstream, [target, ...placesOf(request, target, addresses)]);
      return outcome;
    });
  };
}

/** An error response says that nothing changed; a redirect does not. */
function mayHaveChanged({ upstreamStatus, unsent }: Failure, { reached }: UpstreamRequest): boolean {
  return upstreamStatus === undefined ? reached && unsent !== true : upstreamStatus < 400;
}

function placesOf({ head, address }: UpstreamRequest, target: string, addresses: readonly Address[]): string[] {
  const base = address.origin + address.prefix + target;
  return [...changedFields].flatMap((name) => {
    const value = head?.fields[name];
    const url = typeof value === 'string' ? URL.parse(value, base) : null;
    const at = [address, ...addresses].find(
      ({ origin, prefix }) => url?.origin === origin && url.pathname.startsWith(`${prefix}/`),
    );
    return url === null || at === undefined ? [] : [url.pathname.slice(at.prefix.length) + url.search];
  });
}

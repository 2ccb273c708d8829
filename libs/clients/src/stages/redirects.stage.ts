import type { Failure, Method, Outcome } from '@frontage/core';
import { failed } from '../failures/failures.js';
import type { Address } from '../policy/address.js';
import type { Stage, UpstreamRequest } from '../request/upstream-request.js';

/**
 * Follows redirects, but only to addresses of the same upstream, so that no response chooses a host (RELIABILITY F11, A13). To another origin
 * among them neither tokens nor cookies nor keys go along.
 * @param limit hops per attempt, at least 1
 */
export function redirects(limit: number, addresses: readonly Address[]): Stage {
  return (next) => {
    const follow = async (request: UpstreamRequest, first: Outcome<unknown>): Promise<Outcome<unknown>> => {
      const seen = new Set([placeOf(request)]);
      let outcome = first;
      for (let hops = 0; isRedirect(outcome, request); hops++) {
        const { location, upstreamStatus } = {
          location: request.location ?? '',
          upstreamStatus: outcome.upstreamStatus,
        };
        if (hops === limit) return failed(`was redirected more than ${limit} times`, upstreamStatus);
        const refused = aim(request, location, upstreamStatus ?? 0, addresses);
        if (refused !== undefined) return failed(refused, upstreamStatus);
        const place = placeOf(request);
        if (seen.has(place)) return failed('was redirected in a circle', upstreamStatus);
        seen.add(place);
        if (request.stopReason !== undefined) return request.stopFailure;
        // A hop is part of the attempt that it began with.
        request.attempt--;
        outcome = await next(request);
      }
      return outcome;
    };
    return (request) => {
      const { method, target, body, address } = request;
      return next(request).then((outcome) => {
        if (!isRedirect(outcome, request)) return outcome;
        return follow(request, outcome).finally(() => {
          // Another attempt begins where this one did.
          Object.assign(request, { method, target, body, address, isElsewhere: false, isRedirected: false });
        });
      });
    };
  };
}

function isRedirect(outcome: Outcome<unknown>, request: UpstreamRequest): outcome is Failure {
  return !outcome.ok && request.location !== undefined && redirecting.has(outcome.upstreamStatus ?? 0);
}

const redirecting: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const placeOf = ({ method, address, target }: UpstreamRequest): string =>
  `${method} ${address.origin}${address.prefix}${target}`;

/** Points the request at where it is sent to, or says why not. */
function aim(
  request: UpstreamRequest,
  location: string,
  status: number,
  addresses: readonly Address[],
): string | undefined {
  const from = request.address;
  const url = URL.parse(location, from.origin + from.prefix + request.target);
  const to = url === null ? undefined : [from, ...addresses].find((address) => isWithin(url, address));
  // The place itself stays out of the message: it is the upstream's own text.
  if (url === null || to === undefined) return 'was redirected to what is no address of this upstream';
  const method = methodAfter(status, request);
  if (method === request.method && !request.isReplayable) return 'was redirected, and its body cannot be read again';
  if (method !== request.method) request.body = undefined;
  request.method = method;
  request.target = url.pathname.slice(to.prefix.length) + url.search;
  request.address = to;
  request.isRedirected = true;
  if (to.origin !== from.origin) request.isElsewhere = true;
  return undefined;
}

function isWithin(url: URL, { origin, prefix }: Address): boolean {
  return url.origin === origin && url.username === '' && url.password === '' && url.pathname.startsWith(`${prefix}/`);
}

/** RFC 9110 section 15.4: 303 names the address of the response; 301 and 302 turn a POST into a GET, as all clients do; 307 and 308 repeat. A POST that only reads stays one: without its body it would be another question. */
function methodAfter(status: number, { method, operation }: UpstreamRequest): Method {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  const turns = (status === 301 || status === 302) && method === 'POST' && !operation.isSafe;
  return turns ? 'GET' : method;
}

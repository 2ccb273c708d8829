import { directivesOf, type Asking } from '@frontage/caching';
import type { ResolvedUpstreamOptions } from '../policy/upstream.options.js';
import { ownHeaders } from '../policy/secrets.js';
import type { CompiledOperation } from '../request/compiled-operation.js';
import type { ForwardedField } from '../request/forwarded-fields.js';
import type { UpstreamRequest } from '../request/upstream-request.js';

/** Headers that are written anew for each attempt. */
export const everChanging: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'x-request-id',
  'x-envoy-expected-rq-timeout-ms',
  'dpop',
]);

/** Headers with which a call asks for a part, or for a response under a condition: what comes is no response to the operation itself. */
const conditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range'];

/** Reads what one request will send, as far as a cache asks. */
export interface AskedReader {
  /** @returns `undefined` for a request that the cache leaves alone */
  read(request: UpstreamRequest): Asking | undefined;
}

/**
 * The headers that are the same for all requests of an operation, or for all of one caller, need no look: those of policy and of its
 * credentials. The others are arguments, headers of the client, and the token of the caller.
 */
export function askedReader(
  operation: CompiledOperation,
  options: ResolvedUpstreamOptions,
  fields: readonly ForwardedField[],
): AskedReader {
  const { forwardAuthorization } = options;
  const hasSecret = operation.secrets?.headers.some((name) => name.toLowerCase() === 'authorization') ?? false;
  const isAlwaysAuthorized = hasSecret || ownHeaders(options).includes('authorization');
  // `Cache-Control` says how a cache is used, and not what is wanted.
  const keyed = fields.filter(({ name }) => name !== 'cache-control');
  const byName = new Map(fields.map((field) => [field.name, field]));
  return {
    read(request) {
      const { declaredHeaders, scope, body, target } = request;
      const { headers, bearerToken } = scope.context;
      const sent = (name: string): string | undefined => {
        for (let at = 0; at + 1 < declaredHeaders.length; at += 2)
          if (declaredHeaders[at]?.toLowerCase() === name) return declaredHeaders[at + 1];
        if (name === 'content-type') return body?.contentType;
        if (name === 'authorization' && forwardAuthorization) return bearerToken;
        return byName.get(name)?.read(headers);
      };
      if (conditions.some((name) => sent(name) !== undefined)) return undefined;
      const control = sent('cache-control');
      return {
        sent,
        target,
        forwarded: keyed.map((field) => field.read(headers)),
        directives: control === undefined ? undefined : directivesOf({ 'cache-control': control }),
        isAuthorized: isAlwaysAuthorized || sent('authorization') !== undefined,
      };
    },
  };
}

/**
 * Header fields of a request to an upstream that the gateway sets itself, by lower-case name: an argument for one of them would break the
 * framing of the request, or replace what the gateway answers for. OpenAPI 3.1 section 4.8.12.1 has the first two ignored as parameters.
 */
export const ownedHeaders: ReadonlySet<string> = new Set(
  (
    'content-type authorization accept-encoding connection content-encoding content-length cookie expect host keep-alive ' +
    'proxy-authorization proxy-connection te trailer transfer-encoding upgrade traceparent tracestate ' +
    'x-envoy-expected-rq-timeout-ms'
  ).split(' '),
);

/**
 * Header fields of a request that the gateway sends by default, and that an argument replaces where an operation declares them. OpenAPI has
 * `Accept` ignored as a parameter; services that choose a version or a form of the response by it declare it all the same.
 */
export const replaceableHeaders: ReadonlySet<string> = new Set(['accept', 'user-agent', 'x-request-id']);

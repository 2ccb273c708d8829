/**
 * Every problem of the gateway. `docs/errors.md` is compared with this table both ways by a test.
 * A code is public: never reuse one, never change its status.
 */
export const errorCodes = {
  GW_BAD_REQUEST: { status: 400, title: 'Bad request' },
  GW_INVALID_INPUT: { status: 400, title: 'Invalid input' },
  GW_UNAUTHENTICATED: { status: 401, title: 'Authentication required' },
  GW_PAYMENT_REQUIRED: { status: 402, title: 'Payment required' },
  GW_FORBIDDEN: { status: 403, title: 'Forbidden' },
  GW_ROUTE_NOT_FOUND: { status: 404, title: 'Route not found' },
  GW_NOT_FOUND: { status: 404, title: 'Resource not found' },
  GW_METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  GW_NOT_ACCEPTABLE: { status: 406, title: 'Not acceptable' },
  GW_REQUEST_TIMEOUT: { status: 408, title: 'Request timeout' },
  GW_CONFLICT: { status: 409, title: 'Conflict' },
  GW_GONE: { status: 410, title: 'Gone' },
  GW_PRECONDITION_FAILED: { status: 412, title: 'Precondition failed' },
  GW_PAYLOAD_TOO_LARGE: { status: 413, title: 'Payload too large' },
  GW_UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  GW_UNPROCESSABLE_CONTENT: { status: 422, title: 'Unprocessable content' },
  GW_RATE_LIMITED: { status: 429, title: 'Too many requests' },
  GW_HEADERS_TOO_LARGE: { status: 431, title: 'Request header fields too large' },
  GW_INTERNAL: { status: 500, title: 'Internal error' },
  GW_INDETERMINATE: { status: 500, title: 'Indeterminate outcome of changes' },
  GW_NOT_IMPLEMENTED: { status: 501, title: 'Not implemented' },
  GW_UPSTREAM_FAILED: { status: 502, title: 'Upstream failed' },
  GW_UPSTREAM_BAD_PAYLOAD: { status: 502, title: 'Invalid upstream response' },
  GW_UPSTREAM_CREDENTIALS: { status: 502, title: 'No credentials for the upstream' },
  GW_UPSTREAM_REFUSED: { status: 502, title: 'Upstream refused the gateway' },
  GW_UPSTREAM_OPEN_CIRCUIT: { status: 503, title: 'Circuit breaker open' },
  GW_OVERLOADED: {
    status: 503,
    title: 'Gateway overloaded',
    type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
  },
  GW_UNAVAILABLE: { status: 503, title: 'Service unavailable' },
  GW_UPSTREAM_TIMEOUT: { status: 504, title: 'Upstream timeout' },
  GW_DEADLINE_EXCEEDED: { status: 504, title: 'Deadline exceeded' },
} as const satisfies Record<string, ErrorKind>;

/** The facts that every problem of a code has. */
export interface ErrorKind {
  readonly status: number;
  readonly title: string;
  /** A type that is registered elsewhere. @default `urn:frontage:problem:` and the code */
  readonly type?: string;
}

export type ErrorCode = keyof typeof errorCodes;

/**
 * Every problem the gateway answers with. `docs/errors.md` is compared with this table both ways by a test.
 * A code is public: never reuse one, never change its status.
 */
export const errorCodes = {
  GW_BAD_REQUEST: { status: 400, title: 'The request is malformed' },
  GW_INVALID_INPUT: { status: 400, title: 'The input does not match what this endpoint takes' },
  GW_UNAUTHENTICATED: { status: 401, title: 'Authentication is required' },
  GW_FORBIDDEN: { status: 403, title: 'The caller may not do this' },
  GW_ROUTE_NOT_FOUND: { status: 404, title: 'There is no such endpoint' },
  GW_NOT_FOUND: { status: 404, title: 'There is no such resource' },
  GW_METHOD_NOT_ALLOWED: { status: 405, title: 'The endpoint does not take this method' },
  GW_REQUEST_TIMEOUT: { status: 408, title: 'The request did not arrive in time' },
  GW_PAYLOAD_TOO_LARGE: { status: 413, title: 'The request body is too large' },
  GW_UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The request body has a media type that is not taken here' },
  GW_RATE_LIMITED: { status: 429, title: 'Too many requests' },
  GW_HEADERS_TOO_LARGE: { status: 431, title: 'The request headers are too large' },
  GW_INTERNAL: { status: 500, title: 'The gateway failed' },
  GW_INDETERMINATE: { status: 500, title: 'Some of the changes were made, or may have been' },
  GW_UPSTREAM_FAILED: { status: 502, title: 'A service behind the gateway failed' },
  GW_UPSTREAM_BAD_PAYLOAD: { status: 502, title: 'A service behind the gateway answered with something unreadable' },
  GW_UPSTREAM_REFUSED: { status: 502, title: 'A service behind the gateway refused the gateway' },
  GW_UPSTREAM_OPEN_CIRCUIT: { status: 503, title: 'A service behind the gateway is being left alone to recover' },
  GW_OVERLOADED: { status: 503, title: 'The gateway is overloaded' },
  GW_UPSTREAM_TIMEOUT: { status: 504, title: 'A service behind the gateway did not answer in time' },
  GW_DEADLINE_EXCEEDED: { status: 504, title: 'The request took longer than its deadline' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ErrorCode = keyof typeof errorCodes;

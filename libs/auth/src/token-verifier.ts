import { ProblemError, type ReuseCounts } from '@frontage/core';
import type { Caller } from '@frontage/context';

/** The seam between the pipeline and whatever establishes who is calling. Also its token for injection. */
export abstract class TokenVerifier {
  /**
   * Establishes the caller behind a bearer token. Returns at once, without a promise, where the token is known already.
   * @param withinMs longest that the request can wait, in milliseconds; the pipeline gives up by itself then. @default without end
   * @throws ProblemError (rejects) `GW_UNAUTHENTICATED` when the token proves nothing, `GW_UPSTREAM_FAILED` when nobody can tell
   */
  abstract verify(token: string, withinMs?: number): Caller | Promise<Caller>;

  /** How often a token was known already; for metrics. @default not reported */
  reuse?(): ReuseCounts;
}

/** A token was shown and refused. The reason goes to the log (`cause`), never to the client: it would help to forge the next one. */
export function refusedToken(cause: unknown): ProblemError {
  // RFC 6750 section 3.1
  return new ProblemError('GW_UNAUTHENTICATED', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });
}

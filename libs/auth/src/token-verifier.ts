import { ProblemError, type ReuseCounts } from '@frontage/core';
import type { Caller } from '@frontage/context';

/** Verifies tokens for the pipeline; a team can give a verifier of its own. The class is also the token for injection. */
export abstract class TokenVerifier {
  /**
   * Finds the caller of a bearer token. Returns without a promise if the token is known already.
   * @param withinMs longest time that the request can wait, in milliseconds; the pipeline refuses the request then. @default no bound
   * @throws ProblemError (rejects) `GW_UNAUTHENTICATED` when the token proves nothing, `GW_UPSTREAM_FAILED` when it cannot be verified
   */
  abstract verify(token: string, withinMs?: number): Caller | Promise<Caller>;

  /** Counts how often a token was known already, for metrics. @default not reported */
  reuse?(): ReuseCounts;
}

/** The problem for a refused token. The reason goes to the log (`cause`), never to the client, because it would help an attacker. */
export function refusedToken(cause: unknown): ProblemError {
  // RFC 6750 section 3.1
  return new ProblemError('GW_UNAUTHENTICATED', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });
}

import { ProblemError } from '@frontage/core';

/** The problem for a refused credential. The reason goes to the log (`cause`), never to the client, because it would help an attacker. */
export function refusedToken(cause: unknown): ProblemError {
  // RFC 6750 section 3.1
  return new ProblemError('GW_UNAUTHENTICATED', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    cause,
  });
}

/** A credential that another strategy may know: of another shape, or of another issuer. */
export class ForeignCredential extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ForeignCredential';
  }
}

import type { RequestHead } from '../verifiers/token-verifier.js';
import { bearerOf } from '../token/bearer.js';

const maxLength = 8_192;

/** A header field in which a request can have a credential. */
export interface CredentialPlace {
  /** In lower case. */
  readonly header: string;
  /** A token of the user, which may go to upstreams that are meant to see it. An API key goes nowhere. */
  readonly isToken: boolean;
  /** It only leads to the token of the user, as a session does: it is looked up for each request, and the proof has the token. @default false */
  readonly isReference?: boolean;
  /** @throws ProblemError `GW_UNAUTHENTICATED` for a malformed one, `GW_FORBIDDEN` where a browser was made to send it */
  read(request: RequestHead): string | undefined;
}

/** Bearer tokens (RFC 6750) of the header `Authorization`. */
export const authorizationPlace: CredentialPlace = {
  header: 'authorization',
  isToken: true,
  read: ({ headers }) => bearerOf(headers.authorization),
};

/** The same beside strategies of the team, which may know other schemes such as `Basic`. */
export const sharedAuthorizationPlace: CredentialPlace = {
  header: 'authorization',
  isToken: true,
  read: ({ headers: { authorization } }) =>
    authorization !== undefined && /^bearer\b/i.test(authorization) ? bearerOf(authorization) : undefined,
};

/** A header that holds the credential and nothing else. A header that is sent twice is joined with a comma, and so matches none. */
export function headerPlace(header: string, isToken: boolean): CredentialPlace {
  return {
    header,
    isToken,
    read: ({ headers }) => {
      const value = headers[header];
      return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined;
    },
  };
}

/** The text of the first place that has one; `null`, as passport-jwt has it, without one or with a malformed one. */
export function extractorOf(places: readonly CredentialPlace[]): (request: RequestHead) => string | null {
  return (request) => {
    try {
      for (const place of places) {
        const text = place.read(request);
        if (text !== undefined) return text;
      }
    } catch {
      // Passport responds 401 for "no token".
    }
    return null;
  };
}

import type { RequestHead } from '../verifiers/token-verifier.js';
import { bearerOf, bearerOrDpopOf } from '../token/bearer.js';

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

/** The place of tokens in the header `Authorization`, where more than bearer tokens may stand in it. */
export function authorizationPlaceFor({
  isShared,
  takesDpop,
}: {
  /** Strategies of the team may know other schemes, such as `Basic`. */
  readonly isShared: boolean;
  /** Tokens may be bound to a key: `DPoP <token>` (RFC 9449). */
  readonly takesDpop: boolean;
}): CredentialPlace {
  const read = takesDpop ? bearerOrDpopOf : bearerOf;
  const known = takesDpop ? /^(?:bearer|dpop)\b/i : /^bearer\b/i;
  return {
    header: 'authorization',
    isToken: true,
    read: ({ headers: { authorization } }) =>
      isShared && authorization !== undefined && !known.test(authorization) ? undefined : read(authorization),
  };
}

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

import type { Clock } from '@frontage/core';
import type { IssuerAgent } from './keys/jwks-fetch.js';
import type { JwtOptions } from './options/jwt.options.js';
import type { TokenVerifier } from './token-verifier.js';

/** How callers are known: by JWTs of an issuer, or by a verifier of the team's own. Exactly one of the two. */
export interface AuthOptions {
  readonly jwt?: JwtOptions;
  readonly verifier?: TokenVerifier;
  /** Connects to the issuer: names and a proxy are its business, and never that of the environment. @default one of Node */
  readonly agent?: IssuerAgent;
  /** @default the machine's */
  readonly clock?: Clock;
}

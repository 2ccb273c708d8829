import type { Clock } from '@frontage/core';
import type { IssuerAgent } from './keys/jwks-fetch.js';
import type { JwtOptions } from './options/jwt.options.js';
import type { TokenVerifier } from './token-verifier.js';

/** The way to identify callers: by JWTs of an issuer, or by a verifier of the team. Give exactly one of the two. */
export interface AuthOptions {
  readonly jwt?: JwtOptions;
  readonly verifier?: TokenVerifier;
  /** Connects to the issuer. It alone resolves names and uses a proxy; the environment is not read. @default an agent of Node */
  readonly agent?: IssuerAgent;
  /** @default the machine's */
  readonly clock?: Clock;
}

import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import type { Caller } from '@frontage/context';
import type { JWTPayload } from 'jose';
import { bearerOf } from './bearer.js';
import type { JwtVerifier } from './jwt-verifier.js';

function tokenOf(request: { readonly headers: { readonly authorization?: string } }): string | null {
  try {
    return bearerOf(request.headers.authorization) ?? null;
  } catch {
    return null; // passport responds 401 for "no token"
  }
}

/**
 * The strategy for passport: `AuthGuard('jwt')` works on a team's hand-written controllers, with the caller as `request.user`. First
 * {@link JwtVerifier} verifies the token, then passport-jwt with the key that proved it. A token passes only if both accept it.
 */
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  readonly #verifier: JwtVerifier;

  constructor(verifier: JwtVerifier) {
    const { issuer, audience, audienceClaim, algorithms, clockSkewMs } = verifier.settings;
    super({
      jwtFromRequest: tokenOf,
      issuer,
      // Only the verifier above reads another claim than `aud`.
      ...(audienceClaim === 'aud' && { audience: [...audience] }),
      algorithms: algorithms.filter((algorithm) => algorithm !== 'EdDSA'), // jsonwebtoken does not know EdDSA, so passport refuses such tokens
      jsonWebTokenOptions: { clockTolerance: clockSkewMs / 1000 },
      secretOrKeyProvider: (_request, token: string, done) => {
        verifier.provenBy(token).then(
          (key) => done(null, key),
          (error: unknown) => done(error),
        );
      },
    });
    this.#verifier = verifier;
  }

  validate(payload: JWTPayload): Caller {
    return this.#verifier.claims.callerOf(payload);
  }
}

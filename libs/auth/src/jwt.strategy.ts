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
    return null; // passport answers 401 for "no token"
  }
}

/**
 * The face towards passport: makes `AuthGuard('jwt')` work on a team's hand-written controllers, with the caller as `request.user`. The
 * token is verified by {@link JwtVerifier} first, and then by passport-jwt with the key that proved it; a token passes only where both agree.
 */
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  readonly #verifier: JwtVerifier;

  constructor(verifier: JwtVerifier) {
    const { issuer, audience, audienceClaim, algorithms, clockSkewMs } = verifier.settings;
    super({
      jwtFromRequest: tokenOf,
      issuer,
      // Another claim than `aud` is our matter alone.
      ...(audienceClaim === 'aud' && { audience: [...audience] }),
      algorithms: algorithms.filter((algorithm) => algorithm !== 'EdDSA'), // jsonwebtoken does not know it: refused on this way
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

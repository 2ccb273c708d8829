import { HttpModule, HttpService } from '@nestjs/axios';
import type { ModuleMetadata } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { systemClock } from '@frontage/core';
import { AccessControl } from './access-control.js';
import type { AuthOptions } from './auth.options.js';
import { fetchKeysOver } from './keys/jwks-fetch.js';
import { jwtSettings } from './options/jwt.options.js';
import { JwtStrategy } from './jwt.strategy.js';
import { JwtVerifier } from './jwt-verifier.js';
import { TokenVerifier } from './token-verifier.js';

function verifierOf({ jwt, verifier, agent, clock = systemClock }: AuthOptions, http: HttpService): TokenVerifier {
  if (verifier !== undefined && jwt === undefined) return verifier;
  if (jwt === undefined || verifier !== undefined) {
    throw new TypeError(
      `AuthModule: found ${jwt === undefined ? 'neither' : 'both'} of jwt and verifier; give exactly one`,
    );
  }
  const settings = jwtSettings(jwt);
  return new JwtVerifier(settings, fetchKeysOver(http, settings, agent), clock);
}

/** Providers and exports of the module that identifies callers. */
export function verification(options: AuthOptions): ModuleMetadata {
  return {
    imports: [HttpModule, PassportModule],
    providers: [
      AccessControl,
      {
        provide: TokenVerifier,
        inject: [HttpService],
        useFactory: (http: HttpService) => verifierOf(options, http),
      },
      {
        provide: JwtStrategy,
        inject: [TokenVerifier],
        // The constructor registers the strategy: Passport keeps strategies by name in one table of the process.
        useFactory: (verifier: TokenVerifier) =>
          verifier instanceof JwtVerifier ? new JwtStrategy(verifier) : undefined,
      },
    ],
    exports: [TokenVerifier, AccessControl, PassportModule],
  };
}

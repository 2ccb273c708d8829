import { HttpModule, HttpService } from '@nestjs/axios';
import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { systemClock, type Clock } from '@frontage/core';
import { AccessControl } from './access-control.js';
import { fetchKeysOver } from './jwks-fetch.js';
import { jwtSettings, type JwtOptions } from './jwt.options.js';
import { JwtStrategy } from './jwt.strategy.js';
import { JwtVerifier } from './jwt-verifier.js';
import { TokenVerifier } from './token-verifier.js';

/** How callers are known: by JWTs of an issuer, or by a verifier of the team's own. Exactly one of the two. */
export interface AuthOptions {
  readonly jwt?: JwtOptions;
  readonly verifier?: TokenVerifier;
  /** @default the machine's */
  readonly clock?: Clock;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AuthOptions>()
  .setClassMethodName('forRoot')
  .build();

function verifierOf({ jwt, verifier, clock = systemClock }: AuthOptions, http: HttpService): TokenVerifier {
  if (verifier !== undefined && jwt === undefined) return verifier;
  if (jwt === undefined || verifier !== undefined) {
    throw new TypeError(
      `AuthModule: found ${jwt === undefined ? 'neither' : 'both'} of jwt and verifier; give exactly one`,
    );
  }
  const settings = jwtSettings(jwt);
  return new JwtVerifier(settings, fetchKeysOver(http, settings), clock);
}

/**
 * Provides {@link TokenVerifier} and {@link AccessControl}; with `jwt` also the passport strategy `jwt`. Not global.
 * @throws TypeError or RangeError at the start when an option is wrong
 */
@Module({
  imports: [HttpModule, PassportModule],
  providers: [
    AccessControl,
    { provide: TokenVerifier, inject: [MODULE_OPTIONS_TOKEN, HttpService], useFactory: verifierOf },
    {
      provide: JwtStrategy,
      inject: [TokenVerifier],
      // Passport keeps strategies by name in one table of the process: making one is what registers it.
      useFactory: (verifier: TokenVerifier) =>
        verifier instanceof JwtVerifier ? new JwtStrategy(verifier) : undefined,
    },
  ],
  exports: [TokenVerifier, AccessControl, PassportModule],
})
export class AuthModule extends ConfigurableModuleClass {}

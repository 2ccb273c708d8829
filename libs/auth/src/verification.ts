import type { ModuleMetadata } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import passport from 'passport';
import { systemClock } from '@frontage/core';
import type { AuthOptions } from './auth.options.js';
import { ProofsOfKeys } from './dpop/proof-of-key.js';
import { fetchKeysOver, lazyHttp, type LazyHttp } from './keys/jwks-fetch.js';
import { introspectionSettings } from './options/introspection.options.js';
import { jwtSettings } from './options/jwt.options.js';
import { AccessControl } from './rules/access-control.js';
import { bindingCheck, type BindingCheck } from './strategies/bound-token.js';
import { CertificateStrategy } from './strategies/certificate.strategy.js';
import { authorizationPlaceFor, headerPlace, type CredentialPlace } from './strategies/credential-reader.js';
import { CredentialStrategy } from './strategies/credential.strategy.js';
import { JwtStrategy } from './strategies/jwt.strategy.js';
import type { NamedStrategy } from './strategies/strategy-chain.js';
import { StrategyVerifier } from './strategy-verifier.js';
import { IntrospectionVerifier } from './verifiers/introspection-verifier.js';
import { JwtIssuers } from './verifiers/jwt-issuers.js';
import { JwtVerifier } from './verifiers/jwt-verifier.js';
import { TokenVerifier } from './verifiers/token-verifier.js';

/** The kinds of authentication of this lib; every other name is a strategy of the team. */
const builtIn: ReadonlySet<string> = new Set(['jwt', 'apiKeys', 'introspection', 'certificate', 'session']);

/** @throws TypeError where the strategies and their options do not fit */
export function strategyVerifier(options: AuthOptions, http: LazyHttp): StrategyVerifier {
  const { jwt, apiKeys, introspection, certificate, sessions } = options;
  const given = { jwt, apiKeys, introspection, certificate, session: sessions };
  const names = options.strategies ?? Object.entries(given).flatMap(([name, one]) => (one === undefined ? [] : [name]));
  if (names.length === 0) throw new TypeError('AuthModule: found neither of jwt and verifier; give one');
  const hasOwn = names.some((name) => !builtIn.has(name));
  const tokenPlaces = (options.tokenHeaders ?? ['authorization']).map((header): CredentialPlace => {
    if (header !== 'authorization') return headerPlace(header, true);
    return authorizationPlaceFor({ isShared: hasOwn, takesDpop: options.dpop !== undefined });
  });
  const keyPlaces = options.apiKeys === undefined ? [] : [headerPlace(options.apiKeys.header, false)];
  const { revocations, clock = systemClock, certificateOf } = options;
  const proofs = options.dpop && new ProofsOfKeys(options.dpop, clock);
  const checkBinding = bindingCheck({ certificateOf, proofs, clock });
  const strategies = names.map((name): NamedStrategy => {
    if (!builtIn.has(name)) return { name };
    const strategy = strategyOf(name, options, http, names, { tokenPlaces, keyPlaces, checkBinding });
    // `AuthGuard('jwt')` of a hand-written controller finds it in the table of the process.
    passport.use(name, strategy);
    return { name, strategy };
  });
  const bounds = jwtOptionsOf(options).flatMap(({ maxCachedTokens }) => maxCachedTokens ?? []);
  return new StrategyVerifier({
    strategies,
    places: [...tokenPlaces, ...keyPlaces, ...(sessions === undefined ? [] : [sessions.place])],
    ...(revocations && { revocations }),
    clock,
    checkBinding,
    ...(certificate && certificateOf && { certificateOf }),
    ...(bounds.length > 0 && { maxKnown: Math.max(...bounds) }),
  });
}

interface Places {
  readonly tokenPlaces: readonly CredentialPlace[];
  readonly keyPlaces: readonly CredentialPlace[];
  readonly checkBinding: BindingCheck;
}

/** @throws TypeError for a strategy without options */
function strategyOf(
  name: string,
  options: AuthOptions,
  http: LazyHttp,
  names: readonly string[],
  { tokenPlaces, keyPlaces, checkBinding }: Places,
): JwtStrategy | CredentialStrategy | CertificateStrategy {
  if (name === 'jwt') return new JwtStrategy(jwtProver(options, http, names), tokenPlaces, checkBinding);
  const { apiKeys, introspection, certificate, certificateOf, sessions, agentFor, clock = systemClock } = options;
  if (name === 'apiKeys' && apiKeys !== undefined)
    return new CredentialStrategy(name, apiKeys.keys, keyPlaces, checkBinding);
  if (name === 'introspection' && introspection !== undefined) {
    const agent = agentFor?.(introspection.url, introspection.proxy);
    const verifier = new IntrospectionVerifier(introspectionSettings(introspection), http, clock, agent);
    return new CredentialStrategy(name, verifier, tokenPlaces, checkBinding);
  }
  if (name === 'certificate' && certificate !== undefined && certificateOf !== undefined)
    return new CertificateStrategy(certificate, certificateOf, [...tokenPlaces, ...keyPlaces]);
  if (name === 'session' && sessions !== undefined)
    return new CredentialStrategy(name, sessions, [sessions.place], checkBinding);
  throw new TypeError(`AuthModule: the strategy "${name}" has no options; give "${name}"`);
}

const jwtOptionsOf = ({ jwt = [] }: AuthOptions) => [jwt].flat();

function jwtProver(options: AuthOptions, http: LazyHttp, names: readonly string[]): JwtIssuers | JwtVerifier {
  const { clock = systemClock, agentFor } = options;
  const verifiers = jwtOptionsOf(options).map((jwt) => {
    const settings = jwtSettings(jwt);
    return new JwtVerifier(settings, fetchKeysOver(http, settings, agentFor?.(jwt.jwks, jwt.proxy)), clock);
  });
  const [only, ...others] = verifiers;
  if (only === undefined) throw new TypeError('AuthModule: the strategy "jwt" has no issuer; give "jwt"');
  // If nothing else reads tokens, each token is for the one issuer, and the log says what is wrong with it.
  return others.length === 0 && names.every((name) => name === 'jwt' || name === 'apiKeys' || name === 'session')
    ? only
    : new JwtIssuers(verifiers);
}

function verifierOf(options: AuthOptions, http: LazyHttp): TokenVerifier {
  if (options.verifier === undefined) return strategyVerifier(options, http);
  if (options.jwt !== undefined || options.strategies !== undefined)
    throw new TypeError('AuthModule: found both of strategies and verifier; give one');
  return options.verifier;
}

/** Providers and exports of the module that identifies callers. */
export function verification(options: AuthOptions): ModuleMetadata {
  return {
    imports: [PassportModule],
    providers: [
      AccessControl,
      {
        provide: TokenVerifier,
        inject: [LazyModuleLoader],
        useFactory: (loader: LazyModuleLoader) => verifierOf(options, lazyHttp(loader)),
      },
    ],
    exports: [TokenVerifier, AccessControl, PassportModule],
  };
}

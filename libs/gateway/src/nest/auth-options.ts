import type { AuthOptions, JwtOptions, TokenVerifier } from '@frontage/auth';
import { PolicyFiles, type AccessConfig, type BffConfig, type ConfigError } from '@frontage/config';
import type { Clock } from '@frontage/core';
import { issuersOf } from '../access/issuers.js';
import type { Outbound } from '../outbound/outbound.js';

/** The policy of access as options of `AuthModule`. */
export function authOptions(access: AccessConfig, outbound: Outbound, clock: Clock | undefined): AuthOptions {
  return {
    strategies: access.strategies,
    tokenHeaders: access.tokenHeaders,
    jwt: issuersOf(access).map(([, issuer]): JwtOptions => issuer),
    agentFor: (url, proxy) => outbound.agentFor(url, proxy),
    ...(clock && { clock }),
  };
}

/** Strategies of the policy that no provider of the app has registered with Passport. */
export function unregisteredStrategies(
  config: BffConfig,
  verifier: TokenVerifier | undefined,
): ConfigError | undefined {
  const missing = verifier?.unregistered() ?? [];
  if (missing.length === 0) return undefined;
  return new PolicyFiles(config).error(
    missing.map((name) => ({
      path: ['access', 'strategies'],
      want: 'value',
      message: `no provider of this app registers a Passport strategy "${name}"; add one: class ... extends PassportStrategy(Strategy, '${name}')`,
    })),
  );
}

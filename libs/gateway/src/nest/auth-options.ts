import { ApiKeys, keysInFile, keysInTable, Revocations, type AuthOptions, type TokenVerifier } from '@frontage/auth';
import { PolicyFiles, type AccessConfig, type BffConfig, type ConfigError } from '@frontage/config';
import { systemClock, type Clock } from '@frontage/core';
import type { RedisStore } from '@frontage/store';
import { issuersOf } from '../access/issuers.js';
import type { Outbound } from '../outbound/outbound.js';

/** The credentials of an app that change while it runs. */
export interface LiveCredentials {
  readonly apiKeys: ApiKeys | undefined;
  readonly revocations: Revocations;
}

/** Both have to be started, and stopped with the app. */
export function liveCredentials(
  access: AccessConfig,
  store: RedisStore | undefined,
  clock: Clock = systemClock,
): LiveCredentials {
  const { apiKeys, revocationKeepMs } = access;
  const table = store?.table('revocations');
  const keyTable = store?.table('api-keys');
  const source = apiKeys?.file === undefined ? keyTable && keysInTable(keyTable) : keysInFile(apiKeys.file);
  return {
    apiKeys: apiKeys && source && new ApiKeys({ source, reloadMs: apiKeys.reloadMs, cacheMs: apiKeys.cacheMs, clock }),
    revocations: new Revocations({ keepMs: revocationKeepMs, clock, ...(table && { table }) }),
  };
}

/** The policy of access as options of `AuthModule`. */
export function authOptions(
  access: AccessConfig,
  { apiKeys, revocations }: LiveCredentials,
  outbound: Outbound,
  clock: Clock | undefined,
): AuthOptions {
  const { strategies, tokenHeaders, introspection } = access;
  return {
    strategies,
    tokenHeaders,
    jwt: issuersOf(access).map(([, issuer]) => issuer),
    ...(apiKeys && access.apiKeys && { apiKeys: { header: access.apiKeys.header, keys: apiKeys } }),
    ...(introspection && { introspection }),
    revocations,
    agentFor: (url, proxy) => outbound.agentFor(url, proxy),
    ...(clock && { clock }),
  };
}

/**
 * Reads the keys and revocations for the first time.
 * @throws ConfigError at `access.apiKeys` where the keys cannot be read, or name a rate class that the policy does not have
 */
export async function startCredentials(config: BffConfig, { apiKeys, revocations }: LiveCredentials): Promise<void> {
  await revocations.start();
  if (apiKeys === undefined) return;
  const refuse = (message: string): ConfigError =>
    new PolicyFiles(config).error([{ path: ['access', 'apiKeys'], want: 'value', message }]);
  try {
    await apiKeys.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    throw refuse(
      `the keys cannot be read (${reason}); make the first one with "npx frontage keys create ${config.bff} --name <partner>"`,
    );
  }
  const unknown = [...apiKeys.quotas].filter((name) => !Object.hasOwn(config.rateClasses, name));
  if (unknown.length > 0)
    throw refuse(`keys name the rate class "${unknown.join('", "')}", which is not in rateClasses; add it there`);
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

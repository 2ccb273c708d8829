import {
  ApiKeys,
  callersInFile,
  CertificateCallers,
  certificateOfConnection,
  certificateOfProxy,
  certificateRecord,
  keysInFile,
  keysInTable,
  Revocations,
  type AuthOptions,
  type CertificateReader,
  type TokenVerifier,
} from '@frontage/auth';
import { PolicyFiles, type AccessConfig, type BffConfig, type ConfigError } from '@frontage/config';
import { systemClock, type Clock } from '@frontage/core';
import type { RedisStore } from '@frontage/store';
import { trustedProxies } from '@frontage/throttling';
import { issuersOf } from '../access/issuers.js';
import type { Sessions } from '@frontage/sessions';
import type { Outbound } from '../outbound/outbound.js';
import { sessionsOf } from './sessions-of.js';

/** The credentials of an app that change while it runs. */
export interface LiveCredentials {
  readonly apiKeys: ApiKeys | undefined;
  readonly certificates: CertificateCallers | undefined;
  readonly revocations: Revocations;
  readonly sessions: Sessions | undefined;
}

/** All of them have to be started, and stopped with the app. */
export function liveCredentials(
  { bff, access }: Pick<BffConfig, 'bff'> & { readonly access: AccessConfig },
  store: RedisStore | undefined,
  outbound: Outbound,
  clock: Clock = systemClock,
): LiveCredentials {
  const { apiKeys, revocationKeepMs, sessions } = access;
  const table = store?.table('revocations');
  const keyTable = store?.table('api-keys');
  const source = apiKeys?.file === undefined ? keyTable && keysInTable(keyTable) : keysInFile(apiKeys.file);
  return {
    apiKeys: apiKeys && source && new ApiKeys({ source, reloadMs: apiKeys.reloadMs, cacheMs: apiKeys.cacheMs, clock }),
    certificates: access.certificate && certificateCallers(access.certificate, clock),
    revocations: new Revocations({ keepMs: revocationKeepMs, clock, ...(table && { table }) }),
    sessions: sessions && sessionsOf(bff, sessions, { store, outbound, clock }),
  };
}

function certificateCallers(
  { callers, file, reloadMs, cacheMs }: NonNullable<AccessConfig['certificate']>,
  clock: Clock,
): CertificateCallers {
  return new CertificateCallers({
    callers: Object.entries(callers).map(([name, caller]) => certificateRecord(name, caller)),
    ...(file !== undefined && { source: callersInFile(file) }),
    reloadMs,
    cacheMs,
    clock,
  });
}

/** Reads client certificates where the policy has them: a token can be bound to one although none identifies a caller. */
function certificateReader({ access, listen }: BffConfig): CertificateReader | undefined {
  if (access?.certificate?.from === 'proxy') {
    const isProxy = trustedProxies(access.certificate.proxies);
    return certificateOfProxy((address) => isProxy(address, 0));
  }
  return listen.tls?.clientCertificates === undefined ? undefined : certificateOfConnection;
}

/** The policy of access as options of `AuthModule`. */
export function authOptions(
  config: BffConfig,
  access: AccessConfig,
  { apiKeys, certificates, revocations, sessions }: LiveCredentials,
  outbound: Outbound,
  clock: Clock | undefined,
): AuthOptions {
  const { strategies, tokenHeaders, introspection } = access;
  const certificateOf = certificateReader(config);
  return {
    strategies,
    tokenHeaders,
    jwt: issuersOf(access).map(([, issuer]) => issuer),
    ...(apiKeys && access.apiKeys && { apiKeys: { header: access.apiKeys.header, keys: apiKeys } }),
    ...(introspection && { introspection }),
    ...(access.dpop && { dpop: access.dpop }),
    ...(certificates && { certificate: certificates }),
    ...(certificateOf && { certificateOf }),
    ...(sessions && { sessions }),
    revocations,
    agentFor: (url, proxy) => outbound.agentFor(url, proxy),
    ...(clock && { clock }),
  };
}

/**
 * Reads the keys, the callers of certificates and the revocations for the first time.
 * @throws ConfigError at `access.apiKeys` or `access.certificate` where they cannot be read, or name a rate class that the policy does not have
 */
export async function startCredentials(config: BffConfig, live: LiveCredentials): Promise<void> {
  const { apiKeys, certificates, revocations, sessions } = live;
  await revocations.start();
  await sessions?.start().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown';
    const message = `the keys of sessions cannot be read (${reason})`;
    throw new PolicyFiles(config).error([{ path: ['access', 'sessions', 'keysFile'], want: 'value', message }]);
  });
  const first = `make the first one with "npx frontage keys create ${config.bff} --name <partner>"`;
  if (apiKeys !== undefined) await startAt(config, ['access', 'apiKeys'], 'keys', apiKeys, `; ${first}`);
  if (certificates !== undefined) await startAt(config, ['access', 'certificate'], 'callers', certificates, '');
}

async function startAt(
  config: BffConfig,
  path: readonly string[],
  what: string,
  credentials: Pick<ApiKeys, 'start' | 'quotas'>,
  hint: string,
): Promise<void> {
  const refuse = (message: string): ConfigError => new PolicyFiles(config).error([{ path, want: 'value', message }]);
  try {
    await credentials.start();
  } catch (error) {
    throw refuse(`the ${what} cannot be read (${error instanceof Error ? error.message : 'unknown'})${hint}`);
  }
  const unknown = [...credentials.quotas].filter((name) => !Object.hasOwn(config.rateClasses, name));
  if (unknown.length > 0)
    throw refuse(`${what} name the rate class "${unknown.join('", "')}", which is not in rateClasses; add it there`);
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

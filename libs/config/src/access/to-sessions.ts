import { resolve } from 'node:path';
import { byName } from '../document/tree.js';
import { given, proxyOf } from './policy-members.js';
import { toClaims } from './to-claims.js';
import type { SessionProviderConfig, SessionsConfig } from './access-config.js';
import type { Policy } from '../schema/bff.schema.js';

type SessionsPolicy = NonNullable<Exclude<NonNullable<Policy['access']>, 'off'>['sessions']>;

/** `access.sessions` of the policy for code. @param folder of the policy, which paths begin at */
export function toSessions(sessions: SessionsPolicy, appProxy: string, folder: string): SessionsConfig {
  const { keys, keysFile, idle, lifetime, refreshAhead, csrfHeader, providers, ...same } = sessions;
  const entries = Object.entries(providers);
  return {
    ...same,
    ...given('keys', keys),
    ...(keysFile !== undefined && { keysFile: resolve(folder, keysFile) }),
    idleMs: idle,
    lifetimeMs: lifetime,
    refreshAheadMs: refreshAhead,
    csrfHeader: csrfHeader.toLowerCase(),
    providers: byName(
      entries.map(
        ([name, one]) => [name, toProvider(one, appProxy, folder, entries.length === 1 ? '' : `${name}:`)] as const,
      ),
    ),
  };
}

function toProvider(
  provider: SessionsPolicy['providers'][string],
  appProxy: string,
  folder: string,
  prefix: string,
): SessionProviderConfig {
  const { subjectPrefix = prefix, proxy, claims, privateKey, timeout, ...rest } = provider;
  const { clientSecret, privateKeyId, pushedRequests, ...same } = rest;
  return {
    ...same,
    ...given('clientSecret', clientSecret),
    ...given('privateKeyId', privateKeyId),
    ...given('pushedRequests', pushedRequests),
    ...(privateKey !== undefined && { privateKey: resolve(folder, privateKey) }),
    ...proxyOf(proxy, appProxy),
    subjectPrefix: subjectPrefix === 'off' ? '' : subjectPrefix,
    claims: toClaims(claims),
    timeoutMs: timeout,
  };
}

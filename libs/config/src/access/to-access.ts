import { resolve } from 'node:path';
import { byName } from '../document/tree.js';
import { toClaims } from './to-claims.js';
import { toSessions } from './to-sessions.js';
import { given, on, proxyOf } from './policy-members.js';
import type {
  AccessConfig,
  ApiKeysConfig,
  CertificateConfig,
  DpopConfig,
  IntrospectionConfig,
  JwtConfig,
  OpaConfig,
} from './access-config.js';
import type { Policy } from '../schema/bff.schema.js';

type AccessPolicy = Exclude<NonNullable<Policy['access']>, 'off'>;

/** `access` of the policy for code. @param folder of the policy, which paths begin at */
export function toAccess(access: AccessPolicy, appProxy: string, folder: string): AccessConfig {
  const jwt = on(access.jwt);
  const opa = on(access.opa);
  const issuers = byName(
    Object.entries(access.issuers).map(([name, issuer]) => [name, toJwt(issuer, appProxy, `${name}:`)] as const),
  );
  const hasIssuer = jwt !== undefined || Object.keys(issuers).length > 0;
  return {
    strategies: access.strategies ?? [
      ...(hasIssuer ? ['jwt'] : []),
      ...(access.apiKeys === undefined ? [] : ['apiKeys']),
      ...(access.introspection === undefined ? [] : ['introspection']),
      ...(access.certificate === undefined ? [] : ['certificate']),
      ...(access.sessions === undefined ? [] : ['session']),
    ],
    tokenHeaders: access.tokenHeaders.map((name) => name.toLowerCase()),
    ...(jwt && { jwt: toJwt(jwt, appProxy, '') }),
    issuers,
    ...(access.apiKeys && { apiKeys: toApiKeys(access.apiKeys, folder) }),
    ...(access.introspection && { introspection: toIntrospection(access.introspection, appProxy) }),
    ...(access.certificate && { certificate: toCertificate(access.certificate, folder) }),
    ...(access.dpop && { dpop: toDpop(access.dpop) }),
    ...(opa && { opa: toOpa(opa, appProxy) }),
    ...(access.sessions && { sessions: toSessions(access.sessions, appProxy, folder) }),
    revocationKeepMs: access.revocationKeep,
  };
}

const toDpop = ({ maxAge, ...same }: NonNullable<AccessPolicy['dpop']>): DpopConfig => ({ ...same, maxAgeMs: maxAge });

function toOpa(
  { proxy, token, cache, timeout, ...same }: Exclude<NonNullable<AccessPolicy['opa']>, 'off'>,
  appProxy: string,
): OpaConfig {
  return { ...same, ...proxyOf(proxy, appProxy), ...given('token', token), cacheMs: cache, timeoutMs: timeout };
}

function toApiKeys(
  { header, file, reload, cache }: NonNullable<AccessPolicy['apiKeys']>,
  folder: string,
): ApiKeysConfig {
  return {
    header: header.toLowerCase(),
    ...(file !== undefined && { file: resolve(folder, file) }),
    reloadMs: reload,
    cacheMs: cache,
  };
}

function toCertificate(
  { from, proxies = [], callers, file, reload, cache }: NonNullable<AccessPolicy['certificate']>,
  folder: string,
): CertificateConfig {
  return {
    from,
    proxies,
    callers: byName(
      Object.entries(callers).map(([name, { scopes = [], roles = [], thumbprint, san, subject, tenant, quota }]) => [
        name,
        {
          scopes,
          roles,
          ...given('thumbprint', thumbprint),
          ...given('san', san),
          ...given('subject', subject),
          ...given('tenant', tenant),
          ...given('quota', quota),
        },
      ]),
    ),
    ...(file !== undefined && { file: resolve(folder, file) }),
    reloadMs: reload,
    cacheMs: cache,
  };
}

function toIntrospection(policy: NonNullable<AccessPolicy['introspection']>, appProxy: string): IntrospectionConfig {
  const { proxy, issuer, audience, requiredClaims, claims, cache, timeout, clockSkew, dpop, ...same } = policy;
  return {
    ...same,
    ...proxyOf(proxy, appProxy),
    ...given('issuer', issuer),
    ...given('dpop', dpop),
    audience: audience === 'off' ? [] : audience,
    ...given('requiredClaims', requiredClaims),
    claims: toClaims(claims),
    cacheMs: cache,
    timeoutMs: timeout,
    clockSkewMs: clockSkew,
    breaker: { failureRatio: 0.5, windowMs: 10_000, minimumCalls: 10, openForMs: 5_000 },
  };
}

function toJwt(jwt: AccessPolicy['issuers'][string], appProxy: string, prefix: string): JwtConfig {
  const {
    subjectPrefix = prefix,
    clockSkew,
    maxTokenAge,
    tokenCache,
    keys,
    requiredClaims,
    proxy,
    claims,
    dpop,
    ...same
  } = jwt;
  return {
    ...same,
    subjectPrefix: subjectPrefix === 'off' ? '' : subjectPrefix,
    ...proxyOf(proxy, appProxy),
    clockSkewMs: clockSkew,
    ...given('maxTokenAgeMs', maxTokenAge),
    ...given('requiredClaims', requiredClaims),
    ...given('dpop', dpop),
    claims: toClaims(claims),
    cacheMs: tokenCache,
    jwksRefreshMs: keys.refresh,
    jwksMaxAgeMs: keys.maxAge,
    jwksTimeoutMs: keys.timeout,
  };
}

import type { BffConfig, OtlpConfig } from './bff-config.js';
import type { AccessConfig, JwtConfig, SessionsConfig } from './access/access-config.js';
import type { CredentialsConfig, TokenClientConfig } from './credentials/credentials-config.js';
import { byName } from './document/tree.js';

/** The text that stands for a secret. */
export const masked = '***';

/** The same configuration with every secret masked, for `--describe` and logs. */
export function describeConfig(config: BffConfig): BffConfig {
  const { access, redis, tracing, metrics, admin } = config;
  const { otlp } = tracing;
  return {
    ...config,
    ...(access && { access: describeAccess(access) }),
    ...(redis && { redis: { ...redis, url: withoutSecrets(redis.url) } }),
    upstreams: byName(
      Object.entries(config.upstreams).map(([name, upstream]) => {
        const { credentials, security, proxy, balance } = upstream;
        return [
          name,
          {
            ...upstream,
            ...(credentials && { credentials: describeCredentials(credentials) }),
            security: byName(
              Object.entries(security).map(([scheme, { value, ...rest }]) => [
                scheme,
                value === undefined ? rest : { ...rest, value: masked },
              ]),
            ),
            ...maskedProxy(proxy),
            ...(balance?.choose?.key !== undefined && {
              balance: { ...balance, choose: { ...balance.choose, key: masked } },
            }),
          },
        ] as const;
      }),
    ),
    tracing: {
      ...tracing,
      ...(otlp && { otlp: describeOtlp(otlp) }),
    },
    metrics: { ...metrics, ...(metrics.otlp && { otlp: describeOtlp(metrics.otlp) }) },
    admin: admin.token === undefined ? admin : { ...admin, token: masked },
  };
}

const describeOtlp = <Otlp extends OtlpConfig>(otlp: Otlp): Otlp => ({
  ...otlp,
  url: withoutSecrets(otlp.url),
  ...maskedProxy(otlp.proxy),
  headers: byName(Object.keys(otlp.headers).map((name) => [name, masked] as const)),
});

function describeAccess(access: AccessConfig): AccessConfig {
  const withMask = (jwt: JwtConfig): JwtConfig => ({ ...jwt, ...maskedProxy(jwt.proxy) });
  return {
    ...access,
    ...(access.opa && {
      opa: {
        ...access.opa,
        ...(access.opa.token !== undefined && { token: masked }),
        ...maskedProxy(access.opa.proxy),
      },
    }),
    ...(access.jwt && { jwt: withMask(access.jwt) }),
    ...(access.introspection && {
      introspection: {
        ...access.introspection,
        clientSecret: masked,
        ...maskedProxy(access.introspection.proxy),
      },
    }),
    ...(access.sessions && { sessions: describeSessions(access.sessions) }),
    issuers: byName(Object.entries(access.issuers).map(([name, jwt]) => [name, withMask(jwt)] as const)),
  };
}

function describeSessions(sessions: SessionsConfig): SessionsConfig {
  return {
    ...sessions,
    ...(sessions.keys && { keys: sessions.keys.map(() => masked) }),
    providers: byName(
      Object.entries(sessions.providers).map(([name, provider]) => [
        name,
        {
          ...provider,
          ...(provider.clientSecret !== undefined && { clientSecret: masked }),
          ...maskedProxy(provider.proxy),
        },
      ]),
    ),
  };
}

function describeCredentials(credentials: CredentialsConfig): CredentialsConfig {
  const { value, clientCredentials, tokenExchange } = credentials;
  const withMask = <Client extends TokenClientConfig>(client: Client): Client => ({
    ...client,
    ...(client.clientSecret !== undefined && { clientSecret: masked }),
    ...maskedProxy(client.proxy),
  });
  return {
    ...credentials,
    ...(value !== undefined && { value: masked }),
    ...(clientCredentials && { clientCredentials: withMask(clientCredentials) }),
    ...(tokenExchange && { tokenExchange: withMask(tokenExchange) }),
  };
}

function maskedProxy(proxy: string | undefined): { readonly proxy?: string } {
  return proxy === undefined ? {} : { proxy: withoutSecrets(proxy) };
}

/** Masks the user info of an address and the values of its query: both can hold keys. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  const user = url.username !== '' || url.password !== '' ? `${masked}@` : '';
  return `${url.protocol}//${user}${url.host}${url.pathname}${url.search === '' ? '' : `?${masked}`}`;
}

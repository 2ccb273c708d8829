import { resolve } from 'node:path';
import { given, proxyOf } from '../access/policy-members.js';
import type { Policy } from '../schema/bff.schema.js';
import type {
  CredentialsConfig,
  TokenClientConfig,
  TokenExchangeConfig,
  UserContextConfig,
} from './credentials-config.js';

type CredentialsPolicy = NonNullable<Policy['upstreams'][string]['credentials']>;
type TokenClientPolicy = NonNullable<CredentialsPolicy['clientCredentials']>;

/** `credentials` of an upstream for code. @param folder of the policy, which paths begin at */
export function toCredentials(policy: CredentialsPolicy, appProxy: string, folder: string): CredentialsConfig {
  const { header, value, file, scheme, clientCredentials, tokenExchange } = policy;
  return {
    header,
    ...given('value', value),
    ...given('file', inFolder(folder, file)),
    ...given('scheme', scheme),
    ...(clientCredentials && { clientCredentials: toTokenClient(clientCredentials, appProxy, folder) }),
    ...(tokenExchange && { tokenExchange: toTokenExchange(tokenExchange, appProxy, folder) }),
  };
}

export function toUserContext(
  { audience, keysFile, issuer, workload, lifetime }: NonNullable<Policy['userContext']>,
  app: string,
  folder: string,
): UserContextConfig {
  return {
    audience,
    keysFile: resolve(folder, keysFile),
    ...given('issuer', issuer),
    workload: workload ?? app,
    lifetimeMs: lifetime,
  };
}

function toTokenExchange(
  { requestedTokenType, maxTokens, ...client }: NonNullable<CredentialsPolicy['tokenExchange']>,
  appProxy: string,
  folder: string,
): TokenExchangeConfig {
  return { ...toTokenClient(client, appProxy, folder), ...given('requestedTokenType', requestedTokenType), maxTokens };
}

function toTokenClient(policy: TokenClientPolicy, appProxy: string, folder: string): TokenClientConfig {
  const { tokenUrl, proxy, clientId, clientSecret, clientSecretFile, privateKeyFile } = policy;
  const byKey = privateKeyFile === undefined ? 'client_secret_basic' : 'private_key_jwt';
  return {
    tokenUrl,
    ...proxyOf(proxy, appProxy),
    clientId,
    authentication: policy.authentication ?? byKey,
    ...given('clientSecret', clientSecret),
    ...given('clientSecretFile', inFolder(folder, clientSecretFile)),
    ...given('privateKeyFile', inFolder(folder, privateKeyFile)),
    assertionAudience: policy.assertionAudience ?? tokenUrl,
    scope: policy.scope ?? [],
    audience: policy.audience ?? [],
    resource: policy.resource ?? [],
    timeoutMs: policy.timeout,
  };
}

const inFolder = (folder: string, file: string | undefined): string | undefined =>
  file === undefined ? undefined : resolve(folder, file);

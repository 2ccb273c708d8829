import { isLoopback } from '@frontage/core';
import type { Path } from '../document/tree.js';
import type { CredentialsConfig, TokenClientConfig } from './credentials-config.js';

type Refuse = (path: Path, message: string) => void;

interface UpstreamSecrets {
  readonly credentials?: CredentialsConfig;
  readonly userContext: boolean;
  readonly forwardAuthorization: boolean;
  readonly forwardHeaders: readonly string[];
  readonly cache: Readonly<Record<string, { readonly scope: string }>>;
}

/** The field of a minted user context, in lower case. */
const userContextHeader = 'txn-token';

/** Refuses credentials of one upstream that contradict each other, or that would stand in one header field. */
export function checkCredentials(upstream: UpstreamSecrets, path: Path, hasUserContext: boolean, refuse: Refuse): void {
  const { credentials, userContext, forwardHeaders } = upstream;
  if (credentials !== undefined) checkKinds(credentials, [...path, 'credentials'], refuse);
  const header = credentials?.header;
  if (header === 'authorization' && upstream.forwardAuthorization) {
    refuse(
      [...path, 'credentials'],
      'the header "authorization" cannot carry these credentials and the caller\'s token; remove forwardAuthorization or choose another header',
    );
  }
  if (header !== undefined && forwardHeaders.includes(header)) {
    refuse([...path, 'credentials'], `a caller could replace these credentials: "${header}" is in forwardHeaders too`);
  }
  if (userContext && !hasUserContext)
    refuse([...path, 'userContext'], 'this app signs no user context; add userContext: { audience, keysFile }');
  if (userContext && (header === userContextHeader || forwardHeaders.includes(userContextHeader)))
    refuse([...path, 'userContext'], `"${userContextHeader}" carries the user context; nothing else may set it`);
  for (const [operation, { scope }] of Object.entries(upstream.cache)) {
    if (scope !== 'public' || (credentials?.tokenExchange === undefined && !userContext)) continue;
    refuse(
      [...path, 'cache', operation, 'scope'],
      `the upstream sees who is asking (${userContext ? 'userContext' : 'tokenExchange'}), so its responses are not for all callers; write caller or tenant`,
    );
  }
}

function checkKinds(credentials: CredentialsConfig, path: Path, refuse: Refuse): void {
  const { value, file, scheme, clientCredentials, tokenExchange } = credentials;
  const kinds = [value, file, clientCredentials, tokenExchange].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) refuse(path, 'takes one of "value", "file", "clientCredentials" and "tokenExchange"');
  if (scheme !== undefined && file === undefined) refuse([...path, 'scheme'], '"scheme" is not used without "file"');
  if (clientCredentials !== undefined) checkClient(clientCredentials, [...path, 'clientCredentials'], refuse);
  if (tokenExchange !== undefined) checkClient(tokenExchange, [...path, 'tokenExchange'], refuse);
}

function checkClient(client: TokenClientConfig, path: Path, refuse: Refuse): void {
  const { protocol, hostname } = new URL(client.tokenUrl);
  if (protocol === 'http:' && !isLoopback(hostname))
    refuse(
      [...path, 'tokenUrl'],
      'tokens and the secret of this app go there; write https: (http: is for this machine only)',
    );
  const { clientSecret, clientSecretFile, privateKeyFile, authentication } = client;
  const secrets = [clientSecret, clientSecretFile, privateKeyFile].filter((secret) => secret !== undefined);
  if (secrets.length !== 1) refuse(path, 'takes one of "clientSecret", "clientSecretFile" and "privateKeyFile"');
  else if ((authentication === 'private_key_jwt') !== (privateKeyFile !== undefined))
    refuse(
      [...path, 'authentication'],
      `"${authentication}" needs ${authentication === 'private_key_jwt' ? '"privateKeyFile"' : '"clientSecret" or "clientSecretFile"'}`,
    );
}

import {
  ClientCredentials,
  FileHeader,
  oneLine,
  readSigningKeys,
  TokenEndpoint,
  TokenExchange,
  UserContext,
  WatchedFile,
  type ClientAuthentication,
  type CredentialSource,
  type RevokedCallers,
} from '@frontage/clients';
import { PolicyFiles, type BffConfig, type PolicyMistake, type TokenClientConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';
import type { Outbound } from './outbound.js';
import { sendFormThrough } from './send-form.js';

interface CredentialDependencies {
  readonly clock: Clock;
  readonly outbound: Outbound;
  readonly revoked: RevokedCallers | undefined;
}

/** The credentials of one app towards its upstreams, beside fixed secrets: those that are fetched, signed, or read again when they change. */
export class UpstreamCredentials {
  readonly #config: BffConfig;
  readonly #deps: CredentialDependencies;
  readonly #files: { stop(): void }[] = [];
  #userContext: UserContext | undefined;

  constructor(config: BffConfig, deps: CredentialDependencies) {
    this.#config = config;
    this.#deps = deps;
  }

  /** @throws ConfigError at the key of a file that cannot be read or used; no message holds a secret */
  sourcesOf(upstream: string): readonly CredentialSource[] {
    const { credentials, userContext = false } = this.#config.upstreams[upstream] ?? {};
    const path = ['upstreams', upstream, 'credentials'];
    const sources: CredentialSource[] = [];
    if (credentials?.file !== undefined) {
      const secret = this.#file([...path, 'file'], credentials.file, `the secret of "${upstream}"`, oneLine);
      sources.push(new FileHeader(credentials.header, secret, credentials.scheme));
    }
    if (credentials?.clientCredentials !== undefined) {
      const { scope, audience, resource } = credentials.clientCredentials;
      const endpoint = this.#endpoint([...path, 'clientCredentials'], credentials.clientCredentials);
      const wish = { header: credentials.header, scope, audience, resource };
      sources.push(new ClientCredentials(wish, endpoint, this.#deps.clock));
    }
    if (credentials?.tokenExchange !== undefined) {
      const { revoked, clock } = this.#deps;
      const endpoint = this.#endpoint([...path, 'tokenExchange'], credentials.tokenExchange);
      const options = { ...credentials.tokenExchange, header: credentials.header, ...(revoked && { revoked }) };
      sources.push(new TokenExchange(options, endpoint, clock));
    }
    if (userContext) sources.push(this.#signer());
    return sources;
  }

  /**
   * The public keys of the user context, as a JWK set (RFC 7517); undefined where this app signs none.
   * @throws ConfigError as {@link sourcesOf}
   */
  jwks(): { readonly keys: readonly unknown[] } | undefined {
    return this.#config.userContext === undefined ? undefined : this.#signer().jwks();
  }

  stop(): void {
    for (const file of this.#files) file.stop();
  }

  #signer(): UserContext {
    const { userContext } = this.#config;
    // The policy was checked: an upstream gets no user context of an app that signs none.
    if (userContext === undefined) throw new Error('this app signs no user context');
    if (this.#userContext === undefined) {
      const { keysFile, ...options } = userContext;
      const keys = this.#file(['userContext', 'keysFile'], keysFile, 'the keys of the user context', readSigningKeys);
      this.#userContext = new UserContext({ ...options, keys: () => keys.value, clock: this.#deps.clock });
    }
    return this.#userContext;
  }

  #endpoint(path: readonly string[], client: TokenClientConfig): TokenEndpoint {
    const { clock, outbound } = this.#deps;
    const { tokenUrl, clientId, timeoutMs, proxy } = client;
    return new TokenEndpoint({
      tokenUrl,
      clientId,
      authentication: this.#authentication(path, client),
      timeoutMs,
      send: sendFormThrough(outbound.agentFor(tokenUrl, proxy, { keepAlive: true })),
      clock,
    });
  }

  #authentication(path: readonly string[], client: TokenClientConfig): ClientAuthentication {
    const { authentication: method, clientSecret = '', clientSecretFile, privateKeyFile, assertionAudience } = client;
    if (method === 'private_key_jwt') {
      const what = `the private key of the client "${client.clientId}"`;
      const keys = this.#file([...path, 'privateKeyFile'], privateKeyFile ?? '', what, readSigningKeys);
      return { method, key: () => keys.value[0], audience: assertionAudience };
    }
    if (clientSecretFile === undefined) return { method, secret: () => clientSecret };
    const what = `the secret of the client "${client.clientId}"`;
    const secret = this.#file([...path, 'clientSecretFile'], clientSecretFile, what, oneLine);
    return { method, secret: () => secret.value };
  }

  #file<T>(path: PolicyMistake['path'], file: string, what: string, parse: (text: string) => T): WatchedFile<T> {
    try {
      const watched = new WatchedFile({ file, what, parse, clock: this.#deps.clock });
      this.#files.push(watched);
      return watched;
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'it cannot be read';
      throw new PolicyFiles(this.#config).error([{ path, want: 'value', message: `${what}: ${reason}` }]);
    }
  }
}

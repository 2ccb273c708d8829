/** Exactly one of `value`, `file`, `clientCredentials` and `tokenExchange` is there. */
export interface CredentialsConfig {
  /** In lower case. @default authorization */
  readonly header: string;
  readonly value?: string;
  /** Absolute path. */
  readonly file?: string;
  /** The word before the secret of `file`. */
  readonly scheme?: string;
  readonly clientCredentials?: TokenClientConfig;
  readonly tokenExchange?: TokenExchangeConfig;
}

export interface TokenClientConfig {
  readonly tokenUrl: string;
  /** May hold a password, so it is never printed. Absent: none. */
  readonly proxy?: string;
  readonly clientId: string;
  readonly authentication: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** One of the first two is there with a secret, the third with `private_key_jwt`; the files are absolute paths. */
  readonly clientSecret?: string;
  readonly clientSecretFile?: string;
  readonly privateKeyFile?: string;
  /** @default the token URL */
  readonly assertionAudience: string;
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  readonly resource: readonly string[];
  /** @default 1_000 */
  readonly timeoutMs: number;
}

export interface TokenExchangeConfig extends TokenClientConfig {
  readonly requestedTokenType?: string;
  /** @default 10_000 */
  readonly maxTokens: number;
}

export interface UserContextConfig {
  readonly audience: string;
  /** Absolute path. */
  readonly keysFile: string;
  readonly issuer?: string;
  /** @default the name of the app */
  readonly workload: string;
  /** 1_000 to 900_000. @default 60_000 */
  readonly lifetimeMs: number;
}

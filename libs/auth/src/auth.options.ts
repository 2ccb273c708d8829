import type { Clock } from '@frontage/core';
import type { IssuerAgent } from './keys/jwks-fetch.js';
import type { ApiKeys } from './credentials/api-keys.js';
import type { CertificateCallers } from './credentials/certificate-callers.js';
import type { DpopOptions } from './options/dpop.options.js';
import type { IntrospectionOptions } from './options/introspection.options.js';
import type { JwtOptions } from './options/jwt.options.js';
import type { RevocationCheck } from './revocation/revocations.js';
import type { CertificateReader } from './strategies/certificate-reader.js';
import type { CredentialPlace } from './strategies/credential-reader.js';
import type { Prover } from './token/proof.js';
import type { TokenVerifier } from './verifiers/token-verifier.js';

export interface ApiKeyOptions {
  /** Header field with the key, in lower case. */
  readonly header: string;
  readonly keys: ApiKeys;
}

/** The ways to identify callers: by Passport strategies, or by a verifier of the team. Give one of the two. */
export interface AuthOptions {
  /** The issuers of JWTs, for the strategy `jwt`: one, or several. */
  readonly jwt?: JwtOptions | readonly JwtOptions[];
  /**
   * The Passport strategies that identify callers, in the order in which they run: `jwt`, `apiKeys`, `introspection`, `certificate`, `session`, and names of strategies that providers of the app
   * register. @default those that have options here
   */
  readonly strategies?: readonly string[];
  /** Header fields in which tokens are looked for; a field other than `authorization` holds the token alone. @default authorization */
  readonly tokenHeaders?: readonly string[];
  /** The keys of partners, for the strategy `apiKeys`. */
  readonly apiKeys?: ApiKeyOptions;
  /** The callers of client certificates, for the strategy `certificate`. */
  readonly certificate?: CertificateCallers;
  /** Reads the client certificate of a request, for that strategy and for tokens that are bound to one. @default no request has one */
  readonly certificateOf?: CertificateReader;
  /** Proofs of the keys that tokens are bound to. @default tokens that are bound to a key are refused */
  readonly dpop?: DpopOptions;
  /** For the strategy `introspection`. */
  readonly introspection?: IntrospectionOptions;
  /** Browser sessions, for the strategy `session`. */
  readonly sessions?: Prover & { readonly place: CredentialPlace };
  /** @default no credential is revoked */
  readonly revocations?: RevocationCheck;
  readonly verifier?: TokenVerifier;
  /** Connects to issuers. It alone resolves names and uses a proxy; the environment is not read. @default an agent of Node */
  readonly agentFor?: (url: string, proxy: string | undefined) => IssuerAgent;
  /** @default the machine's */
  readonly clock?: Clock;
}

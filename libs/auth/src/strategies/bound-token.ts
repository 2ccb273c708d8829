import type { Clock } from '@frontage/core';
import { usableFor } from '../credentials/certificate-callers.js';
import type { ProofsOfKeys } from '../dpop/proof-of-key.js';
import { isDpop } from '../token/bearer.js';
import { unproven } from '../token/binding.js';
import type { Proof } from '../token/proof.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import type { CertificateReader } from './certificate-reader.js';

/**
 * Compares the key that a token is bound to with the one that a request proves.
 * @param credential the token
 * @returns a promise where a proof has to be verified
 * @throws Error (or rejects) where the request proves another key or none
 */
export type BindingCheck = (proof: Proof, credential: string, request: RequestHead) => void | Promise<void>;

interface BindingCheckOptions {
  /** @default no request has a certificate, so each token that is bound to one is refused */
  readonly certificateOf?: CertificateReader | undefined;
  /** @default each token that is bound to a key with proofs is refused */
  readonly proofs?: ProofsOfKeys | undefined;
  readonly clock: Clock;
}

/**
 * Accepts a token that is bound to a client certificate only from the client that has it (RFC 8705 section 3), and one that is bound to a key
 * only with a proof of it (RFC 9449 section 7). The check is made for each request, because neither a connection nor a proof is a part of what is
 * remembered about a token.
 */
export function bindingCheck({ certificateOf, proofs, clock }: BindingCheckOptions): BindingCheck {
  return ({ boundTo }, credential, request) => {
    // RFC 9449 section 7.2: a bound token with the word "Bearer" is a downgrade; a token that is bound to nothing has nothing to prove.
    if (isDpop(request.headers.authorization) !== (boundTo?.kind === 'key')) throw new Error(unproven);
    if (boundTo === undefined) return undefined;
    if (boundTo.kind === 'key') {
      if (proofs === undefined) throw new Error(unproven);
      return proofs.take(request, credential, boundTo.thumbprint);
    }
    const certificate = certificateOf?.(request);
    if (certificate?.thumbprint !== boundTo.thumbprint) throw new Error(unproven);
    usableFor(certificate, clock.wallTime());
    return undefined;
  };
}

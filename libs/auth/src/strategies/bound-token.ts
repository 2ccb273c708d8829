import type { Clock } from '@frontage/core';
import { usableFor } from '../credentials/certificate-callers.js';
import { unproven } from '../token/binding.js';
import type { Proof } from '../token/proof.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import type { CertificateReader } from './certificate-reader.js';

/** @throws Error where the token is bound to a client certificate that the request did not come with */
export type BindingCheck = (proof: Proof, request: RequestHead) => void;

/**
 * Accepts a token that is bound to a client certificate only from the client that has it (RFC 8705 section 3). The check is made for each
 * request, because a connection is no part of what is remembered about a token.
 * @param certificateOf @default no request has a certificate, so each bound token is refused
 */
export function bindingCheck(certificateOf: CertificateReader | undefined, clock: Clock): BindingCheck {
  return ({ boundTo }, request) => {
    if (boundTo === undefined) return;
    const certificate = certificateOf?.(request);
    if (certificate?.thumbprint !== boundTo) throw new Error(unproven);
    usableFor(certificate, clock.wallTime());
  };
}

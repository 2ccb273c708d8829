import type { CredentialFacts } from '../token/proof.js';

/** The credentials that are refused although they are good by themselves. */
export interface RevocationCheck {
  /** Changes when a credential is revoked: proofs from before are compared again. */
  readonly epoch: number;
  isRevoked(facts: CredentialFacts): boolean;
}

/** For an app that revokes nothing. */
export const noRevocations: RevocationCheck = { epoch: 0, isRevoked: () => false };

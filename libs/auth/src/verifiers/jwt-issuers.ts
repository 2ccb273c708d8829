import type { Proof, Prover } from '../token/proof.js';
import { ForeignCredential } from '../token/refusals.js';
import type { JwtVerifier } from './jwt-verifier.js';

const maxTokenLength = 8_192;

/** Verifies the tokens of several issuers, each with the keys, algorithms and audience of that issuer alone. */
export class JwtIssuers implements Prover {
  readonly #byIssuer: ReadonlyMap<string, JwtVerifier>;

  /** @throws TypeError for an issuer that stands twice */
  constructor(verifiers: readonly JwtVerifier[]) {
    this.#byIssuer = new Map(verifiers.map((verifier) => [verifier.settings.issuer, verifier]));
    if (this.#byIssuer.size < verifiers.length)
      throw new TypeError('two blocks of access have the same issuer; give one block both audiences');
  }

  prepare(): void {
    for (const verifier of this.#byIssuer.values()) verifier.prepare();
  }

  /** The claim `iss`, not verified, only chooses the verifier: that one verifies it with the signature. */
  async prove(token: string, withinMs?: number): Promise<Proof> {
    const issuer = unverifiedIssuer(token);
    const verifier = issuer === undefined ? undefined : this.#byIssuer.get(issuer);
    if (verifier === undefined) {
      throw new ForeignCredential(
        issuer === undefined ? 'not a JWS in compact serialisation' : '"iss" is the name of no issuer of the policy',
      );
    }
    return verifier.prove(token, withinMs);
  }
}

/** `undefined` for a text that is no JWT, or names no issuer. */
function unverifiedIssuer(token: string): string | undefined {
  const [, payload = '', signature] = token.length > maxTokenLength ? [] : token.split('.', 3);
  if (signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const issuer: unknown = typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'iss') : undefined;
    return typeof issuer === 'string' ? issuer : undefined;
  } catch {
    return undefined;
  }
}

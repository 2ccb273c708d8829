import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Prover } from '../token/proof.js';
import type { BindingCheck } from './bound-token.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import { extractorOf, type CredentialPlace } from './credential-reader.js';
import { settle, type Proving } from './settle.js';
import type { StrategyRun } from './run-strategy.js';

/**
 * The strategy of passport-jwt with its extractors and with our verifier. passport-jwt hands tokens to jsonwebtoken, which does not know
 * EdDSA and has no keys by name; here the {@link Prover} verifies them.
 */
export class JwtStrategy extends Strategy {
  // Passport calls `authenticate` on objects that inherit from this one: members with # would not be found there.
  private readonly proving: Proving;

  constructor(prover: Prover, places: readonly CredentialPlace[], checkBinding: BindingCheck) {
    const extract = ExtractJwt.fromExtractors<RequestHead>([extractorOf(places)]);
    super({ jwtFromRequest: extract, secretOrKeyProvider: notUsed }, notUsed);
    this.proving = { extract, prover, checkBinding };
  }

  prepare(): void {
    this.proving.prover.prepare?.();
  }

  override authenticate(request: RequestHead, { withinMs }: StrategyRun = {}): void {
    settle(this, request, this.proving, withinMs);
  }
}

/** The super class wants both; only its own `authenticate` would call them. */
function notUsed(): void {}

import passport from 'passport';
import type { Prover } from '../token/proof.js';
import type { BindingCheck } from './bound-token.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import { extractorOf, type CredentialPlace } from './credential-reader.js';
import { settle, type Proving } from './settle.js';
import type { StrategyRun } from './run-strategy.js';

/** The strategy of a kind of credential that stands in a header field as it is: an API key, or an opaque token. */
export class CredentialStrategy extends passport.Strategy {
  // See JwtStrategy.
  private readonly proving: Proving;

  constructor(name: string, prover: Prover, places: readonly CredentialPlace[], checkBinding: BindingCheck) {
    super();
    this.name = name;
    this.proving = { extract: extractorOf(places), prover, checkBinding };
  }

  prepare(): void {
    this.proving.prover.prepare?.();
  }

  override authenticate(request: RequestHead, { withinMs }: StrategyRun = {}): void {
    settle(this, request, this.proving, withinMs);
  }
}

import passport from 'passport';
import type { Prover } from '../token/proof.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import { extractorOf, type CredentialPlace } from './credential-reader.js';
import { settle } from './settle.js';
import type { StrategyRun } from './run-strategy.js';

/** The strategy of a kind of credential that stands in a header field as it is: an API key, or an opaque token. */
export class CredentialStrategy extends passport.Strategy {
  // See JwtStrategy.
  private readonly extract: (request: RequestHead) => string | null;
  private readonly prover: Prover;

  constructor(name: string, prover: Prover, places: readonly CredentialPlace[]) {
    super();
    this.name = name;
    this.extract = extractorOf(places);
    this.prover = prover;
  }

  override authenticate(request: RequestHead, { withinMs }: StrategyRun = {}): void {
    settle(this, this.extract(request), this.prover, withinMs);
  }
}

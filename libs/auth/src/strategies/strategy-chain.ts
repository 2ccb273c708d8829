import type { Strategy } from 'passport';
import { ProblemError } from '@frontage/core';
import type { RevocationCheck } from '../revocation/revocations.js';
import { lasting, type Proof } from '../token/proof.js';
import { refusedToken } from '../token/refusals.js';
import type { RequestHead } from '../verifiers/token-verifier.js';
import { CredentialStrategy } from './credential.strategy.js';
import { JwtStrategy } from './jwt.strategy.js';
import { callerOfUser } from './own-user.js';
import { ownStrategy, runStrategy } from './run-strategy.js';

/** One strategy of `access.strategies`. */
export interface NamedStrategy {
  readonly name: string;
  /** Absent: a strategy of the team, which a provider of its app registers with Passport. */
  readonly strategy?: Strategy;
}

/** The end of a chain: a proof, or the reasons of the strategies that know none. */
export interface Finding {
  readonly proof: Proof | undefined;
  readonly reason: Error | undefined;
}

/** Passport strategies that run one after the other, until one accepts or refuses a request. */
export class StrategyChain {
  /** A strategy of the team is among them. */
  readonly hasOwn: boolean;
  readonly #strategies: readonly NamedStrategy[];
  readonly #revocations: RevocationCheck;

  /** @param strategies in the order in which they run */
  constructor(strategies: readonly NamedStrategy[], revocations: RevocationCheck) {
    this.hasOwn = strategies.some(({ strategy }) => strategy === undefined);
    this.#strategies = strategies;
    this.#revocations = revocations;
  }

  prepare(): void {
    for (const { strategy } of this.#strategies) if (isPrepared(strategy)) strategy.prepare();
  }

  /** The names of strategies that no provider of the app registers. */
  unregistered(): readonly string[] {
    return this.#strategies.flatMap(({ name, strategy }) =>
      strategy === undefined && ownStrategy(name) === undefined ? [name] : [],
    );
  }

  /** @throws ProblemError (rejects) for a request that a strategy refuses */
  async firstProof(request: RequestHead, withinMs: number | undefined): Promise<Finding> {
    const reasons: string[] = [];
    for (const { name, strategy = ownStrategy(name) } of this.#strategies) {
      if (strategy === undefined) throw new Error(`access.strategies: no provider registers the strategy "${name}"`);
      const verdict = await runStrategy(strategy, request, { withinMs });
      if (verdict.kind === 'success') {
        const proof = isProof(verdict.info) ? verdict.info : ownProof(name, verdict.user);
        if (this.#revocations.isRevoked(proof.facts)) throw refusedToken(new Error('it was revoked'));
        return { proof, reason: undefined };
      }
      if (verdict.kind === 'none') continue;
      // Its own credential was refused: no other strategy gets to see it.
      if (verdict.challenge instanceof ProblemError) throw verdict.challenge;
      const reason = reasonOf(verdict.challenge);
      if (reason !== undefined) reasons.push(`${name}: ${reason}`);
    }
    return { proof: undefined, reason: new Error(reasons.join('; ') || 'no strategy knows this credential') };
  }

  /** @throws ProblemError (rejects) also for a request that no strategy knows */
  async proven(request: RequestHead, withinMs: number | undefined): Promise<Proof> {
    const { proof, reason } = await this.firstProof(request, withinMs);
    if (proof === undefined) throw refusedToken(reason);
    return proof;
  }
}

/** Strategies of the team have no such function, or one of their own meaning. */
const isPrepared = (strategy: Strategy | undefined): strategy is JwtStrategy | CredentialStrategy =>
  strategy instanceof JwtStrategy || strategy instanceof CredentialStrategy;

const isProof = (info: unknown): info is Proof =>
  typeof info === 'object' && info !== null && 'caller' in info && 'facts' in info && 'ground' in info;

/** The user of a strategy of the team holds for its request alone. */
function ownProof(name: string, user: unknown): Proof {
  const caller = callerOfUser(name, user);
  return {
    caller,
    facts: { subject: caller.subject },
    credential: '',
    until: Number.NEGATIVE_INFINITY,
    ground: lasting,
    generation: 0,
  };
}

/** The words of a challenge; strategies give a text, an error, or an object with a message. */
function reasonOf(challenge: unknown): string | undefined {
  if (typeof challenge === 'string') return challenge;
  const message: unknown =
    typeof challenge === 'object' && challenge !== null ? Reflect.get(challenge, 'message') : undefined;
  return typeof message === 'string' ? message : undefined;
}

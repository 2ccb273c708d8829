import type { Strategy } from 'passport';
import { ProblemError, systemClock, type Clock, type ReuseCounts } from '@frontage/core';
import type { Caller, RequestContext } from '@frontage/context';
import { noRevocations, type RevocationCheck } from './revocation/revocations.js';
import { CredentialStrategy } from './strategies/credential.strategy.js';
import { JwtStrategy } from './strategies/jwt.strategy.js';
import type { BindingCheck } from './strategies/bound-token.js';
import type { CertificateReader } from './strategies/certificate-reader.js';
import { authorizationPlace, extractorOf, type CredentialPlace } from './strategies/credential-reader.js';
import { callerOfUser } from './strategies/own-user.js';
import { ownStrategy, runStrategy } from './strategies/run-strategy.js';
import { lasting, type Proof } from './token/proof.js';
import { refusedToken } from './token/refusals.js';
import { VerifiedTokens, type KnownProof } from './token/verified-tokens.js';
import { noteCaller, TokenVerifier, type RequestHead } from './verifiers/token-verifier.js';

/** One strategy of `access.strategies`. */
export interface NamedStrategy {
  readonly name: string;
  /** Absent: a strategy of the team, which a provider of its app registers with Passport. */
  readonly strategy?: Strategy;
}

export interface StrategyVerifierOptions {
  /** In the order in which they run. */
  readonly strategies: readonly NamedStrategy[];
  readonly places: readonly CredentialPlace[];
  /** @default no credential is revoked */
  readonly revocations?: RevocationCheck;
  /** Compares a token that is bound to a certificate with the request. */
  readonly checkBinding: BindingCheck;
  /** For the strategy `certificate`. @default it is not in the list */
  readonly certificateOf?: CertificateReader;
  /** The number of credentials that are remembered, per place. @default 10_000 */
  readonly maxKnown?: number;
  readonly clock?: Clock;
}

/**
 * Identifies callers by Passport strategies, one after the other. Credentials that were verified a moment ago are found before any strategy
 * runs.
 */
export class StrategyVerifier extends TokenVerifier {
  readonly #strategies: readonly NamedStrategy[];
  readonly #places: readonly { readonly place: CredentialPlace; readonly known: VerifiedTokens }[];
  readonly #revocations: RevocationCheck;
  readonly #clock: Clock;
  readonly #hasOwn: boolean;
  readonly #checkBinding: BindingCheck;
  readonly #certificateOf: CertificateReader | undefined;
  readonly #knownCertificates: VerifiedTokens;

  constructor(options: StrategyVerifierOptions) {
    super();
    const { strategies, places, revocations, maxKnown = 10_000, clock = systemClock } = options;
    this.#checkBinding = options.checkBinding;
    this.#certificateOf = options.certificateOf;
    this.#knownCertificates = new VerifiedTokens(maxKnown);
    this.#strategies = strategies;
    this.#places = places.map((place) => ({ place, known: new VerifiedTokens(maxKnown) }));
    this.#revocations = revocations ?? noRevocations;
    this.#clock = clock;
    this.#hasOwn = strategies.some(({ strategy }) => strategy === undefined);
  }

  override prepare(): void {
    for (const { strategy } of this.#strategies) if (isPrepared(strategy)) strategy.prepare();
  }

  override unregistered(): readonly string[] {
    return this.#strategies.flatMap(({ name, strategy }) =>
      strategy === undefined && ownStrategy(name) === undefined ? [name] : [],
    );
  }

  verify(token: string, withinMs?: number): Caller | Promise<Caller> {
    const authorization = `Bearer ${token}`;
    // White space around a token is no part of it, and such a text no token.
    const isToken = extractorOf([authorizationPlace])({ headers: { authorization } }) === token;
    const request = { headers: isToken ? { authorization } : {} };
    const [first] = this.#places;
    if (first?.place.header !== 'authorization') return this.#proven(request, withinMs).then(({ caller }) => caller);
    return this.#callerOf(first.known, token, request, withinMs);
  }

  override identify(request: RequestHead, context: RequestContext, withinMs?: number): void | Promise<void> {
    let credential: string | undefined;
    let at = 0;
    for (let index = 0; index < this.#places.length; index++) {
      const text = this.#places[index]?.place.read(request);
      if (text === undefined) continue;
      // RFC 6750 section 2: a request has one credential. With two, it would not be clear whose rights it has.
      if (credential !== undefined) throw refusedToken(new Error('the request has two credentials'));
      credential = text;
      at = index;
    }
    const place = this.#places[at];
    if (credential === undefined || place === undefined) {
      const certificate = this.#certificateOf?.(request)?.thumbprint;
      if (this.#hasOwn) return this.#byOwnStrategies(request, context, withinMs, certificate !== undefined);
      if (certificate === undefined) return undefined;
      return this.#note(context, undefined, this.#callerOf(this.#knownCertificates, certificate, request, withinMs));
    }
    if (place.place.isReference === true)
      return this.#proven(request, withinMs).then((proof) => noteCaller(context, proof.caller, proof.token));
    const token = place.place.isToken ? credential : undefined;
    return this.#note(context, token, this.#callerOf(place.known, credential, request, withinMs));
  }

  #note(context: RequestContext, token: string | undefined, found: Caller | Promise<Caller>): void | Promise<void> {
    if (found instanceof Promise) return found.then((caller) => noteCaller(context, caller, token));
    return noteCaller(context, found, token);
  }

  override reuse(): ReuseCounts {
    const counts = [...this.#places.map(({ known }) => known.counts), this.#knownCertificates.counts];
    return {
      hit: counts.reduce((sum, { hit }) => sum + hit, 0),
      miss: counts.reduce((sum, { miss }) => sum + miss, 0),
    };
  }

  #callerOf(
    table: VerifiedTokens,
    credential: string,
    request: RequestHead,
    withinMs: number | undefined,
  ): Caller | Promise<Caller> {
    const digest = VerifiedTokens.digest(credential);
    const now = this.#clock.now();
    const known = table.get(digest, now);
    if (known === undefined) return this.#verifyAndKeep(table, digest, credential, request, withinMs);
    // A known token waits too, because the key that proved it may be withdrawn.
    const renewal = known.proof.ground.renewal(now, withinMs);
    if (renewal === undefined) return this.#ofKnown(known, table, digest, request);
    return renewal.then(() => {
      const after = table.get(digest, this.#clock.now());
      return after === undefined
        ? this.#verifyAndKeep(table, digest, credential, request, withinMs)
        : this.#ofKnown(after, table, digest, request);
    });
  }

  #ofKnown(known: KnownProof, table: VerifiedTokens, digest: string, request: RequestHead): Caller {
    const { epoch } = this.#revocations;
    if (known.epoch !== epoch) {
      if (this.#revocations.isRevoked(known.proof.facts)) {
        table.delete(digest);
        throw refusedToken(new Error('it was revoked'));
      }
      known.epoch = epoch;
    }
    if (known.proof.boundTo !== undefined) this.#assertBinding(known.proof, request);
    return known.proof.caller;
  }

  #assertBinding(proof: Proof, request: RequestHead): void {
    try {
      this.#checkBinding(proof, request);
    } catch (reason) {
      throw refusedToken(reason);
    }
  }

  async #verifyAndKeep(
    table: VerifiedTokens,
    digest: string,
    credential: string,
    request: RequestHead,
    withinMs: number | undefined,
  ): Promise<Caller> {
    const { epoch } = this.#revocations;
    const proof = await this.#proven(request, withinMs);
    // A strategy may have found another credential than the one that was looked up.
    if (proof.credential === credential && proof.until > this.#clock.now()) table.set(digest, proof, epoch);
    return proof.caller;
  }

  async #byOwnStrategies(
    request: RequestHead,
    context: RequestContext,
    withinMs: number | undefined,
    hasCertificate: boolean,
  ): Promise<void> {
    const found = await this.#firstProof(request, withinMs);
    if (found.proof !== undefined) noteCaller(context, found.proof.caller, undefined);
    // A request without any credential stays without a caller; one that a strategy refused is told so.
    else if (hasCertificate || request.headers.authorization !== undefined) throw refusedToken(found.reason);
  }

  async #proven(request: RequestHead, withinMs: number | undefined): Promise<Proof> {
    const { proof, reason } = await this.#firstProof(request, withinMs);
    if (proof === undefined) throw refusedToken(reason);
    return proof;
  }

  /** Runs the strategies until one accepts or refuses the request. */
  async #firstProof(request: RequestHead, withinMs: number | undefined): Promise<Finding> {
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
}

/** Strategies of the team have no such function, or one of their own meaning. */
const isPrepared = (strategy: Strategy | undefined): strategy is JwtStrategy | CredentialStrategy =>
  strategy instanceof JwtStrategy || strategy instanceof CredentialStrategy;

interface Finding {
  readonly proof: Proof | undefined;
  readonly reason: Error | undefined;
}

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

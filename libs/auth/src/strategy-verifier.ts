import { systemClock, type Clock, type ReuseCounts } from '@frontage/core';
import type { Caller, RequestContext } from '@frontage/context';
import { noRevocations, type RevocationCheck } from './revocation/revocations.js';
import type { BindingCheck } from './strategies/bound-token.js';
import type { CertificateReader } from './strategies/certificate-reader.js';
import { authorizationPlace, extractorOf, type CredentialPlace } from './strategies/credential-reader.js';
import { StrategyChain, type NamedStrategy } from './strategies/strategy-chain.js';
import { KnownHeaders } from './token/known-headers.js';
import type { Proof } from './token/proof.js';
import { refusedToken } from './token/refusals.js';
import { VerifiedTokens, type KnownProof } from './token/verified-tokens.js';
import { noteCaller, TokenVerifier, type RequestHead } from './verifiers/token-verifier.js';

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

interface PlaceOfCredentials {
  readonly place: CredentialPlace;
  readonly known: VerifiedTokens;
}

/** A credential of a request, and the table in which it may be known. */
interface Lookup {
  readonly table: VerifiedTokens;
  readonly credential: string;
  readonly request: RequestHead;
  /** The credential stands in the field `Authorization`. @default false */
  readonly isHeader?: boolean;
}

/**
 * Identifies callers by Passport strategies, one after the other. Credentials that were verified a moment ago are found before any strategy
 * runs.
 */
export class StrategyVerifier extends TokenVerifier {
  readonly #chain: StrategyChain;
  readonly #places: readonly PlaceOfCredentials[];
  /** Without the place of the field `Authorization`. */
  readonly #otherPlaces: readonly PlaceOfCredentials[];
  readonly #headers: KnownHeaders;
  #shortWays = 0;
  readonly #revocations: RevocationCheck;
  readonly #clock: Clock;
  readonly #checkBinding: BindingCheck;
  readonly #certificateOf: CertificateReader | undefined;
  readonly #knownCertificates: VerifiedTokens;

  constructor(options: StrategyVerifierOptions) {
    super();
    const { strategies, places, revocations, maxKnown = 10_000, clock = systemClock } = options;
    this.#checkBinding = options.checkBinding;
    this.#certificateOf = options.certificateOf;
    this.#knownCertificates = new VerifiedTokens(maxKnown);
    this.#revocations = revocations ?? noRevocations;
    this.#chain = new StrategyChain(strategies, this.#revocations);
    this.#places = places.map((place) => ({ place, known: new VerifiedTokens(maxKnown) }));
    this.#otherPlaces = this.#places.filter(({ place }) => place.header !== 'authorization');
    this.#headers = new KnownHeaders(maxKnown);
    this.#clock = clock;
  }

  override prepare(): void {
    this.#chain.prepare();
  }

  override unregistered(): readonly string[] {
    return this.#chain.unregistered();
  }

  verify(token: string, withinMs?: number): Caller | Promise<Caller> {
    const authorization = `Bearer ${token}`;
    // White space around a token is no part of it, and such a text no token.
    const isToken = extractorOf([authorizationPlace])({ headers: { authorization } }) === token;
    const request = { headers: isToken ? { authorization } : {} };
    const [first] = this.#places;
    if (first?.place.header !== 'authorization')
      return this.#chain.proven(request, withinMs).then(({ caller }) => caller);
    return this.#callerOf({ table: first.known, credential: token, request }, withinMs);
  }

  override identify(request: RequestHead, context: RequestContext, withinMs?: number): void | Promise<void> {
    if (this.#isKnown(request, context, withinMs)) return undefined;
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
      const certificate = this.#certificateOf?.(request);
      if (this.#chain.hasOwn) return this.#byOwnStrategies(request, context, withinMs, certificate !== undefined);
      if (certificate === undefined) return undefined;
      // It may have been good on an earlier connection, before its authority revoked it.
      if (certificate.untrusted !== undefined)
        return this.#chain.proven(request, withinMs).then(({ caller }) => noteCaller(context, caller, undefined));
      const { thumbprint: credential } = certificate;
      return this.#note(
        context,
        undefined,
        this.#callerOf({ table: this.#knownCertificates, credential, request }, withinMs),
      );
    }
    if (place.place.isReference === true)
      return this.#chain
        .proven(request, withinMs)
        .then((proof) => noteCaller(context, proof.caller, proof.token, proof.tokenKey));
    const token = place.place.isToken ? credential : undefined;
    return this.#note(
      context,
      token,
      this.#callerOf(
        { table: place.known, credential, request, isHeader: place.place.header === 'authorization' },
        withinMs,
      ),
    );
  }

  /** The short way of a request whose field `Authorization` is known, if nothing about it has to be looked at again. */
  #isKnown(request: RequestHead, context: RequestContext, withinMs: number | undefined): boolean {
    const { authorization } = request.headers;
    if (authorization === undefined) return false;
    const now = this.#clock.now();
    const header = this.#headers.get(authorization, now);
    if (header === undefined) return false;
    const { proof, epoch } = header.known;
    if (proof.until <= now || proof.generation !== proof.ground.generation) return false;
    if (epoch !== this.#revocations.epoch || proof.ground.renewal(now, withinMs) !== undefined) return false;
    for (const { place } of this.#otherPlaces) if (place.read(request) !== undefined) return false;
    this.#shortWays++;
    noteCaller(context, proof.caller, header.token);
    return true;
  }

  #note(context: RequestContext, token: string | undefined, found: Caller | Promise<Caller>): void | Promise<void> {
    if (found instanceof Promise) return found.then((caller) => noteCaller(context, caller, token));
    return noteCaller(context, found, token);
  }

  override reuse(): ReuseCounts {
    const counts = [...this.#places.map(({ known }) => known.counts), this.#knownCertificates.counts];
    return {
      hit: counts.reduce((sum, { hit }) => sum + hit, this.#shortWays),
      miss: counts.reduce((sum, { miss }) => sum + miss, 0),
    };
  }

  #callerOf(lookup: Lookup, withinMs: number | undefined): Caller | Promise<Caller> {
    const { table, credential } = lookup;
    const digest = VerifiedTokens.digest(credential);
    const now = this.#clock.now();
    const known = table.get(digest, now);
    if (known === undefined) return this.#verifyAndKeep(lookup, digest, withinMs);
    // A known token waits too, because the key that proved it may be withdrawn.
    const renewal = known.proof.ground.renewal(now, withinMs);
    if (renewal === undefined) return this.#ofKnown(known, lookup, digest);
    return renewal.then(() => {
      const after = table.get(digest, this.#clock.now());
      return after === undefined ? this.#verifyAndKeep(lookup, digest, withinMs) : this.#ofKnown(after, lookup, digest);
    });
  }

  #ofKnown(
    known: KnownProof,
    { table, credential, request, isHeader }: Lookup,
    digest: string,
  ): Caller | Promise<Caller> {
    const { epoch } = this.#revocations;
    if (known.epoch !== epoch) {
      if (this.#revocations.isRevoked(known.proof.facts)) {
        table.delete(digest);
        throw refusedToken(new Error('it was revoked'));
      }
      known.epoch = epoch;
    }
    const { authorization } = request.headers;
    const pending = this.#assertBinding(known.proof, credential, request);
    if (pending !== undefined) return pending.then(() => known.proof.caller);
    if (known.proof.boundTo === undefined && isHeader === true && authorization !== undefined)
      this.#headers.set({ header: authorization, known, token: credential }, this.#clock.now());
    return known.proof.caller;
  }

  #assertBinding(proof: Proof, credential: string, request: RequestHead): void | Promise<void> {
    try {
      return this.#checkBinding(proof, credential, request);
    } catch (reason) {
      throw refusedToken(reason);
    }
  }

  async #verifyAndKeep(
    { table, credential, request }: Lookup,
    digest: string,
    withinMs: number | undefined,
  ): Promise<Caller> {
    const { epoch } = this.#revocations;
    const proof = await this.#chain.proven(request, withinMs);
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
    const found = await this.#chain.firstProof(request, withinMs);
    if (found.proof !== undefined) noteCaller(context, found.proof.caller, undefined);
    // A request without any credential stays without a caller; one that a strategy refused is told so.
    else if (hasCertificate || request.headers.authorization !== undefined) throw refusedToken(found.reason);
  }
}

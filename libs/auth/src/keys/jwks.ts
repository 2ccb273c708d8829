import { channels, ProblemError, systemClock, type Clock, type Warning } from '@frontage/core';
import { errors, type CryptoKey, type FlattenedJWSInput, type JWTHeaderParameters } from 'jose';
import type { JwtSettings } from '../options/jwt.options.js';
import { readKeySet, type KeySet } from './key-set.js';
import { settledWithin } from './settled-within.js';

/** Fetches the JWK set: resolves with the parsed body of a 200 response, else rejects. */
export type FetchKeys = () => Promise<unknown>;

/** Without any keys every token is refused, so the next fetch comes sooner than after the cooldown. */
const retryWithoutKeysMs = 1_000;
/** Longest time that a token waits for newer keys while older keys are usable, counted from the start of the fetch. */
const longestWaitMs = 1_000;

type KeySettings = Pick<JwtSettings, 'issuer' | 'jwksCooldownMs' | 'jwksRefreshMs' | 'jwksMaxAgeMs' | 'jwksTimeoutMs'>;

/**
 * The keys of the issuer, kept while it fails. They are fetched when first needed, again in the background when they get old, and when a
 * token names an unknown key. A fetch starts at most once per cooldown, counted from the attempt and not from its success, so that neither
 * invented key ids nor an issuer that is down cause many fetches. Concurrent tokens share one fetch.
 *
 * Keys that are twice as old as `jwksRefreshMs` verify a token only after a fetch was tried. So a withdrawn key is refused then, also by an
 * app that had no request in between. If that fetch fails, the old keys are used up to `jwksMaxAgeMs`.
 */
export class Jwks {
  readonly #fetch: FetchKeys;
  readonly #settings: KeySettings;
  readonly #clock: Clock;
  readonly #refreshMs: number;
  readonly #cooldownMs: number;
  #keys: KeySet | undefined;
  /** Start of the fetch of these keys: they may be as old as that. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #inFlight: Promise<KeySet> | undefined;
  #generation = 0;
  #refused = '';

  constructor(fetch: FetchKeys, settings: KeySettings, clock: Clock = systemClock) {
    this.#fetch = fetch;
    this.#settings = settings;
    this.#clock = clock;
    this.#refreshMs = settings.jwksRefreshMs;
    this.#cooldownMs = Math.min(settings.jwksCooldownMs, settings.jwksRefreshMs);
  }

  /** Grows when a key was withdrawn or changed: a token that the previous keys proved has to be verified again. */
  get generation(): number {
    return this.#generation;
  }

  /** Monotonic milliseconds after which a token that these keys proved is no longer accepted. */
  get usableUntil(): number {
    return this.#askedAt + this.#settings.jwksMaxAgeMs;
  }

  /**
   * A promise to wait for before these keys may verify a token; `undefined` if they may at once. It never rejects. It is called for every
   * request, and reads one number while the keys are fresh.
   * @param now of the clock
   * @param withinMs longest time that the request can wait
   */
  renewal(now: number, withinMs = Number.POSITIVE_INFINITY): Promise<void> | undefined {
    const age = now - this.#askedAt;
    if (age < this.#refreshMs) return undefined;
    const isUsable = age < this.#settings.jwksMaxAgeMs && this.#keys !== undefined;
    if (!this.#mayFetch(isUsable ? this.#cooldownMs : retryWithoutKeysMs)) return undefined;
    const renewed = this.#refresh();
    if (!isUsable) return settledWithin(renewed, withinMs, this.#clock);
    if (age < 2 * this.#refreshMs) {
      renewed.catch(() => undefined); // the warning is published already
      return undefined;
    }
    // Half of the time is left for the request itself: without a response of the issuer, the older keys verify the token.
    const longestMs = Math.min(longestWaitMs, withinMs / 2) - (now - this.#attemptedAt);
    return longestMs > 0 ? settledWithin(renewed, longestMs, this.#clock) : undefined;
  }

  /** Fetches the keys if there are none yet, so that the first token does not wait. Failures are warned of, and change nothing else. */
  prefetch(): void {
    if (this.#keys === undefined) this.#refresh().catch(() => undefined);
  }

  /**
   * The key that a token must be signed with. Wait for {@link renewal} first.
   * @throws JOSEError when the set has no such key, or more than one; ProblemError `GW_UPSTREAM_FAILED` when there are no keys at all
   */
  async keyOf(header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const keys = this.#usable();
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayFetch(this.#settings.jwksCooldownMs)) throw error;
      await settledWithin(this.#refresh(), this.#settings.jwksTimeoutMs, this.#clock);
      return this.#usable().find(header, token);
    }
  }

  #usable(): KeySet {
    if (this.#keys !== undefined && this.#clock.now() < this.usableUntil) return this.#keys;
    throw new ProblemError('GW_UPSTREAM_FAILED', { detail: 'The keys of the token issuer are not available' });
  }

  #mayFetch(cooldownMs: number): boolean {
    return this.#inFlight !== undefined || this.#clock.now() - this.#attemptedAt >= cooldownMs;
  }

  #refresh(): Promise<KeySet> {
    this.#inFlight ??= this.#load().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  async #load(): Promise<KeySet> {
    const askedAt = this.#clock.now();
    this.#attemptedAt = askedAt;
    try {
      const keys = readKeySet(await this.#fetched());
      this.#take(keys, askedAt);
      return keys;
    } catch (cause) {
      this.#warn(`cannot fetch the keys of ${this.#settings.issuer}`, cause);
      throw cause;
    }
  }

  /** Ends a fetch that hangs, even if the fetch has no bound of its own. */
  async #fetched(): Promise<unknown> {
    const { jwksTimeoutMs } = this.#settings;
    const fetched = this.#fetch();
    let timer: unknown;
    const late = new Promise<never>((_resolve, reject) => {
      timer = this.#clock.setTimer(() => reject(new Error(`no response within ${jwksTimeoutMs} ms`)), jwksTimeoutMs);
    });
    try {
      return await Promise.race([fetched, late]);
    } finally {
      this.#clock.clearTimer(timer);
    }
  }

  #take(keys: KeySet, askedAt: number): void {
    const before = this.#keys;
    this.#askedAt = askedAt;
    // The same keys stay the same object, because jose caches the imported keys there.
    if (before !== undefined && before.prints.symmetricDifference(keys.prints).size === 0) return;
    this.#keys = keys;
    if (before !== undefined && !before.prints.isSubsetOf(keys.prints)) this.#generation++;
    const refused = keys.refused.join('; ');
    if (refused !== '' && refused !== this.#refused) {
      this.#warn(`some keys of ${this.#settings.issuer} are not used`, new Error(refused));
    }
    this.#refused = refused;
  }

  #warn(message: string, cause: unknown): void {
    if (channels.warning.hasSubscribers) {
      channels.warning.publish({ from: 'auth', message, cause } satisfies Warning);
    }
  }
}

import { channels, ProblemError, systemClock, type Clock, type Complaint } from '@frontage/core';
import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWK,
  type JWTHeaderParameters,
} from 'jose';
import type { JwtSettings } from './jwt.options.js';

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Fetches the JWK set: the parsed body of a 200, else rejects. */
export type FetchKeys = () => Promise<unknown>;

const maxKeys = 100;
/** base64url characters of an 8,192 bit modulus; a longer one costs seconds per verification. */
const maxModulusLength = 1_366;
/** While there are no keys at all, nobody can be let in: try again sooner than the cooldown. */
const retryWithoutKeysMs = 1_000;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Only what can verify: a shared secret or a private key in a public document proves nothing any more. */
function isVerificationKey(key: unknown): key is JWK & Record<string, unknown> {
  if (!isObject(key) || typeof key['kty'] !== 'string' || key['kty'] === 'oct' || key['d'] !== undefined) return false;
  return key['kty'] !== 'RSA' || (typeof key['n'] === 'string' && key['n'].length <= maxModulusLength);
}

function readKeySet(body: unknown): KeySet {
  if (!isObject(body) || !Array.isArray(body['keys']))
    throw new Error('the JWK set is not an object with a list "keys" (RFC 7517 section 5)');
  if (body['keys'].length > maxKeys)
    throw new Error(`the JWK set has ${body['keys'].length} keys, more than ${maxKeys}`);
  return createLocalJWKSet({ keys: body['keys'].filter(isVerificationKey) });
}

/**
 * The issuer's keys, kept through its failures. They are fetched when first needed, again in the background when they get old, and when a
 * token names a key that is unknown: at most once per cooldown, counted from the attempt and not from its success, so that neither a
 * flood of invented key ids nor an issuer that is down makes a storm. Concurrent tokens share one fetch.
 */
export class Jwks {
  readonly #fetch: FetchKeys;
  readonly #settings: JwtSettings;
  readonly #clock: Clock;
  #keys: KeySet | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #inFlight: Promise<KeySet> | undefined;

  constructor(fetch: FetchKeys, settings: JwtSettings, clock: Clock = systemClock) {
    this.#fetch = fetch;
    this.#settings = settings;
    this.#clock = clock;
  }

  /**
   * The key that a token must be signed with.
   * @throws JOSEError when the set has no such key, or more than one; ProblemError `GW_UPSTREAM_FAILED` when there are no keys at all
   */
  async keyOf(header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const keys = await this.#current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayFetch(this.#settings.jwksCooldownMs)) throw error;
      const latest = await this.#refresh().catch(() => keys); // a failed fetch is complained about already: what is at hand decides
      return latest(header, token);
    }
  }

  async #current(): Promise<KeySet> {
    const { jwksMaxAgeMs, jwksRefreshMs, jwksCooldownMs } = this.#settings;
    const age = this.#clock.now() - this.#loadedAt;
    if (this.#keys !== undefined && age < jwksMaxAgeMs) {
      if (age >= jwksRefreshMs && this.#inFlight === undefined && this.#mayFetch(jwksCooldownMs))
        this.#refresh().catch(() => undefined); // the old keys serve on
      return this.#keys;
    }
    const unavailable = { detail: 'The keys of the token issuer cannot be had' };
    if (!this.#mayFetch(retryWithoutKeysMs)) throw new ProblemError('GW_UPSTREAM_FAILED', unavailable);
    return this.#refresh().catch((cause: unknown) => {
      throw new ProblemError('GW_UPSTREAM_FAILED', { ...unavailable, cause });
    });
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
    this.#attemptedAt = this.#clock.now();
    try {
      this.#keys = readKeySet(await this.#fetch());
      this.#loadedAt = this.#clock.now();
      return this.#keys;
    } catch (cause) {
      if (channels.complaint.hasSubscribers) {
        const complaint: Complaint = {
          from: 'auth',
          message: `cannot fetch the keys of ${this.#settings.issuer}`,
          cause,
        };
        channels.complaint.publish(complaint);
      }
      throw cause;
    }
  }
}

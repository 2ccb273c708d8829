import { KeyObject } from 'node:crypto';
import { ProblemError, systemClock, type Clock, type ReuseCounts } from '@frontage/core';
import type { Caller } from '@frontage/context';
import { jwtVerify, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { Jwks, type FetchKeys } from './keys/jwks.js';
import type { JwtSettings } from './options/jwt.options.js';
import { Claims } from './token/claims.js';
import { assertAccessToken } from './token/token-kind.js';
import { refusedToken, TokenVerifier } from './token-verifier.js';
import { VerifiedTokens } from './token/verified-tokens.js';

const maxTokenLength = 8_192;
const maxKidLength = 256;
/** Seconds that a `Date` can hold (ECMA-262 section 21.4.1.1). */
const maxNumericDate = 8_640_000_000_000;

/** Accepts only the one spelling of RFC 7515 section 2: no padding, no other alphabet, no unused bits that are set. */
function isCanonicalJws(token: string): boolean {
  const segments = token.split('.');
  return (
    segments.length === 3 &&
    segments.every((text) => text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text)
  );
}

/** In lower case, without `application/` (RFC 7515 section 4.1.9); empty without one, or for a type that is no text. */
function typeOf({ typ }: JWTHeaderParameters): string {
  if (typ === undefined) return '';
  return typeof typ === 'string' && typ !== '' ? typ.toLowerCase().replace(/^application\//, '') : 'malformed';
}

/** Verifies JWT access tokens (RFC 7519, RFC 9068) with the keys that the issuer publishes. */
export class JwtVerifier extends TokenVerifier {
  readonly settings: JwtSettings;
  readonly claims: Claims;
  readonly #jwks: Jwks;
  readonly #clock: Clock;
  readonly #known: VerifiedTokens;

  constructor(settings: JwtSettings, fetch: FetchKeys, clock: Clock = systemClock) {
    super();
    this.settings = settings;
    this.claims = new Claims(settings);
    this.#clock = clock;
    this.#jwks = new Jwks(fetch, settings, clock);
    this.#known = new VerifiedTokens(settings.maxCachedTokens);
  }

  verify(token: string, withinMs?: number): Caller | Promise<Caller> {
    if (token.length > maxTokenLength)
      return Promise.reject(refusedToken(new Error(`longer than ${maxTokenLength} characters`)));
    const digest = VerifiedTokens.digest(token);
    const now = this.#clock.now();
    const known = this.#known.get(digest, now, this.#jwks.generation);
    // A known token waits too, because the key that proved it may be withdrawn.
    const renewal = this.#jwks.renewal(now, withinMs);
    if (renewal === undefined) return known ?? this.#verifyAndKeep(token, digest);
    return renewal.then(() => {
      const after = known && this.#known.get(digest, this.#clock.now(), this.#jwks.generation);
      return after ?? this.#verifyAndKeep(token, digest);
    });
  }

  override reuse(): ReuseCounts {
    return this.#known.counts;
  }

  /**
   * Verifies without the cache, and gives the key that proved the token in PEM, for a library that verifies once more.
   * @throws ProblemError as `verify`
   */
  async provenBy(token: string): Promise<string> {
    await this.#jwks.renewal(this.#clock.now());
    const { key } = await this.#verified(token);
    return KeyObject.from(key).export({ type: 'spki', format: 'pem' }).toString();
  }

  async #verifyAndKeep(token: string, digest: string): Promise<Caller> {
    const { generation } = this.#jwks;
    const { payload, caller } = await this.#verified(token);
    const now = this.#clock.now();
    const leftMs = Math.min(this.settings.cacheMs, (payload.exp ?? 0) * 1000 - this.#clock.wallTime());
    if (leftMs > 0) this.#known.set(digest, caller, Math.min(now + leftMs, this.#jwks.usableUntil), generation);
    return caller;
  }

  async #verified(token: string) {
    const { issuer, algorithms, clockSkewMs, maxTokenAgeMs } = this.settings;
    try {
      if (!isCanonicalJws(token)) throw new Error('not a JWS in compact serialisation');
      const { payload, protectedHeader, key } = await jwtVerify(
        token,
        (header, jws) => {
          this.#assertHeader(header);
          return this.#jwks.keyOf(header, jws);
        },
        {
          issuer,
          algorithms: [...algorithms],
          requiredClaims: ['exp', 'sub'],
          clockTolerance: clockSkewMs / 1000,
          ...(maxTokenAgeMs === undefined ? {} : { maxTokenAge: maxTokenAgeMs / 1000 }),
          currentDate: new Date(this.#clock.wallTime()),
        },
      );
      this.#assertTimes(payload);
      this.claims.assertAudience(payload);
      this.claims.assertRequired(payload, assertAccessToken(typeOf(protectedHeader), payload));
      return { payload, key, caller: this.claims.callerOf(payload) };
    } catch (error) {
      throw error instanceof ProblemError ? error : refusedToken(error);
    }
  }

  /** Runs before any key is looked up. `jku`, `x5u`, `x5c` and `jwk` are not read: a token does not choose the key that proves it. */
  #assertHeader(header: JWTHeaderParameters): void {
    const { kid } = header;
    const b64: unknown = header['b64'];
    if (!this.settings.types.includes(typeOf(header))) {
      const wanted = this.settings.types.map((type) => (type === '' ? 'none' : type));
      throw new Error(`the header "typ" is not one of ${wanted.join(', ')}`);
    }
    // RFC 7797 section 7: a JWT has an encoded payload. A reader that does not know "b64" would read another payload than the signed one.
    if (b64 !== undefined && b64 !== true) throw new Error('"b64" is not true');
    if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKidLength))
      throw new Error('"kid" is malformed');
  }

  /** Checks that jose does not make: dates beyond any calendar, and tokens from the future. */
  #assertTimes({ exp = Number.NaN, iat }: JWTPayload): void {
    const now = this.#clock.wallTime();
    if (!(exp <= maxNumericDate)) throw new Error('"exp" is beyond any date');
    if (iat !== undefined && !(iat >= 0 && iat * 1000 <= now + this.settings.clockSkewMs))
      throw new Error('"iat" is not in the past');
  }
}

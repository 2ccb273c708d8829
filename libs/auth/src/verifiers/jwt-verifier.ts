import { ProblemError, systemClock, type Clock } from '@frontage/core';
import { jwtVerify, type JWTHeaderParameters, type JWTPayload } from 'jose';
import { Jwks, type FetchKeys } from '../keys/jwks.js';
import type { JwtSettings } from '../options/jwt.options.js';
import { bindingOf } from '../token/binding.js';
import { Claims } from '../token/claims.js';
import type { Proof, Prover } from '../token/proof.js';
import { refusedToken } from '../token/refusals.js';
import { assertAccessToken } from '../token/token-kind.js';

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

/** Verifies JWT access tokens (RFC 7519, RFC 9068) of one issuer with the keys that it publishes. */
export class JwtVerifier implements Prover {
  readonly settings: JwtSettings;
  readonly #claims: Claims;
  readonly #jwks: Jwks;
  readonly #clock: Clock;

  constructor(settings: JwtSettings, fetch: FetchKeys, clock: Clock = systemClock) {
    this.settings = settings;
    this.#claims = new Claims(settings);
    this.#clock = clock;
    this.#jwks = new Jwks(fetch, settings, clock);
  }

  prepare(): void {
    this.#jwks.prefetch();
  }

  async prove(token: string, withinMs?: number): Promise<Proof> {
    if (token.length > maxTokenLength) throw refusedToken(new Error(`longer than ${maxTokenLength} characters`));
    const renewal = this.#jwks.renewal(this.#clock.now(), withinMs);
    if (renewal !== undefined) await renewal;
    const { generation } = this.#jwks;
    const { payload, caller, boundTo } = await this.#verified(token);
    const { exp = 0, iat, jti } = payload;
    const leftMs = Math.min(this.settings.cacheMs, exp * 1000 - this.#clock.wallTime());
    return {
      caller,
      facts: {
        subject: caller.subject,
        ...(typeof jti === 'string' && { id: jti }),
        ...(iat !== undefined && { issuedAt: iat * 1000 }),
      },
      credential: token,
      until: Math.min(this.#clock.now() + leftMs, this.#jwks.usableUntil),
      ground: this.#jwks,
      generation,
      ...(boundTo !== undefined && { boundTo }),
    };
  }

  async #verified(token: string) {
    const { issuer, algorithms, clockSkewMs, maxTokenAgeMs } = this.settings;
    try {
      if (!isCanonicalJws(token)) throw new Error('not a JWS in compact serialisation');
      const { payload, protectedHeader } = await jwtVerify(
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
      this.#claims.assertAudience(payload);
      // RFC 9449 section 7.2, RFC 8705 section 3: a token bound to a key proves nothing without proof of that key.
      const boundTo = bindingOf(payload, this.settings.dpop);
      this.#claims.assertRequired(payload, assertAccessToken(typeOf(protectedHeader), payload));
      return { payload, caller: this.#claims.callerOf(payload), boundTo };
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

import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { jwtAlgorithms } from '@frontage/auth/proofs';
import type { Clock } from '@frontage/core';
import type { OpenIdProvider } from './openid-provider.js';

/** Signatures of public keys only: a client secret is no key. */
const algorithms = [...jwtAlgorithms, 'Ed25519'];

const event = 'http://schemas.openid.net/event/backchannel-logout';
const maxTokenLength = 8_192;
/** A token is sent at once: an older one is a replay. In seconds. */
const maxAgeSeconds = 300;
const skewSeconds = 5;
/** Keys are fetched for an unknown key at most so often, in milliseconds. */
const cooldownMs = 10_000;
const keysMs = 3_600_000;
const rememberedTokens = 10_000;

const jose = () => import('jose'); // loaded by the first token

/** The login that has ended. */
export interface EndedLogin {
  readonly subject: string | undefined;
  /** Absent: all logins of the subject. */
  readonly sid: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Verifies logout tokens of one provider (OpenID Connect Back-Channel Logout 1.0 section 2.6). */
export class LogoutTokens {
  readonly #provider: OpenIdProvider;
  readonly #clock: Clock;
  readonly #seen = new LRUCache<string, true>({ max: rememberedTokens });
  #fetching: Promise<JWTVerifyGetKey> | undefined;
  #keys: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined;

  constructor(provider: OpenIdProvider, clock: Clock) {
    this.#provider = provider;
    this.#clock = clock;
  }

  /** @throws Error (rejects) that names what is wrong with the token */
  async verify(token: string): Promise<EndedLogin> {
    if (token.length > maxTokenLength) throw new Error(`longer than ${maxTokenLength} characters`);
    const { jwtVerify } = await jose();
    const { issuer, clientId } = this.#provider.options;
    const { payload } = await jwtVerify(token, (header, jws) => this.#keyOf(header, jws), {
      issuer,
      audience: clientId,
      algorithms,
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: maxAgeSeconds,
      clockTolerance: skewSeconds,
      currentDate: new Date(this.#clock.wallTime()),
    });
    return this.#ended(payload);
  }

  #ended({ events, nonce, sub, sid, jti = '', iat = 0 }: JWTPayload): EndedLogin {
    // An ID token has a nonce and no such event: neither can stand in for the other.
    const logout: unknown = typeof events === 'object' && events !== null ? Reflect.get(events, event) : undefined;
    if (typeof logout !== 'object' || logout === null) throw new Error('"events" has no logout');
    if (nonce !== undefined) throw new Error('"nonce" is there');
    if (sid !== undefined && (typeof sid !== 'string' || sid === '')) throw new Error('"sid" is no text');
    if (sid === undefined && (sub === undefined || sub === '')) throw new Error('neither "sub" nor "sid" is there');
    if (this.#seen.has(jti)) throw new Error('the token was used before');
    this.#seen.set(jti, true);
    return { subject: sub, sid, at: iat * 1000 };
  }

  async #keyOf(...args: Parameters<JWTVerifyGetKey>): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
    const { errors } = await jose();
    const now = this.#clock.now();
    const known = this.#keys;
    if (known !== undefined && now - known.at < keysMs) {
      try {
        return await known.find(...args);
      } catch (error) {
        // The provider may have a new key.
        if (!(error instanceof errors.JWKSNoMatchingKey) || now - known.at < cooldownMs) throw error;
      }
    }
    // One fetch for all tokens that arrive meanwhile.
    this.#fetching ??= this.#fetched().finally(() => (this.#fetching = undefined));
    return (await this.#fetching)(...args);
  }

  async #fetched(): Promise<JWTVerifyGetKey> {
    const response = await this.#provider.fetch(await this.#provider.jwksUrl(), {
      method: 'GET',
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200) throw new Error(`the keys of the provider have the status ${response.status}`);
    const keys: unknown = await response.json();
    if (!isKeySet(keys)) throw new Error('the keys of the provider are no JWK set');
    const { createLocalJWKSet } = await jose();
    const find = createLocalJWKSet(keys);
    this.#keys = { find, at: this.#clock.now() };
    return find;
  }
}

const isKeySet = (value: unknown): value is JSONWebKeySet =>
  typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, 'keys'));

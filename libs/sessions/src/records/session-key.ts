import {
  createPrivateKey,
  generateKeyPair,
  hash,
  randomUUID,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { TokenKey } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { CryptoKey } from 'jose';
import { LRUCache } from 'lru-cache';

/** A private key on the curve P-256 as a JWK (RFC 7518 section 6.2). */
export interface PrivateJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

const maxNonceLength = 256;

/** The last nonce of each server: it is of the server, and the same for all sessions. */
export class Nonces {
  readonly #byOrigin = new LRUCache<string, string>({ max: 1_000 });

  of(origin: string): string | undefined {
    return this.#byOrigin.get(origin);
  }

  take(origin: string, nonce: string): void {
    // RFC 9449 section 8.1
    if (nonce.length <= maxNonceLength && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(nonce)) this.#byOrigin.set(origin, nonce);
  }
}

/** A new key for the tokens of one session. */
export async function newPrivateJwk(): Promise<PrivateJwk> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const jwk: JsonWebKey = privateKey.export({ format: 'jwk' });
  if (!isPrivateJwk(jwk)) throw new Error('the key has another form than that of P-256');
  return jwk;
}

export function isPrivateJwk(value: unknown): value is PrivateJwk {
  const of = (member: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined;
  const isNumber = (member: string): boolean => /^[\w-]{43}$/.test(String(of(member)));
  return of('kty') === 'EC' && of('crv') === 'P-256' && ['x', 'y', 'd'].every(isNumber);
}

/** The same key for the requests of `openid-client`. */
export async function cryptoKeys(
  jwk: PrivateJwk,
): Promise<{ readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }> {
  const algorithm = { name: 'ECDSA', namedCurve: jwk.crv };
  const { d: _secret, ...open } = jwk;
  return {
    privateKey: await crypto.subtle.importKey('jwk', { ...jwk }, algorithm, false, ['sign']),
    publicKey: await crypto.subtle.importKey('jwk', { ...open }, algorithm, true, ['verify']),
  };
}

/** The key of a session: it proves itself to upstreams that get the token of the session (RFC 9449 section 7). */
export class SessionKey implements TokenKey {
  readonly #key: KeyObject;
  /** The header of every proof, encoded. */
  readonly #header: string;
  readonly #nonces: Nonces;
  readonly #clock: Clock;

  constructor(jwk: PrivateJwk, nonces: Nonces, clock: Clock) {
    const { d: _secret, ...open } = jwk;
    this.#key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    this.#header = encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: open });
    this.#nonces = nonces;
    this.#clock = clock;
  }

  proofFor(method: string, url: string, token: string): string {
    const { origin, pathname } = new URL(url);
    const nonce = this.#nonces.of(origin);
    const input = `${this.#header}.${encoded({
      jti: randomUUID(),
      htm: method,
      htu: origin + pathname,
      iat: Math.floor(this.#clock.wallTime() / 1000),
      ath: hash('sha256', token, 'base64url'),
      ...(nonce !== undefined && { nonce }),
    })}`;
    // RFC 7518 section 3.4: the two numbers of a signature, one after the other.
    const signature = sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  }

  takeNonce(origin: string, nonce: string): void {
    this.#nonces.take(origin, nonce);
  }

  nonceOf(origin: string): string | undefined {
    return this.#nonces.of(origin);
  }
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

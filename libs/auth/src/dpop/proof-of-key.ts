import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ProblemError, type Clock } from '@frontage/core';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWTPayload } from 'jose';
import type { DpopOptions } from '../options/dpop.options.js';
import { dpopChallenge, jwtAlgorithms } from '../options/jwt.options.js';
import { addressOf, comparableAddress } from './request-address.js';
import { UsedProofs } from './used-proofs.js';

/** The part of a request that a proof is about. */
export interface ProvenRequest {
  readonly headers: IncomingHttpHeaders;
  readonly method?: string | undefined;
  /** Target of the first line. */
  readonly url?: string | undefined;
}

const maxLength = 4_096;
const maxIdLength = 256;
/** Accepted difference to a clock that is ahead, in milliseconds. */
const skewMs = 5_000;

/** The problem for a proof that is not good (RFC 9449 section 7.1). The reason goes to the log alone. */
const refusedProof = (cause: unknown): ProblemError =>
  new ProblemError('GW_UNAUTHENTICATED', {
    headers: { 'www-authenticate': `${dpopChallenge}, error="invalid_dpop_proof"` },
    cause,
  });

/** Checks the proofs of keys that tokens are bound to (RFC 9449 section 4.3). */
export class ProofsOfKeys {
  readonly #base: string;
  readonly #maxAgeMs: number;
  readonly #used: UsedProofs;
  readonly #clock: Clock;

  constructor({ url, maxAgeMs, maxProofs }: DpopOptions, clock: Clock) {
    this.#base = url.replace(/\/$/, '');
    this.#maxAgeMs = maxAgeMs;
    this.#used = new UsedProofs(maxProofs, Math.ceil((maxAgeMs + skewMs) / 1000));
    this.#clock = clock;
  }

  /**
   * Takes the proof of a request; it is good for no other.
   * @param thumbprint of the key that the token is bound to
   * @throws ProblemError (rejects) `GW_UNAUTHENTICATED` where the request has no proof of this key, or another one than it needs
   */
  async take(request: ProvenRequest, token: string, thumbprint: string): Promise<void> {
    try {
      await this.#take(request, token, thumbprint);
    } catch (reason) {
      throw refusedProof(reason);
    }
  }

  async #take(request: ProvenRequest, token: string, thumbprint: string): Promise<void> {
    const proof = request.headers['dpop'];
    // A field that is sent twice is joined with a comma, which no JWT has.
    if (typeof proof !== 'string' || proof === '')
      throw new Error('the token is bound to a key, and has no proof of it');
    if (proof.length > maxLength) throw new Error(`the proof is longer than ${maxLength} characters`);
    const now = this.#clock.wallTime();
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...jwtAlgorithms],
      currentDate: new Date(now),
    });
    const { jwk } = protectedHeader;
    if (jwk === undefined || (await calculateJwkThumbprint(jwk)) !== thumbprint)
      throw new Error('the proof is of another key than the token is bound to');
    if (payload['htm'] !== request.method) throw new Error('"htm" is another method');
    this.#assertAddress(payload, request);
    if (payload['ath'] !== hash('sha256', token, 'base64url')) throw new Error('"ath" is not of this token');
    const { jti, iat } = payload;
    if (typeof jti !== 'string' || jti === '' || jti.length > maxIdLength)
      throw new Error('"jti" is missing or too long');
    if (
      !Number.isFinite(iat) ||
      iat === undefined ||
      !(iat * 1000 >= now - this.#maxAgeMs && iat * 1000 <= now + skewMs)
    )
      throw new Error('"iat" is not of now');
    // The last one: a proof that is refused is not used up.
    this.#used.take(hash('sha256', `${thumbprint} ${jti}`, 'base64'), iat, now / 1000);
  }

  #assertAddress({ htu }: JWTPayload, { url = '' }: ProvenRequest): void {
    const wanted = addressOf(this.#base, url);
    if (typeof htu !== 'string' || wanted === undefined || comparableAddress(htu) !== wanted)
      throw new Error('"htu" is another address');
  }
}

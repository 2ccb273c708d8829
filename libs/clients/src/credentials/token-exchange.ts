import { hash } from 'node:crypto';
import type { RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import { headerValue, wishParameters, type TokenHeader, type TokenWish } from './client-credentials.js';
import { CredentialsError, type CredentialSource } from './credential-source.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenSlot } from './token-slot.js';

/** RFC 8693 section 2.1. */
const grant = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** RFC 8693 section 3. */
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
/** A caller who gets no token is not asked for again for this long, in milliseconds. */
const refusedMs = 5_000;

/** The revocations of the app, as far as tokens in memory need them. */
export interface RevokedCallers {
  /** Changes with each revocation. */
  readonly epoch: number;
  /** @param facts `issuedAt` in milliseconds since 1970 */
  isRevoked(facts: { readonly subject: string; readonly issuedAt: number }): boolean;
}

export interface TokenExchangeOptions extends TokenHeader, TokenWish {
  /** RFC 8693 section 3. @default the server decides */
  readonly requestedTokenType?: string;
  /** The most callers with a token in memory, 1 or more; the least recently used one is dropped first. */
  readonly maxTokens: number;
  /** @default no caller is revoked */
  readonly revoked?: RevokedCallers;
}

interface CallerTokens {
  readonly slot: TokenSlot;
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Monotonic milliseconds until which the authorization server is not asked again, and its refusal. */
  refusedUntil: number;
  refusal: CredentialsError | undefined;
}

/**
 * A token for the upstream in exchange for the token of the caller (RFC 8693): its audience is the upstream, and the user's own token stays
 * here. Tokens are kept per token of a caller, by its SHA-256 digest, as long as the server says.
 */
export class TokenExchange implements CredentialSource {
  readonly isPerCaller = true;
  readonly header: string;
  readonly #options: TokenExchangeOptions;
  readonly #endpoint: TokenEndpoint;
  readonly #clock: Clock;
  readonly #tokens: LRUCache<string, CallerTokens>;
  #epoch = 0;

  constructor(options: TokenExchangeOptions, endpoint: TokenEndpoint, clock: Clock) {
    this.header = options.header;
    this.#options = options;
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#tokens = new LRUCache({ max: options.maxTokens });
  }

  /** Callers whose tokens are in memory. */
  get size(): number {
    return this.#tokens.size;
  }

  valueFor({ caller, bearerToken }: RequestContext): string | undefined | Promise<string> {
    if (caller === undefined) return undefined;
    if (bearerToken === undefined)
      throw new CredentialsError('the caller has no token that could be exchanged', { isRefusal: true });
    const tokens = this.#tokensOf(hash('sha256', bearerToken, 'base64'), caller.subject);
    if (tokens.refusal !== undefined && this.#clock.now() < tokens.refusedUntil) throw tokens.refusal;
    const token = tokens.slot.get(() => this.#exchange(bearerToken, tokens));
    return token instanceof Promise
      ? token.then((value) => headerValue(this.header, value))
      : headerValue(this.header, token);
  }

  refused({ bearerToken = '' }: RequestContext, value: string): boolean {
    const slot = this.#tokens.peek(hash('sha256', bearerToken, 'base64'))?.slot;
    return slot?.drop(value.replace(/^Bearer /, '')) ?? false;
  }

  #tokensOf(digest: string, subject: string): CallerTokens {
    const { revoked } = this.#options;
    if (revoked !== undefined && revoked.epoch !== this.#epoch) this.#dropRevoked(revoked);
    const known = this.#tokens.get(digest);
    if (known !== undefined) return known;
    const made = {
      slot: new TokenSlot(this.#clock),
      subject,
      since: this.#clock.wallTime(),
      refusedUntil: Number.NEGATIVE_INFINITY,
      refusal: undefined,
    };
    this.#tokens.set(digest, made);
    return made;
  }

  /** A revoked caller is refused before any call: what is dropped here would only lie in memory. */
  #dropRevoked(revoked: RevokedCallers): void {
    this.#epoch = revoked.epoch;
    for (const [digest, { subject, since }] of this.#tokens.entries()) {
      if (revoked.isRevoked({ subject, issuedAt: since })) this.#tokens.delete(digest);
    }
  }

  async #exchange(subjectToken: string, tokens: CallerTokens): ReturnType<TokenEndpoint['request']> {
    const parameters = wishParameters(this.#options);
    parameters.set('subject_token', subjectToken);
    parameters.set('subject_token_type', accessToken);
    const { requestedTokenType } = this.#options;
    if (requestedTokenType !== undefined) parameters.set('requested_token_type', requestedTokenType);
    try {
      const issued = await this.#endpoint.request(grant, parameters);
      tokens.refusal = undefined;
      return issued;
    } catch (error) {
      if (error instanceof CredentialsError && error.isRefusal) {
        tokens.refusal = error;
        tokens.refusedUntil = this.#clock.now() + refusedMs;
      }
      throw error;
    }
  }
}

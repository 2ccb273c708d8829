import type { Clock } from '@frontage/core';
import type { CredentialSource } from './credential-source.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { TokenSlot } from './token-slot.js';

export interface TokenHeader {
  /** In lower case. In `authorization` the word `Bearer` stands before the token (RFC 6750 section 2.1), in every other field nothing. */
  readonly header: string;
}

/** The rights and the receiver that a token is asked for. */
export interface TokenWish {
  readonly scope: readonly string[];
  readonly audience: readonly string[];
  /** RFC 8707. */
  readonly resource: readonly string[];
}

export const headerValue = (header: string, token: string): string =>
  header === 'authorization' ? `Bearer ${token}` : token;

/** A token of this app itself, by the grant `client_credentials` (RFC 6749 section 4.4). One for all callers. */
export class ClientCredentials implements CredentialSource {
  readonly isPerCaller = false;
  readonly header: string;
  readonly #slot: TokenSlot;
  readonly #fetch: () => ReturnType<TokenEndpoint['request']>;

  constructor({ header, ...wish }: TokenHeader & TokenWish, endpoint: TokenEndpoint, clock: Clock) {
    this.header = header;
    this.#slot = new TokenSlot(clock);
    this.#fetch = () => endpoint.request('client_credentials', wishParameters(wish));
  }

  valueFor(): string | Promise<string> {
    const token = this.#slot.get(this.#fetch);
    return token instanceof Promise
      ? token.then((value) => headerValue(this.header, value))
      : headerValue(this.header, token);
  }

  refused(_context: unknown, value: string): boolean {
    return this.#slot.drop(value.replace(/^Bearer /, ''));
  }
}

export function wishParameters({ scope, audience, resource }: TokenWish): URLSearchParams {
  const parameters = new URLSearchParams();
  if (scope.length > 0) parameters.set('scope', scope.join(' '));
  for (const one of audience) parameters.append('audience', one);
  for (const one of resource) parameters.append('resource', one);
  return parameters;
}

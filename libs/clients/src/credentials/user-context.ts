import type { RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import type { CredentialSource } from './credential-source.js';
import type { SigningKey } from './signing-keys.js';

export interface UserContextOptions {
  /** The trust domain: `aud` of each token. */
  readonly audience: string;
  /** @default no `iss` */
  readonly issuer?: string;
  /** `req_wl`: this app. */
  readonly workload: string;
  /** The lifetime of a token, in milliseconds; whole seconds, at least 1,000. */
  readonly lifetimeMs: number;
  /** Of a rotation: the first one signs. */
  readonly keys: () => readonly [SigningKey, ...SigningKey[]];
  readonly clock: Clock;
}

/**
 * The caller of a request as a short JWT that this app signs: a transaction token (draft-ietf-oauth-transaction-tokens, version 11). It is
 * signed once per request, for all calls of it, and never holds the token of the caller.
 */
export class UserContext implements CredentialSource {
  readonly isPerCaller = true;
  /** The draft takes this field, and not `Authorization`, which is free for the token of this app. */
  readonly header = 'txn-token';
  readonly #options: UserContextOptions;
  readonly #signed = new WeakMap<RequestContext, string | Promise<string>>();

  constructor(options: UserContextOptions) {
    this.#options = options;
  }

  valueFor(context: RequestContext): string | undefined | Promise<string> {
    if (context.caller === undefined) return undefined;
    const known = this.#signed.get(context);
    if (known !== undefined) return known;
    const signing = this.#sign(context, context.caller).then((token) => {
      this.#signed.set(context, token);
      return token;
    });
    this.#signed.set(context, signing);
    return signing;
  }

  /** The public keys, as a JWK set. */
  jwks(): { readonly keys: readonly unknown[] } {
    return { keys: this.#options.keys().map(({ publicJwk }) => publicJwk) };
  }

  async #sign(context: RequestContext, caller: NonNullable<RequestContext['caller']>): Promise<string> {
    const { audience, issuer, workload, lifetimeMs, keys, clock } = this.#options;
    const { SignJWT } = await import('jose');
    const [{ kid, alg, privateKey }] = keys();
    const { app, tenant, roles, claims, acr, authenticatedAt } = caller;
    const now = Math.floor(clock.wallTime() / 1000);
    const token = new SignJWT({
      ...(issuer !== undefined && { iss: issuer }),
      iat: now,
      exp: now + Math.round(lifetimeMs / 1000),
      aud: audience,
      txn: context.requestId,
      sub: caller.subject,
      scope: caller.scopes.join(' '),
      req_wl: workload,
      tctx: {
        route: `${context.method} ${context.route}`,
        ...(tenant !== undefined && { tenant }),
        ...(roles.length > 0 && { roles }),
        ...(claims && { claims }),
      },
      rctx: {
        ...(context.clientAddress !== '' && { req_ip: context.clientAddress }),
        // The value of the draft's own example for a caller with an OAuth token.
        ...(context.bearerToken !== undefined && { authn: 'urn:ietf:rfc:6749' }),
        ...(app !== undefined && { client_id: app }),
        ...(acr !== undefined && { acr }),
        ...(authenticatedAt !== undefined && { auth_time: authenticatedAt }),
      },
    });
    return token.setProtectedHeader({ typ: 'txntoken+jwt', alg, kid }).sign(privateKey);
  }
}

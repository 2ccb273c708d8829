import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { ReuseCounts } from '@frontage/core';
import type { Caller, RequestContext, TokenKey } from '@frontage/context';
import { bearerOf } from '../token/bearer.js';

/** The part of a request that identifies its caller: its body has not been read. */
export interface RequestHead {
  readonly headers: IncomingHttpHeaders;
  /** Its connection, with the certificate of a client that has one. @default nothing of it is known */
  readonly socket?: Socket;
  /** @default unknown */
  readonly method?: string | undefined;
  /** Target of its first line. @default unknown */
  readonly url?: string | undefined;
}

/** Verifies tokens for the pipeline; a team can give a verifier of its own. The class is also the token for injection. */
export abstract class TokenVerifier {
  /**
   * Finds the caller of a bearer token. Returns without a promise if the token is known already.
   * @param withinMs longest time that the request can wait, in milliseconds; the pipeline refuses the request then. @default no bound
   * @throws ProblemError (rejects) `GW_UNAUTHENTICATED` when the token proves nothing, `GW_UPSTREAM_FAILED` when it cannot be verified
   */
  abstract verify(token: string, withinMs?: number): Caller | Promise<Caller>;

  /**
   * Finds the caller of a request and notes it, with its token, in the context; without credentials there is no caller afterwards. A
   * verifier of a team knows bearer tokens of the header `Authorization`, unless it replaces this method.
   * @throws ProblemError as {@link verify}, also where the header is malformed
   */
  identify(request: RequestHead, context: RequestContext, withinMs?: number): void | Promise<void> {
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) return undefined;
    const found = this.verify(token, withinMs);
    if (found instanceof Promise) return found.then((caller) => noteCaller(context, caller, token));
    return noteCaller(context, found, token);
  }

  /** Begins what the first request would wait for. Called once the app listens; never waits and never throws. */
  prepare(): void {}

  /** The names of strategies that cannot run, because no provider of the app registers them with Passport. */
  unregistered(): readonly string[] {
    return [];
  }

  /** Counts how often a token was known already, for metrics. @default not reported */
  reuse?(): ReuseCounts;
}

/**
 * @param token of the caller, for upstreams that are meant to see it
 * @param tokenKey the key that it is bound to
 */
export function noteCaller(
  context: RequestContext,
  caller: Caller,
  token: string | undefined,
  tokenKey?: TokenKey,
): void {
  context.caller = caller;
  context.bearerToken = token;
  if (tokenKey !== undefined) context.tokenKey = tokenKey;
}

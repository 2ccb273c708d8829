import type { RequestContext } from '@frontage/context';

/**
 * A header of every call to one upstream whose value is known only while the app runs: a token that is fetched, a secret of a file that
 * changes, a user context that is signed per request.
 */
export interface CredentialSource {
  /** Name of the header field, in lower case. No argument, no forwarded header and no secret of the contract may have the same. */
  readonly header: string;
  /** The value depends on the caller: then the response does, and no cache may share it between callers. */
  readonly isPerCaller: boolean;
  /**
   * The value for one call; `undefined` where the request has no caller to speak for: nothing is sent then, and the upstream decides.
   * @returns a promise only where the value has to be made; it rejects with a {@link CredentialsError}
   * @throws CredentialsError
   */
  valueFor(context: RequestContext): string | undefined | Promise<string>;
  /**
   * The upstream has responded 401 to this value.
   * @returns whether another call may get another value
   */
  refused?(context: RequestContext, value: string): boolean;
}

/** No value can be had for a call: it is not sent. */
export class CredentialsError extends Error {
  /** The caller is the reason, and not the gateway: the authorization server gives this caller no token for the upstream. */
  readonly isRefusal: boolean;
  /** The time after which another call may get a value, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** @param detail for the log; it holds no secret */
  constructor(
    detail: string,
    {
      isRefusal = false,
      retryAfterMs,
      cause,
    }: { readonly isRefusal?: boolean; readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'CredentialsError';
    this.isRefusal = isRefusal;
    this.retryAfterMs = retryAfterMs;
  }
}

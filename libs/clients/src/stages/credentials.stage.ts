import { fail, type Failure, type Outcome } from '@frontage/core';
import { CredentialsError, type CredentialSource } from '../credentials/credential-source.js';
import type { Gate, Next, UpstreamRequest } from '../request/upstream-request.js';

/**
 * Gets the credentials of a call before anything is taken for it: a call without them is not sent. Where the upstream refuses a fetched
 * token with 401, it is fetched again, and the call is sent once more with another one: 401 says that nothing was done.
 * @param again the rest of the stack
 */
export function credentials(sources: readonly CredentialSource[], again: Next): Gate {
  const takeFrom = (
    start: number,
    request: UpstreamRequest,
  ): Failure | undefined | Promise<Outcome<unknown> | undefined> => {
    for (let at = start; at < sources.length; at++) {
      const source = sources[at];
      if (source === undefined) continue;
      let value: string | undefined | Promise<string>;
      try {
        value = source.valueFor(request.scope.context);
      } catch (error) {
        return withoutCredentials(error);
      }
      if (value instanceof Promise) return waitFor(at, request, source.header, value);
      if (value !== undefined) request.credentials.push(source.header, value);
    }
    return undefined;
  };

  const waitFor = (
    at: number,
    request: UpstreamRequest,
    header: string,
    coming: Promise<string>,
  ): Promise<Outcome<unknown> | undefined> =>
    new Promise((resolve, reject) => {
      // Others may wait for the same token: this call alone gives up.
      request.waitFor({ stop: () => resolve(request.stopFailure) });
      coming.then(
        (value) => {
          if (request.stopReason !== undefined) return;
          request.waitFor(undefined);
          request.credentials.push(header, value);
          resolve(takeFrom(at + 1, request));
        },
        (error: unknown) => {
          if (request.stopReason !== undefined) return;
          request.waitFor(undefined);
          try {
            resolve(withoutCredentials(error));
          } catch (bug) {
            reject(bug);
          }
        },
      );
    });

  const takeAll = (request: UpstreamRequest): ReturnType<typeof takeFrom> => {
    request.credentials = [];
    return takeFrom(0, request);
  };

  const sendAgain = async (request: UpstreamRequest, refused: Outcome<unknown>): Promise<Outcome<unknown>> => {
    if ((await takeAll(request)) !== undefined) return refused;
    const outcome = await again(request);
    // The circuit may have opened meanwhile: that says nothing of the call that was refused.
    return !outcome.ok && outcome.unsent === true ? refused : outcome;
  };

  return {
    enter: takeAll,
    leave(request, outcome) {
      if (outcome.ok || outcome.upstreamStatus !== 401 || request.stopReason !== undefined || request.abandoned)
        return undefined;
      if (!request.isReplayable) return undefined;
      let hasOther = false;
      for (let at = 0; at + 1 < request.credentials.length; at += 2) {
        const [header, value = ''] = [request.credentials[at], request.credentials[at + 1]];
        const source = sources.find((one) => one.header === header);
        if (source?.refused?.(request.scope.context, value) === true) hasOther = true;
      }
      if (!hasOther) return undefined;
      return sendAgain(request, outcome);
    },
    abandon() {},
  };
}

/** @throws what is no {@link CredentialsError}: a bug */
function withoutCredentials(error: unknown): Failure {
  if (!(error instanceof CredentialsError)) throw error;
  const { retryAfterMs } = error;
  return fail(error.isRefusal ? 'GW_UPSTREAM_REFUSED' : 'GW_UPSTREAM_CREDENTIALS', {
    detail: `credentials: ${error.message}`,
    unsent: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

import type { CachedOperation } from '@frontage/caching';
import type { Stage } from '../request/upstream-request.js';

/**
 * Answers from the cache, and makes one call of many that want the same at once. The key holds everything that the upstream sees: the
 * arguments, who is asking, and the inbound headers that are forwarded.
 * @param forwardHeaders lower case
 */
export function cache(
  cached: CachedOperation,
  forwardHeaders: readonly string[],
  forwardAuthorization: boolean,
): Stage {
  return (next) => (request) => {
    const { context } = request.scope;
    const vary = forwardHeaders.map((name) => String(context.headers[name] ?? ''));
    if (forwardAuthorization && context.caller === undefined) vary.push(context.bearerToken ?? '');
    const key = cached.key(request.args, context.caller, vary);
    const answer = cached.peek(key);
    if (answer !== undefined) return Promise.resolve(answer);
    return cached.getOrLoad(
      key,
      { cancellation: request.scope.cancellation, deadlineAt: request.deadlineAt },
      (flight) => {
        request.cancellation = flight;
        return next(request);
      },
    );
  };
}

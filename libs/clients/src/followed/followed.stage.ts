import { readKept, type Asking, type FollowedLoad, type FollowedOperation, type KeptReader } from '@frontage/caching';
import { KeptResponses } from '@frontage/context';
import { originalOf, standIn, type Outcome } from '@frontage/core';
import { StreamedBody } from '../encode/body-content.js';
import { notModified } from '../request/attempt.js';
import type { Stage } from '../request/upstream-request.js';
import { noteUseOf } from '../stages/cache.stage.js';
import type { AskedReader } from './asked.js';

/**
 * Returns cached responses as their upstream permits, and asks it whether a stored one still holds. A body that is read while it is sent has
 * no key, and a call with a condition of its own or for a part is not answered from a whole response: both go past the cache.
 */
export function followed(kept: FollowedOperation, asked: AskedReader, reader: KeptReader): Stage {
  const given = (key: string, asking: Asking, outcome: Outcome<unknown>): Outcome<unknown> => {
    const read = readKept(outcome, reader);
    // No reader gets a second time what this one cannot read.
    if (outcome.ok && !read.ok) kept.drop(key, asking);
    if (!outcome.ok || !read.ok || outcome.headers === undefined || read === outcome) return read;
    // A reading stays with its body, and the age of a response does not.
    const present = { ...read, headers: outcome.headers };
    standIn(present, originalOf(outcome));
    return present;
  };
  return (next) => (request) => {
    const asking = request.body?.content instanceof StreamedBody ? undefined : asked.read(request);
    if (asking === undefined) return next(request).then((outcome) => readKept(outcome, reader));
    const { context, part, cancellation } = request.scope;
    const key = kept.key(request.args, context.caller, asking.forwarded);
    const keeper = { drop: (dropped: string) => kept.drop(dropped, asking) };
    (context.kept ??= new KeptResponses()).add(part, request.operation.info, keeper, key);
    const noteUse = noteUseOf(request);
    const hit = kept.peek(key, asking, noteUse);
    if (hit !== undefined) return Promise.resolve(given(key, asking, hit));
    const tags = kept.tags(request.args, context.caller);
    // A response that would have too many could not be invalidated.
    if (tags === undefined) return next(request).then((outcome) => readKept(outcome, reader));
    const waiter = { cancellation, deadlineAt: request.deadlineAt, noteUse };
    const load: FollowedLoad = async (flight, validators) => {
      request.cancellation = flight;
      request.validators = validators;
      request.head = undefined;
      const outcome = await next(request);
      return { outcome, head: request.head, isNotModified: outcome === notModified };
    };
    return kept.getOrLoad(key, asking, waiter, load, tags).then((outcome) => given(key, asking, outcome));
  };
}

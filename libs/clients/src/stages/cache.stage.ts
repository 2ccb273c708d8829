import {
  readKept,
  type CachedOperation,
  type KeptReader,
  type Load,
  type Waiter,
  type OperationCache,
  type TagsOf,
} from '@frontage/caching';
import { KeptResponses } from '@frontage/context';
import { fateOf, isSafe, type Outcome } from '@frontage/core';
import { StreamedBody } from '../encode/body-content.js';
import type { GroupField } from '../request/compiled-operation.js';
import type { ForwardedField } from '../request/forwarded-fields.js';
import type { Stage, UpstreamRequest } from '../request/upstream-request.js';

/** The kept responses of an operation, as one of its callers reads them. */
export interface Kept {
  readonly cached: CachedOperation;
  readonly reader: KeptReader;
  /** Each call loads the response anew, whether or not one is there. */
  readonly renews: boolean;
}

/**
 * Returns cached responses, and joins equal calls that run at once. The key holds everything that the upstream sees: the
 * arguments with the body, the caller (a forwarded token is that of the caller), and the forwarded header fields. A body that is read
 * while it is sent has no key: such a call goes past the cache. The request remembers the key, so that a response that its reader refuses
 * is dropped.
 */
export function cache({ cached, reader, renews }: Kept, forwarded: readonly ForwardedField[]): Stage {
  const given = (key: string, outcome: Outcome<unknown>): Outcome<unknown> => {
    const read = readKept(outcome, reader);
    // No reader gets a second time what this one cannot read.
    if (outcome.ok && !read.ok) cached.drop(key);
    return read;
  };
  return (next) => (request) => {
    if (request.body?.content instanceof StreamedBody)
      return next(request).then((outcome) => readKept(outcome, reader));
    const { context } = request.scope;
    const vary = forwarded.map((field) => field.read(context.headers));
    const key = cached.key(request.args, context.caller, vary);
    const load: Load = (flight, noteGroups) => {
      request.cancellation = flight;
      if (request.operation.groupField === undefined) return next(request);
      return next(request).then((outcome) => {
        noteGroups(request.cacheGroups);
        return outcome;
      });
    };
    const { cancellation } = request.scope;
    const { deadlineAt } = request;
    if (renews) return cached.loadAnew(key, { cancellation, deadlineAt }, load, cached.tags(request.args, undefined));
    (context.kept ??= new KeptResponses()).add(request.scope.part, request.operation.info, cached, key);
    const noteUse = noteUseOf(request);
    const hit = cached.peek(key, noteUse);
    if (hit !== undefined) return Promise.resolve(given(key, hit));
    const tags = cached.tags(request.args, context.caller);
    // A response that would have too many could not be invalidated.
    if (tags === undefined) return next(request).then((outcome) => readKept(outcome, reader));
    const loaded = cached.getOrLoad(key, { cancellation, deadlineAt, noteUse }, load, tags);
    return loaded.then((outcome) => given(key, outcome));
  };
}

/**
 * Invalidates what a change concerns, once its outcome is known and before anybody gets it, so that whoever changes something reads what came of
 * it. A change without a response may have been made, and counts as made; one that certainly was not sent changes nothing.
 */
export function invalidates(cached: OperationCache, tagsOf: TagsOf): Stage {
  return (next) => async (request) => {
    const outcome = await next(request);
    if (fateOf(outcome) !== 'notSent')
      await cached.invalidate(tagsOf(request.args, request.scope.context.caller) ?? []);
    return outcome;
  };
}

/** Tells the notes of a request how the cache is used for a call; absent where nobody reads them. */
export function noteUseOf({ scope, operation }: UpstreamRequest): Waiter['noteUse'] {
  const { notes } = scope.context;
  return (
    notes &&
    ((result, at) => {
      if (result !== 'refresh') notes.noteCache(scope.part, operation.upstream, operation.info.id, result, at);
    })
  );
}

/** Remembers the groups of a response that is going to be kept; the last attempt counts. */
export const groupsOfRead: GroupField = {
  name: 'cache-groups',
  take(request, field) {
    request.cacheGroups = field === undefined ? [] : [field];
  },
};

/**
 * Invalidates the groups that a response to a write names, as soon as its head has arrived: whether or not anybody waits for it any longer. RFC
 * 9875 section 3: not those of a response to a safe method, which a redirect may have led to.
 */
export const groupsOfWrite = (cached: OperationCache, upstream: string): GroupField => ({
  name: 'cache-group-invalidation',
  take(request, field) {
    if (field === undefined || isSafe({ method: request.method })) return;
    const done = cached.invalidateGroups(upstream, field);
    const { invalidation } = request;
    request.invalidation = invalidation === undefined ? done : invalidation.then(() => done);
  },
});

/** A write that invalidates groups: nobody gets the outcome before the groups are invalid. */
export const groupsInvalidated: Stage = (next) => async (request) => {
  const outcome = await next(request);
  await request.invalidation;
  return outcome;
};

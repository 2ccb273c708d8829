import type { CachedOperation } from '@frontage/caching';
import { KeptResponses } from '@frontage/context';
import { isInexact, keptTimesOf, markInexact, noteKept } from '@frontage/core';
import type { Clock, Failure, KeptTimes, Outcome, Success } from '@frontage/core';
import type { ForwardedField } from '../request/forwarded-fields.js';
import type { Stage, UpstreamRequest } from '../request/upstream-request.js';
import { noteUseOf } from '../stages/cache.stage.js';
import { absentRow, failureOfCall, RowCalls, valueAt, withKeys, type RowKey, type RowsOfCall } from './row-calls.js';

/** Rows of responses that are kept one by one. */
export interface KeptByRow {
  readonly rows: RowsOfCall;
  readonly ttlMs: number;
  readonly clock: Clock;
}

/** A key of a request, as the cache knows it. */
interface KeptRow {
  readonly row: RowKey;
  readonly key: string;
  readonly tags: Parameters<CachedOperation['getOrLoad']>[3];
}

/**
 * Keeps the rows of a bulk call one by one: a request asks the service for those alone that are not kept, and waits for those that another request
 * has asked for. The response is made of the rows, in the order of the keys; other members of a response are not kept. Where the call for some keys
 * fails, so does the whole, as it does without a cache. With `negativeMs` of the operation, a key without a row is kept as such.
 */
export function keptRows(
  cached: CachedOperation,
  { rows, clock }: KeptByRow,
  forwarded: readonly ForwardedField[],
): Stage {
  return (next) => async (request) => {
    const { context, cancellation, part } = request.scope;
    const wanted = wantedRows(cached, rows, forwarded, request);
    if (wanted === undefined) return next(request);
    const noteUse = noteUseOf(request);
    const kept = (context.kept ??= new KeptResponses());
    const hits = wanted.map(({ key }) => {
      kept.add(part, request.operation.info, cached, key);
      return cached.peek(key, noteUse);
    });
    // The rows that another request loads may take long; the call of this one does not wait for them.
    const lookedUp = wanted.filter(({ key }, at) => hits[at] === undefined && !cached.isLoading(key));
    const calls = new RowCalls({ request, rows, next, clock, lookedUp: lookedUp.map(({ row }) => row) });
    const waiter = { cancellation, deadlineAt: request.deadlineAt, noteUse };
    const outcomes = await Promise.all(
      wanted.map(async ({ row, key, tags }, at) => {
        const hit = hits[at];
        if (hit !== undefined) return hit;
        const outcome = await cached.getOrLoad(key, waiter, (flight) => calls.ask(row, flight), tags);
        calls.decided(row);
        return outcome;
      }),
    );
    return calls.unreadable ?? merged(outcomes, rows.items);
  };
}

/** Undefined where the keys are no list, or a row would have more tags than it may have: it could not be invalidated. */
function wantedRows(
  cached: CachedOperation,
  { at }: RowsOfCall,
  forwarded: readonly ForwardedField[],
  { args, scope: { context } }: UpstreamRequest,
): readonly KeptRow[] | undefined {
  const list = valueAt(args, at);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isRowKey)) return undefined;
  const vary = forwarded.map((field) => field.read(context.headers));
  const wanted: KeptRow[] = [];
  for (const row of new Set(list)) {
    const own = withKeys(args, at, [row]);
    const tags = cached.tags(own, context.caller);
    if (tags === undefined) return undefined;
    wanted.push({ row, key: cached.key(own, context.caller, vary), tags });
  }
  return wanted;
}

const isRowKey = (key: unknown): key is RowKey => typeof key === 'string' || typeof key === 'number';

function merged(outcomes: readonly Outcome<unknown>[], items: string | undefined): Outcome<unknown> {
  const found: Success<unknown>[] = [];
  let failure: Failure | undefined;
  for (const outcome of outcomes)
    if (outcome.ok) found.push(outcome);
    else if (outcome !== absentRow) failure ??= outcome;
  if (failure !== undefined) return failureOfCall(failure);
  const list = found.map(({ value }) => value);
  const value = items === undefined ? list : { [items]: list };
  if (list.some(isInexact)) for (const holder of [list, value]) markInexact(holder);
  const whole: Success<unknown> = { ok: true, value };
  const times = found.length === outcomes.length ? strictest(found) : undefined;
  if (times !== undefined) noteKept(whole, times);
  return whole;
}

/** The times of all rows as one; undefined where one of them is not kept, or there is none. */
function strictest(rows: readonly Success<unknown>[]): KeptTimes | undefined {
  const times = rows.map(keptTimesOf).filter((one) => one !== undefined);
  if (times.length === 0 || times.length < rows.length) return undefined;
  return {
    storedAt: Math.min(...times.map(({ storedAt }) => storedAt)),
    freshUntil: Math.min(...times.map(({ freshUntil }) => freshUntil)),
    isPublic: times.every(({ isPublic }) => isPublic),
    isCurrent: () => times.every(({ isCurrent }) => isCurrent?.() !== false),
  };
}

import { Cancellation, fail, share } from '@frontage/core';
import type { CallArgs, Clock, Failure, Outcome, Success } from '@frontage/core';
import { UpstreamRequest, type Next } from '../request/upstream-request.js';

/** The place of the keys and of the rows of a bulk call. */
export interface RowsOfCall {
  /** The way to the list of keys in the arguments: `['query', 'sku']`, `['body', 'filter', 'ids']`. */
  readonly at: readonly string[];
  /** The member of a row that holds its key. */
  readonly by: string;
  /** The member of the response that holds the rows. @default the response is the list */
  readonly items?: string;
}

export type RowKey = string | number;

/** The service knows no row of the key. One object, by which it is told from a 404 of a whole call. */
export const absentRow: Failure = share(fail('GW_NOT_FOUND', { detail: 'the response has no row of this key' }));

/** The call for some keys, which stops when none of them is waited for. */
interface RowCall {
  readonly keys: RowKey[];
  readonly cancellation: Cancellation;
  waited: number;
  readonly rows: Promise<(key: RowKey) => Outcome<unknown>>;
  readonly send: () => void;
}

/** A call waits so long for keys that a shared store is still asked for, in milliseconds from the first one that it lacks. */
const patienceMs = 5;

interface RowCallsOptions {
  readonly request: UpstreamRequest;
  readonly rows: RowsOfCall;
  readonly next: Next;
  readonly clock: Clock;
  /** Keys that are looked up: a call is sent once each was found or asked for. */
  readonly lookedUp: readonly RowKey[];
}

/** The calls for those keys of one request that no cache has: one, but for keys of which that is known late. */
export class RowCalls {
  readonly #request: UpstreamRequest;
  readonly #rows: RowsOfCall;
  readonly #next: Next;
  readonly #clock: Clock;
  readonly #undecided: Set<RowKey>;
  #gathering: RowCall | undefined;
  #unreadable: Success<unknown> | undefined;

  constructor({ request, rows, next, clock, lookedUp }: RowCallsOptions) {
    this.#request = request;
    this.#rows = rows;
    this.#next = next;
    this.#clock = clock;
    this.#undecided = new Set(lookedUp);
  }

  /** A success whose value holds no list of rows; absent where each had one. */
  get unreadable(): Success<unknown> | undefined {
    return this.#unreadable;
  }

  /** The row of a key; {@link absentRow} where there is none. */
  async ask(key: RowKey, flight: Cancellation): Promise<Outcome<unknown>> {
    const call = (this.#gathering ??= this.#gather());
    call.keys.push(key);
    call.waited++;
    flight.onCancel((reason) => {
      if (--call.waited === 0) call.cancellation.cancel(reason);
    });
    this.decided(key);
    const rowOf = await call.rows;
    return rowOf(key);
  }

  /** No call needs to wait for this key any longer. */
  decided(key: RowKey): void {
    this.#undecided.delete(key);
    if (this.#undecided.size === 0) this.#gathering?.send();
  }

  #gather(): RowCall {
    const keys: RowKey[] = [];
    const cancellation = new Cancellation();
    const whole = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(whole.resolve, patienceMs);
    const rows = whole.promise.then(async () => {
      this.#clock.clearTimer(timer);
      // Keys that are loaded anew in the background come in the same turn.
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#gathering = undefined;
      return this.#send(keys, cancellation);
    });
    return { keys, cancellation, waited: 0, rows, send: whole.resolve };
  }

  async #send(keys: readonly RowKey[], cancellation: Cancellation): Promise<(key: RowKey) => Outcome<unknown>> {
    const { operation, args, scope, startedAt, timeoutAt } = this.#request;
    const own = withKeys(args, this.#rows.at, keys);
    const request = new UpstreamRequest(operation, own, scope, startedAt, timeoutAt - startedAt);
    request.cancellation = cancellation;
    const outcome = await this.#next(request);
    if (!outcome.ok) {
      const failure = ofWholeCall(outcome);
      return () => failure;
    }
    const { by, items } = this.#rows;
    const list = items === undefined ? outcome.value : memberOf(outcome.value, items);
    if (!Array.isArray(list)) {
      this.#unreadable = outcome;
      return () => unreadable;
    }
    const found = new Map<unknown, Success<unknown>>();
    for (const row of list as readonly unknown[]) found.set(memberOf(row, by), { ok: true, value: row });
    return (key) => found.get(key) ?? absentRow;
  }
}

const unreadable = fail('GW_UPSTREAM_BAD_PAYLOAD', { detail: 'the response holds no list of rows' });

const wholeCalls = new WeakMap<Failure, Failure>();

/** The form of a failure for a single row: a 404 of a whole call says nothing of one, and is not kept as its own. */
function ofWholeCall(failure: Failure): Failure {
  if (failure.status !== 'not_found') return failure;
  const ofRow: Failure = { ...failure, status: 'error' };
  wholeCalls.set(ofRow, failure);
  return ofRow;
}

/** The failure that the service gave to the call for a row. */
export const failureOfCall = (ofRow: Failure): Failure => wholeCalls.get(ofRow) ?? ofRow;

/** The arguments with other keys in the place of theirs. */
export function withKeys(args: CallArgs, at: readonly string[], keys: readonly RowKey[]): CallArgs {
  const [first = '', ...rest] = at;
  return { ...args, [first]: replaced(memberOf(args, first), rest, keys) };
}

function replaced(value: unknown, [name, ...rest]: readonly string[], keys: readonly RowKey[]): unknown {
  if (name === undefined) return keys;
  return { ...(isRow(value) ? value : {}), [name]: replaced(memberOf(value, name), rest, keys) };
}

/** The value at a way of own members; undefined where there is none. */
export const valueAt = (value: unknown, at: readonly string[]): unknown => at.reduce(memberOf, value);

const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const memberOf = (of: unknown, name: string): unknown => (isRow(of) && Object.hasOwn(of, name) ? of[name] : undefined);

import {
  Cancellation,
  channels,
  greatestAgeMs,
  handOut,
  isInexact,
  noteKept,
  share,
  type CacheUsed,
  type CallArgs,
  type Clock,
  type Failure,
  type MissingStatus,
  type Outcome,
  type ResponseFields,
  type Success,
  type Warning,
} from '@frontage/core';
import { cacheKey, type Asker, type CacheScope } from './cache-key.js';
import type { MemoryEntry, MemoryStore } from './memory-store.js';
import type { SharedTier } from './shared/shared-tier.js';
import type { Load, SingleFlight, Waiter } from './single-flight.js';

/** Cache options of one operation; made at the start. */
export interface CachedOperationOptions {
  readonly upstream: string;
  readonly operation: string;
  /** Time that a response may be used, in milliseconds; above 0. */
  readonly ttlMs: number;
  /** For so long after `ttlMs` a response is given at once, while it is loaded anew (RFC 5861 section 3); in milliseconds. @default 0 */
  readonly staleWhileRevalidateMs?: number;
  /** For so long after `ttlMs` a response is given where its upstream fails (RFC 5861 section 4); in milliseconds. @default 0 */
  readonly staleIfErrorMs?: number;
  /** For so long it is known that there is nothing: a declared 404 is given without a call; in milliseconds. @default 0 */
  readonly negativeMs?: number;
  /** Those who share an entry. Never `public` for an upstream that gets the caller. @default 'caller' */
  readonly scope?: CacheScope;
}

/** The upstream gave no response, or one of the statuses of RFC 5861 section 4: its refusals (4xx) are responses. */
const isOutage = ({ status, upstreamStatus }: Failure): boolean =>
  upstreamStatus === undefined ? outages.has(status) : upstreamStatus >= 500;

const outages: ReadonlySet<MissingStatus> = new Set<MissingStatus>(['timeout', 'error', 'open_circuit', 'shed']);

/** The value alone, or a map of value and headers; a value that is a map stands in such a map too, so that both are told apart. */
function recordOf({ value, headers }: Success<unknown>): unknown {
  if (headers === undefined && !(value instanceof Map)) return value;
  const record = new Map<string, unknown>([['value', value]]);
  return headers === undefined ? record : record.set('headers', headers);
}

function successOf(record: unknown): Success<unknown> {
  if (!(record instanceof Map)) return { ok: true, value: record };
  const headers = record.get('headers') as ResponseFields | undefined;
  return { ok: true, value: record.get('value'), ...(headers !== undefined && { headers }) };
}

/**
 * The cache of one operation. A value that it gives is frozen, or a copy if it holds bytes and the like, so that no request can change the
 * value of another one. That holds for the request that loaded the value too, and for failures that several requests wait for.
 */
export class CachedOperation {
  readonly #options: Required<CachedOperationOptions>;
  readonly #clock: Clock;
  readonly #memory: MemoryStore;
  readonly #shared: SharedTier | undefined;
  readonly #flights: SingleFlight;
  readonly #random: () => number;

  /** Made by {@link OperationCache.operation}. */
  constructor(
    options: CachedOperationOptions,
    clock: Clock,
    memory: MemoryStore,
    shared: SharedTier | undefined,
    flights: SingleFlight,
    random: () => number,
  ) {
    this.#options = { scope: 'caller', staleWhileRevalidateMs: 0, staleIfErrorMs: 0, negativeMs: 0, ...options };
    this.#clock = clock;
    this.#memory = memory;
    this.#shared = shared;
    this.#flights = flights;
    this.#random = random;
  }

  /** See {@link cacheKey}. */
  key(args: CallArgs, asker: Asker | undefined, vary: readonly (string | undefined)[] = []): string {
    return cacheKey(this.#options, args, asker, vary);
  }

  /** The response if this process has it fresh, without a promise; not where it is time to load it anew. A failure says that there is none. */
  peek(key: string): Outcome<unknown> | undefined {
    const now = this.#clock.now();
    const entry = this.#memory.find(key, now);
    if (entry === undefined || now >= entry.expiresAt || this.#isEarly(entry, now)) return undefined;
    return this.#give(entry, 'hit');
  }

  /**
   * For a key of which {@link peek} has nothing: the response from the shared store, or from `load`. Concurrent requests share one load. Only a
   * success is kept, and with `negativeMs` a declared 404. A waiter that is cancelled or out of time leaves alone; the load is cancelled when the last waiter has left. With
   * `staleWhileRevalidateMs` a response that may still be used is given at once, and loaded anew for later requests; with
   * `staleIfErrorMs` it is given where the load fails.
   */
  async getOrLoad(key: string, waiter: Waiter, load: Load): Promise<Outcome<unknown>> {
    const now = this.#clock.now();
    const entry = this.#memory.find(key, now);
    if (entry !== undefined && now < entry.expiresAt + this.#options.staleWhileRevalidateMs) {
      if (this.#options.staleWhileRevalidateMs > 0 && entry.response.ok)
        this.#refresh(key, entry, waiter.deadlineAt, load);
      return this.#give(entry, now < entry.expiresAt ? 'hit' : 'stale');
    }
    if (this.#flights.has(key)) this.#publish('coalesced');
    const outcome = await this.#flights.run(key, waiter, (flight) => this.#load(key, waiter.deadlineAt, load, flight));
    return handOut(outcome.ok ? outcome : (this.#insteadOf(outcome, key) ?? outcome));
  }

  #give({ response }: MemoryEntry, result: 'hit' | 'stale'): Outcome<unknown> {
    this.#publish(response.ok ? result : 'negative');
    return handOut(response);
  }

  /** XFetch: the closer the end and the longer a load takes, the likelier; so one of many readers loads before the end, and none waits. */
  #isEarly({ expiresAt, loadMs }: MemoryEntry, now: number): boolean {
    return this.#options.staleWhileRevalidateMs > 0 && now - loadMs * Math.log(this.#random()) >= expiresAt;
  }

  /** Loads a response in the background, unless that is under way; the one that is there stays until it has come. */
  #refresh(key: string, { expiresAt }: MemoryEntry, deadlineAt: number, load: Load): void {
    if (this.#flights.has(key) || this.#flights.isFull) return;
    this.#publish('refresh');
    const waiter = { cancellation: new Cancellation(), deadlineAt };
    this.#flights
      .run(key, waiter, (flight) => this.#load(key, deadlineAt, load, flight, expiresAt - this.#clock.now()))
      .catch((cause: unknown) => {
        const message = 'a cached response could not be loaded anew';
        channels.warning.publish({ from: 'caching', message, cause } satisfies Warning);
      });
  }

  /** A stale response that stands in for one that an upstream failed to give. */
  #insteadOf(failure: Failure, key: string): Success<unknown> | undefined {
    const { staleIfErrorMs } = this.#options;
    if (staleIfErrorMs === 0 || !isOutage(failure)) return undefined;
    const now = this.#clock.now();
    const entry = this.#memory.find(key, now);
    if (entry?.response.ok !== true || now >= entry.expiresAt + staleIfErrorMs) return undefined;
    this.#publish('stale');
    return entry.response;
  }

  /** Forgets the response of a key, here and in the shared store: a reader found that it is not what its contract says. */
  drop(key: string): void {
    this.#memory.delete(key);
    this.#shared?.delete(key);
  }

  /** @param knownMs a response of the shared store is of use if it is fresh for longer than that */
  async #load(
    key: string,
    deadlineAt: number,
    load: Load,
    flight: Cancellation,
    knownMs = 0,
  ): Promise<Outcome<unknown>> {
    const { ttlMs, negativeMs } = this.#options;
    const startedAt = this.#clock.now();
    if (this.#shared === undefined) this.#publish('miss');
    else {
      const shared = await this.#shared.get(key, deadlineAt - startedAt);
      const leftMs = typeof shared === 'object' ? Math.min(ttlMs, shared.expiresAt - this.#clock.wallTime()) : 0;
      if (typeof shared === 'object' && leftMs > knownMs + 1) {
        const response = share<Success<unknown>>(successOf(shared.value));
        this.#keep(key, response, leftMs, 0);
        this.#publish('hit');
        return response;
      }
      this.#publish(shared === 'failed' ? 'error' : 'miss');
    }
    const outcome = share(await load(flight));
    if (outcome.ok) {
      this.#keep(key, outcome, ttlMs, this.#clock.now() - startedAt);
      // A record has no form for a number that a double cannot hold.
      if (!isInexact(outcome.value)) this.#shared?.set(key, recordOf(outcome), ttlMs);
    } else if (outcome.status === 'not_found' && negativeMs > 0) {
      const expiresAt = this.#clock.now() + negativeMs;
      this.#memory.set(key, { response: outcome, expiresAt, keptUntil: expiresAt, loadMs: 0 });
    }
    return outcome;
  }

  #keep(key: string, response: Success<unknown>, freshMs: number, loadMs: number): void {
    const now = this.#clock.now();
    const expiresAt = now + freshMs;
    const keptUntil = now + greatestAgeMs({ ...this.#options, ttlMs: freshMs });
    this.#memory.set(key, { response, expiresAt, keptUntil, loadMs });
    const { ttlMs, scope } = this.#options;
    noteKept(response, { storedAt: expiresAt - ttlMs, freshUntil: expiresAt, isPublic: scope === 'public' });
  }

  #publish(result: CacheUsed['result']): void {
    if (!channels.cacheUsed.hasSubscribers) return;
    const { upstream, operation } = this.#options;
    channels.cacheUsed.publish({ upstream, operation, result } satisfies CacheUsed);
  }
}

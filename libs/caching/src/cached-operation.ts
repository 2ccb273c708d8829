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
  type Outcome,
  type Success,
  type Warning,
} from '@frontage/core';
import { cacheKey, type Asker } from './cache-key.js';
import type { CacheParts, Load, Loading } from './cache-parts.js';
import { isOutage } from './http/outage.js';
import type { Invalidations } from './invalidations.js';
import { marksOfFields } from './invalidation/cache-groups.js';
import { anyGroupMark, keyMark, operationMark, type Mark } from './invalidation/marks.js';
import type { TagsOf } from './invalidation/tag-template.js';
import type { CachedOperationOptions } from './cached-operation.options.js';
import { fits } from './bodies/kept-body.js';
import type { MemoryEntry, MemoryStore } from './memory-store.js';
import { groupsOf, recordOf, successOf } from './shared/responses.js';
import { findShared } from './shared/shared-level.js';
import type { SharedLookup, SharedTier } from './shared/shared-tier.js';
import type { SingleFlight, Waiter } from './single-flight.js';

const noTags: readonly Mark[] = [];
const tagless: TagsOf = () => noTags;

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
  readonly #invalidations: Invalidations;
  readonly #random: () => number;
  readonly #mark: Mark;
  /** Empty for an upstream without groups. */
  readonly #anyGroup: readonly Mark[];

  /** Made by {@link OperationCache.operation}. */
  constructor(options: CachedOperationOptions, { clock, memory, shared, flights, invalidations, random }: CacheParts) {
    this.#options = {
      shape: '',
      scope: 'caller',
      tagsOf: tagless,
      staleWhileRevalidateMs: 0,
      staleIfErrorMs: 0,
      negativeMs: 0,
      groups: false,
      maxBytes: Number.POSITIVE_INFINITY,
      ...options,
    };
    this.#clock = clock;
    this.#memory = memory;
    this.#shared = shared;
    this.#flights = flights;
    this.#invalidations = invalidations;
    this.#random = random;
    this.#mark = operationMark(`${options.upstream}.${options.operation}`);
    this.#anyGroup = this.#options.groups ? [anyGroupMark(options.upstream)] : noTags;
    invalidations.add(this.#mark);
  }

  /** See {@link cacheKey}. */
  key(args: CallArgs, asker: Asker | undefined, vary: readonly (string | undefined)[] = []): string {
    return cacheKey(this.#options, args, asker, vary);
  }

  /** The tags of a call; undefined where it has more than a response may have, so that it is not to be kept. */
  tags(...call: Parameters<TagsOf>): readonly Mark[] | undefined {
    return this.#options.tagsOf(...call);
  }

  /** True while a load of the key is under way, which further requests join. */
  isLoading(key: string): boolean {
    return this.#flights.has(key);
  }

  /** The response if this process has it fresh, without a promise; not where it is time to load it anew. A failure says that there is none. */
  peek(key: string, noteUse?: Waiter['noteUse']): Outcome<unknown> | undefined {
    const now = this.#clock.now();
    const entry = this.#memory.find(key, now);
    if (entry === undefined || now >= entry.expiresAt || this.#isEarly(entry, now)) return undefined;
    return this.#give(entry, 'hit', noteUse);
  }

  /**
   * For a key of which {@link peek} has nothing: the response from the shared store, or from `load`. Concurrent requests share one load. Only a
   * success is kept, and with `negativeMs` a declared 404. A waiter that is cancelled or out of time leaves alone; the load is cancelled when the last waiter has left. With
   * `staleWhileRevalidateMs` a response that may still be used is given at once, and loaded anew for later requests; with
   * `staleIfErrorMs` it is given where the load fails. What began before one of its tags was invalidated is neither kept nor joined.
   */
  async getOrLoad(key: string, waiter: Waiter, load: Load, tags: readonly Mark[] = noTags): Promise<Outcome<unknown>> {
    const now = this.#clock.now();
    const entry = this.#memory.find(key, now);
    if (entry !== undefined && now < entry.expiresAt + this.#options.staleWhileRevalidateMs) {
      if (this.#options.staleWhileRevalidateMs > 0 && entry.response.ok) this.#refresh(key, waiter, load, tags);
      return this.#give(entry, now < entry.expiresAt ? 'hit' : 'stale', waiter.noteUse);
    }
    if (this.#flights.has(key)) this.#publish('coalesced', waiter.noteUse);
    const loading = this.#loading(key, tags, waiter, load);
    const outcome = await this.#flights.run(key, waiter, (flight) => this.#load(loading, flight), loading.isCurrent);
    return handOut(outcome.ok ? outcome : (this.#insteadOf(outcome, key, waiter) ?? outcome));
  }

  #give({ response }: MemoryEntry, result: 'hit' | 'stale', noteUse: Waiter['noteUse']): Outcome<unknown> {
    this.#publish(response.ok ? result : 'negative', noteUse);
    return handOut(response);
  }

  /** XFetch: the closer the end and the longer a load takes, the likelier; so one of many readers loads before the end, and none waits. */
  #isEarly({ expiresAt, loadMs }: MemoryEntry, now: number): boolean {
    return this.#options.staleWhileRevalidateMs > 0 && now - loadMs * Math.log(this.#random()) >= expiresAt;
  }

  /** Loads a response in the background, unless that is under way; the one that is there stays until it has come. */
  #refresh(key: string, { deadlineAt }: Waiter, load: Load, tags: readonly Mark[]): void {
    if (this.#flights.has(key) || this.#flights.isFull) return;
    this.loadAnew(key, { cancellation: new Cancellation(), deadlineAt }, load, tags).catch((cause: unknown) => {
      const message = 'a cached response could not be loaded anew';
      channels.warning.publish({ from: 'caching', message, cause } satisfies Warning);
    });
  }

  /** Loads a response whether or not one is there; that one is given to others until it has come. */
  async loadAnew(key: string, waiter: Waiter, load: Load, tags: readonly Mark[] = noTags): Promise<Outcome<unknown>> {
    const now = this.#clock.now();
    const knownMs = (this.#memory.find(key, now)?.expiresAt ?? now) - now;
    this.#publish('refresh');
    const loading = this.#loading(key, tags, waiter, load);
    return this.#flights.run(key, waiter, (flight) => this.#load(loading, flight, knownMs), loading.isCurrent);
  }

  /** A stale response that stands in for one that an upstream failed to give. */
  #insteadOf(failure: Failure, key: string, { noteUse }: Waiter): Success<unknown> | undefined {
    const { staleIfErrorMs } = this.#options;
    if (staleIfErrorMs === 0 || !isOutage(failure)) return undefined;
    const now = this.#clock.now();
    const entry = this.#memory.find(key, now);
    if (entry?.response.ok !== true || now >= entry.expiresAt + staleIfErrorMs) return undefined;
    this.#publish('stale', noteUse);
    return entry.response;
  }

  /** Forgets the response of a key, here and in the shared store: a reader found that it is not what its contract says. */
  drop(key: string): void {
    this.#memory.delete(key);
    this.#shared?.delete(key);
  }

  #loading(key: string, tags: readonly Mark[], { deadlineAt, noteUse }: Waiter, load: Load): Loading {
    const { log } = this.#invalidations;
    const marks = [this.#mark, keyMark(key), ...tags, ...this.#anyGroup];
    const isCurrent = (): boolean => log.isCurrent(loading.since, loading.marks);
    const since = log.position;
    const loading: Loading = { key, tags, deadlineAt, noteUse, load, groups: noTags, marks, since, isCurrent };
    return loading;
  }

  /** @param knownMs a response of the shared store is of use if it is fresh for longer than that */
  async #load(loading: Loading, flight: Cancellation, knownMs = 0): Promise<Outcome<unknown>> {
    const { upstream, ttlMs, maxBytes } = this.#options;
    const startedAt = this.#clock.now();
    loading.since = this.#invalidations.log.position;
    const tier = this.#invalidations.areShared ? this.#shared : undefined;
    const lookup = tier && (await this.#findShared(tier, loading, flight));
    if (lookup?.state === 'found') {
      const leftMs = Math.min(ttlMs, lookup.found.expiresAt - this.#clock.wallTime());
      if (leftMs > knownMs + 1) {
        loading.groups = groupsOf(lookup.found.value);
        const response = share<Success<unknown>>(successOf(lookup.found.value));
        this.#keep(loading, response, leftMs, 0);
        this.#publish('hit', loading.noteUse);
        return response;
      }
    }
    this.#publish(lookup?.state === 'failed' ? 'error' : 'miss', loading.noteUse);
    const place = lookup?.state === 'absent' || lookup?.state === 'found' ? lookup.place : undefined;
    let kept: Success<unknown> | undefined;
    try {
      const outcome = share(await loading.load(flight, (fields) => (loading.groups = marksOfFields(upstream, fields))));
      if (!outcome.ok) this.#keepFailure(loading, outcome);
      if (!outcome.ok || !loading.isCurrent()) return outcome;
      // A response with more groups than are kept could not be invalidated.
      if (loading.groups === undefined || !fits(outcome.value, maxBytes)) {
        this.#memory.delete(loading.key);
        return outcome;
      }
      this.#keep(loading, outcome, ttlMs, this.#clock.now() - startedAt);
      // A record has no form for a number that a double cannot hold.
      if (!isInexact(outcome.value)) kept = outcome;
      return outcome;
    } finally {
      if (place !== undefined && kept !== undefined) tier?.keep(place, recordOf(kept, loading.groups ?? noTags));
      else if (place !== undefined) tier?.release(place);
    }
  }

  #findShared(tier: SharedTier, { key, tags, deadlineAt }: Loading, flight: Cancellation): Promise<SharedLookup> {
    const question = { key, marks: [this.#mark, ...tags, ...this.#anyGroup], ttlMs: this.#options.ttlMs };
    return findShared(tier, question, deadlineAt, { clock: this.#clock, flight });
  }

  /** The marks of what is kept from now on: no longer any group, but those of the response. */
  #marksOf(loading: Loading): readonly Mark[] {
    const { key, tags, groups = noTags } = loading;
    if (this.#anyGroup.length === 0) return tags;
    const marks = [...tags, ...groups];
    loading.marks = [this.#mark, keyMark(key), ...marks];
    return marks;
  }

  #keep(loading: Loading, response: Success<unknown>, freshMs: number, loadMs: number): void {
    const { key, isCurrent } = loading;
    if (!isCurrent()) return;
    const now = this.#clock.now();
    const expiresAt = now + freshMs;
    const keptUntil = now + greatestAgeMs({ ...this.#options, ttlMs: freshMs });
    this.#memory.set(key, { response, expiresAt, keptUntil, loadMs, marks: this.#marksOf(loading) });
    const { ttlMs, scope } = this.#options;
    const isPublic = scope === 'public';
    noteKept(response, { storedAt: expiresAt - ttlMs, freshUntil: expiresAt, isPublic, isCurrent });
  }

  #keepFailure(loading: Loading, response: Failure): void {
    const { key, groups, isCurrent } = loading;
    const { negativeMs } = this.#options;
    if (groups === undefined || response.status !== 'not_found' || negativeMs === 0 || !isCurrent()) return;
    const expiresAt = this.#clock.now() + negativeMs;
    this.#memory.set(key, { response, expiresAt, keptUntil: expiresAt, loadMs: 0, marks: this.#marksOf(loading) });
  }

  #publish(result: CacheUsed['result'], noteUse?: Waiter['noteUse']): void {
    noteUse?.(result, this.#clock.now());
    if (!channels.cacheUsed.hasSubscribers) return;
    const { upstream, operation } = this.#options;
    channels.cacheUsed.publish({ upstream, operation, result } satisfies CacheUsed);
  }
}

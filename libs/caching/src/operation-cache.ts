import { systemClock, type Clock, type OperationInfo } from '@frontage/core';
import type { RedisStore } from '@frontage/store';
import type { CacheParts } from './cache-parts.js';
import { CachedOperation } from './cached-operation.js';
import type { CachedOperationOptions } from './cached-operation.options.js';
import { FollowedEntries } from './followed-entries.js';
import { FollowedOperation } from './followed-operation.js';
import type { FollowedOperationOptions } from './http/followed.options.js';
import { Invalidations, type InvalidationPeers } from './invalidations.js';
import { groupMarks } from './invalidation/cache-groups.js';
import { addressMark, anyGroupMark, type Invalidated } from './invalidation/marks.js';
import { canMeet, compileTags, type TagsOf } from './invalidation/tag-template.js';
import { MemoryStore } from './memory-store.js';
import { OwnCacheTier, type OwnCache } from './shared/own-cache.js';
import { RedisMessages } from './shared/redis-messages.js';
import { RedisTier } from './shared/redis-tier.js';
import type { SharedTier } from './shared/shared-tier.js';
import { SingleFlight } from './single-flight.js';

export interface OperationCacheOptions {
  /** Number of responses kept in this process; at least 1. @default 10_000 */
  readonly maxEntries?: number;
  /** Estimated size of the responses kept in this process, in bytes; at least 1. @default 64 MiB */
  readonly maxBytes?: number;
  /**
   * Tells all processes of its app what is invalidated; without a `sharedCache` it is also the second tier, which they share. Its owner stops it.
   * @default none
   */
  readonly redis?: RedisStore;
  /** A second tier of your own, a cache of cache-manager. Closed by `stop`. @default none */
  readonly sharedCache?: OwnCache;
  /** Prefix of the keys in `sharedCache`, so that apps that use one cache share no entries. Required with `sharedCache`. */
  readonly app?: string;
  /** Templates of all tags that policy declares; an invalidation of another one is refused at the start. @default all may be invalidated */
  readonly tags?: readonly string[];
  /** From 0 to 1, for the time at which a response is loaded anew. @default Math.random */
  readonly random?: () => number;
}

/** Keeps responses of upstreams for a while: in this process, and in a store shared between processes if one is given. */
export class OperationCache {
  readonly #parts: CacheParts;
  readonly #tags: readonly string[] | undefined;

  /**
   * @throws TypeError for a `sharedCache` without an `app`
   * @throws RangeError for a `maxEntries` or `maxBytes` that is no whole number from 1
   */
  constructor(options: OperationCacheOptions = {}, clock: Clock = systemClock) {
    const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, redis, sharedCache, app, random = Math.random } = options;
    if (sharedCache !== undefined && app === undefined)
      throw new TypeError(
        'a sharedCache needs the name of the app, with which its keys begin: write { sharedCache, app }',
      );
    this.#tags = options.tags;
    const memory = new MemoryStore(maxEntries, maxBytes);
    const shared = sharedTier(options, clock);
    const messages = redis === undefined ? undefined : new RedisMessages(redis);
    const invalidations = new Invalidations({ clock, memory, tier: shared, messages });
    this.#parts = { clock, memory, shared, flights: new SingleFlight(clock), invalidations, random };
  }

  /** Number of responses in this process. */
  get size(): number {
    return this.#parts.memory.size;
  }

  /** Estimated bytes in this process. */
  get bytes(): number {
    return this.#parts.memory.bytes;
  }

  /** Tags that some response in this process has. */
  get marks(): number {
    return this.#parts.memory.marks;
  }

  /** @throws RangeError for a `ttlMs` that is not above 0 */
  operation(options: CachedOperationOptions): CachedOperation {
    if (!(options.ttlMs > 0)) throw new RangeError(`ttlMs must be above 0, not ${options.ttlMs}`);
    return new CachedOperation(options, this.#parts);
  }

  /**
   * Compiles the tags that a change invalidates.
   * @throws TypeError for a tag that no operation has, or a placeholder that the operation has nothing for
   */
  invalidatedTags(templates: readonly string[], info: OperationInfo): TagsOf {
    const unknown = templates.find((template) => this.#tags?.some((tag) => canMeet(tag, template)) === false);
    if (unknown !== undefined)
      throw new TypeError(
        `${info.contract.upstream}.${info.id} invalidates '${unknown}', which is no tag of a cached operation: policy has ${this.#tags?.join(', ') || 'none'}`,
      );
    return compileTags(templates, info, Infinity);
  }

  /** Tells the other processes of this machine what is invalidated, and hears of it. */
  share(peers: InvalidationPeers): void {
    this.#parts.invalidations.share(peers);
  }

  /** The cache of an operation whose responses say themselves how they are kept (RFC 9111). */
  followed(options: FollowedOperationOptions): FollowedOperation {
    return new FollowedOperation(options, this.#parts, new FollowedEntries(this.#parts.memory));
  }

  /**
   * Notes changes of what stands at addresses of an upstream: responses of followed operations that were asked for before are not used any more.
   * @param targets path and query of each, as they are sent
   */
  changed(upstream: string, targets: readonly string[]): void {
    void this.invalidate(targets.map((target) => addressMark(upstream, target)));
  }

  /** See {@link Invalidations.invalidate}. */
  invalidate(invalidated: Invalidated): Promise<void> {
    return this.#parts.invalidations.invalidate(invalidated);
  }

  /**
   * Invalidates the groups of one upstream that a field `Cache-Group-Invalidation` names (RFC 9875 section 3); where it has more than are read, all
   * that the upstream has.
   */
  async invalidateGroups(upstream: string, field: string): Promise<void> {
    const { invalidations } = this.#parts;
    const marks = groupMarks(upstream, field) ?? invalidations.operationsOf(upstream);
    if (marks.length > 0) await invalidations.invalidate([anyGroupMark(upstream), ...marks]);
  }

  /** Waits until the shared tier may be read, for a second at most; without it responses come from memory and upstreams. Never rejects. */
  async start(): Promise<void> {
    await this.#parts.invalidations.start();
  }

  /** True if the shared store has been told of all invalidations; false while it is down and is told once it is back. */
  get isInStep(): boolean {
    return this.#parts.invalidations.areShared;
  }

  /** Ends the connection for invalidations, and closes a shared cache of your own. */
  async stop(): Promise<void> {
    await this.#parts.invalidations.stop();
    await this.#parts.shared?.stop();
  }
}

function sharedTier({ redis, sharedCache, app }: OperationCacheOptions, clock: Clock): SharedTier | undefined {
  if (sharedCache !== undefined && app !== undefined) return new OwnCacheTier(sharedCache, app, clock);
  return redis === undefined ? undefined : new RedisTier(redis, clock);
}

import type { Clock, Timer } from '@frontage/core';
import type { MemoryStore } from './memory-store.js';
import type { RedisMessages } from './shared/redis-messages.js';
import type { SharedTier } from './shared/shared-tier.js';
import { InvalidationLog } from './invalidation/invalidation-log.js';
import { everything, isMark, operationMark, type Invalidated, type Mark } from './invalidation/marks.js';

/** Marks of one message to the store. */
const perMessage = 1_000;
/** Marks that wait for a store that is down; beyond it, everything is invalidated once it is back. */
const maxPending = 10_000;
/** Longest wait for the stream at the start, in milliseconds. */
const longestStartMs = 1_000;
/** Interval of the attempts while the store is down, in milliseconds. */
const retryMs = 250;

/** The way to the processes that serve the same port on this machine. */
export interface InvalidationPeers {
  /** @param isPending the shared tier could not be told */
  tell(invalidated: Invalidated, isPending: boolean): void;
  /** @param hear takes marks of the others */
  listen(hear: (invalidated: readonly string[] | typeof everything, isPending: boolean) => void): void;
}

interface Stores {
  readonly clock: Clock;
  readonly memory: MemoryStore;
  readonly tier: SharedTier | undefined;
  readonly messages: RedisMessages | undefined;
}

/** Invalidates responses here, in the shared tier, and in the other processes of the app. */
export class Invalidations {
  /** The invalidations of this process, for loads under way. */
  readonly log = new InvalidationLog();
  readonly #stores: Stores;
  readonly #operations = new Set<Mark>();
  #pending: Set<Mark> | typeof everything = new Set();
  /** The shared tier is being told of what was pending. */
  #isRepeating = false;
  #retry: Timer;
  #isStopped = false;
  #peers: InvalidationPeers | undefined;

  constructor(stores: Stores) {
    this.#stores = stores;
    stores.messages?.listen({
      hear: (invalidated) => this.#forget(invalidated),
      all: () => [...this.#operations],
      failed: (invalidated) => this.#defer(invalidated),
    });
  }

  /** The shared tier may be read: it has been told of all that was invalidated here. */
  get areShared(): boolean {
    return this.pending === 0 && !this.#isRepeating && this.#stores.messages?.hasRead !== false;
  }

  /** Marks that the shared tier is told of once it is back. */
  get pending(): number {
    return this.#pending === everything ? maxPending : this.#pending.size;
  }

  /** Called once, before the first invalidation. */
  share(peers: InvalidationPeers): void {
    this.#peers = peers;
    peers.listen((told, isPending) => {
      const invalidated = told === everything ? everything : told.filter(isMark);
      this.#forget(invalidated);
      // Until the shared tier knows, nobody may read it.
      if (isPending) this.#defer(invalidated);
    });
  }

  /** Operations whose responses are invalidated with everything. */
  add(operation: Mark): void {
    this.#operations.add(operation);
  }

  /** Those of one upstream. */
  operationsOf(upstream: string): readonly Mark[] {
    return [...this.#operations].filter((mark) => mark.startsWith(operationMark(`${upstream}.`)));
  }

  /**
   * From now on nobody in this process gets a response with one of the marks that was loaded before, and nobody elsewhere a second later.
   * Resolves when the shared tier knows; where it is down, it is told once it is back. Never rejects.
   */
  async invalidate(invalidated: Invalidated): Promise<void> {
    if (invalidated !== everything && invalidated.length === 0) return;
    this.#forget(invalidated);
    const { tier, messages } = this.#stores;
    const isTold = (tier === undefined && messages === undefined) || (await this.#tell(invalidated));
    // The stream tells them otherwise.
    if (messages === undefined || !isTold) this.#peers?.tell(invalidated, !isTold);
    if (tier === undefined) return;
    // A read in between may have brought what the shared tier still had.
    this.#forget(invalidated);
  }

  /** Resolves once the shared tier may be read, at the latest after a second. */
  async start(): Promise<void> {
    const { clock, messages } = this.#stores;
    if (messages === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimer(resolve, longestStartMs);
    await Promise.race([messages.untilRead(), promise]);
    clock.clearTimer(timer);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stores.clock.clearTimer(this.#retry);
    await this.#stores.messages?.stop();
  }

  #forget(invalidated: Invalidated): void {
    const { memory } = this.#stores;
    if (invalidated === everything) {
      this.log.note(everything);
      memory.clear();
      return;
    }
    this.log.note(invalidated);
    for (const mark of invalidated) memory.invalidate(mark);
  }

  /** @returns whether the shared tier knows; otherwise it is told again */
  async #tell(invalidated: Invalidated): Promise<boolean> {
    const { tier, messages } = this.#stores;
    const isEverything = invalidated === everything;
    const marks = isEverything ? [...this.#operations] : invalidated;
    try {
      for (let at = 0; at < marks.length; at += perMessage) {
        const some = marks.slice(at, at + perMessage);
        await tier?.invalidate?.(some);
        await messages?.tell(some, isEverything);
      }
      return true;
    } catch {
      this.#defer(invalidated);
      return false;
    }
  }

  #defer(invalidated: Invalidated): void {
    if (invalidated === everything) this.#pending = everything;
    else if (this.#pending !== everything) {
      for (const mark of invalidated) this.#pending.add(mark);
      if (this.#pending.size > maxPending) this.#pending = everything;
    }
    if (this.#isStopped) return;
    this.#stores.clock.clearTimer(this.#retry);
    this.#retry = this.#stores.clock.setTimer(() => void this.#again(), retryMs);
  }

  async #again(): Promise<void> {
    const pending = this.#pending === everything ? everything : [...this.#pending];
    this.#pending = new Set();
    this.#isRepeating = true;
    await this.#tell(pending);
    this.#isRepeating = false;
  }
}

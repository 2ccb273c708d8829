import type { Cache } from 'cache-manager';
import type { Keyv } from 'keyv';
import { channels, type Clock, type Warning } from '@frontage/core';
import type { StoreNamespace } from '@frontage/store';
import { decodeRecord, encodeRecord } from './record.js';
import type { SharedLookup, SharedTier } from './shared-tier.js';

/** A cache that a team already has, made by `createCache` of cache-manager. */
export type OwnCache = Pick<Cache, 'get' | 'set' | 'del' | 'on' | 'off' | 'disconnect' | 'stores'>;

/** A cache of the team's own, or the Keyv stores to make one of, in the order in which they are asked. */
export type OwnCacheSource = OwnCache | readonly Keyv[];

/** Code that is not type-checked may hand over anything. */
const hasMethods = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && names.every((name) => typeof Reflect.get(value, name) === 'function');

const areStores = (source: OwnCacheSource): source is readonly Keyv[] => Array.isArray(source);

/**
 * @throws TypeError if it is neither a cache of cache-manager nor a list of stores of Keyv
 */
export async function ownCacheOf(source: OwnCacheSource): Promise<OwnCache> {
  if (areStores(source)) {
    if (source.length === 0 || !source.every((store) => hasMethods(store, 'get', 'on')))
      throw new TypeError('cache: a list needs at least one store, each made by new Keyv(...)');
    // Loaded on demand, because most apps have no cache of their own.
    const { createCache } = await import('cache-manager');
    return createCache({ stores: [...source] });
  }
  if (!hasMethods(source, 'get', 'set', 'del') || !Array.isArray(source.stores))
    throw new TypeError('cache: give a cache that createCache(...) of cache-manager made, or a list of stores of Keyv');
  return source;
}

const GET_TIMEOUT_MS = 50;
const FAILURES_BEFORE_PAUSE = 3;
const PAUSE_MS = 5_000;

/**
 * A cache of the team's own as the shared tier. A lookup ends after 50 ms. After three failures in a row the cache is not used for five seconds,
 * and the app works as if it had none.
 */
export class OwnCacheTier implements SharedTier {
  readonly #cache: OwnCache;
  readonly #keys: StoreNamespace;
  readonly #clock: Clock;
  readonly #onGet: (event: { error?: unknown }) => void;
  readonly #onError = (cause: unknown): void => this.#failed(cause);
  #failuresInRow = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #down = false;

  constructor(cache: OwnCache, keys: StoreNamespace, clock: Clock) {
    this.#cache = cache;
    this.#keys = keys;
    this.#clock = clock;
    this.#onGet = ({ error }) => {
      if (error !== undefined) this.#failed(error);
    };
    // `get` of cache-manager gives `undefined` for a store that failed; only the event tells of the failure.
    cache.on('get', this.#onGet);
    // Keyv throws if nothing listens for the event of a lost connection.
    for (const store of cache.stores) store.on('error', this.#onError);
  }

  async get(key: string, withinMs: number): Promise<SharedLookup> {
    if (this.#isPaused()) return 'none';
    const failuresBefore = this.#failuresInRow;
    let text: unknown;
    try {
      const within = Math.min(GET_TIMEOUT_MS, Math.max(0, withinMs));
      text = await this.#atMost(this.#cache.get(this.#keys.key(key)), within);
    } catch (error) {
      this.#failed(error);
      return 'failed';
    }
    if (this.#failuresInRow > failuresBefore) return 'failed';
    this.#succeeded();
    const found = typeof text === 'string' ? decodeRecord(Buffer.from(text, 'base64')) : undefined;
    return found !== undefined && found.expiresAt > this.#clock.wallTime() ? found : 'none';
  }

  set(key: string, value: unknown, ttlMs: number): void {
    if (this.#isPaused()) return;
    const record = encodeRecord({ value, expiresAt: this.#clock.wallTime() + ttlMs });
    if (record === undefined) return;
    this.#cache.set(this.#keys.key(key), record.toString('base64'), Math.ceil(ttlMs)).then(
      () => {},
      (error: unknown) => this.#failed(error),
    );
  }

  delete(key: string): void {
    if (this.#isPaused()) return;
    this.#cache.del(this.#keys.key(key)).catch((error: unknown) => this.#failed(error));
  }

  async stop(): Promise<void> {
    this.#cache.off('get', this.#onGet);
    await this.#cache.disconnect();
    for (const store of this.#cache.stores) store.off('error', this.#onError);
  }

  #isPaused(): boolean {
    return this.#clock.now() < this.#pausedUntil;
  }

  #succeeded(): void {
    this.#failuresInRow = 0;
    if (!this.#down) return;
    this.#down = false;
    warn('the shared cache store responds again');
  }

  #failed(cause: unknown): void {
    this.#failuresInRow++;
    if (this.#failuresInRow < FAILURES_BEFORE_PAUSE) return;
    this.#pausedUntil = this.#clock.now() + PAUSE_MS;
    if (this.#down) return;
    this.#down = true;
    warn('the shared cache store does not respond: responses are cached in memory alone', cause);
  }

  #atMost<T>(work: Promise<T>, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(() => reject(new Error(`no response within ${limitMs} ms`)), limitMs);
      work.then(resolve, reject).finally(() => this.#clock.clearTimer(timer));
    });
  }
}

function warn(message: string, cause?: unknown): void {
  if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'caching', message, cause } satisfies Warning);
}

import type { Cache } from 'cache-manager';
import type { Keyv } from 'keyv';
import { channels, type Clock, type Warning } from '@frontage/core';
import { storeNamespace, type StoreNamespace } from '@frontage/store';
import type { Mark } from '../invalidation/marks.js';
import { newId } from './new-id.js';
import { decodeRecord, encodeRecord, recordVersion } from './record.js';
import type { SharedLookup, SharedPlace, SharedQuestion, SharedTier, SharedValue } from './shared-tier.js';

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
 * and the app works as if it had none. It needs no more than get, set and delete: a record begins with the tokens of its marks, as that of
 * Redis does. There are no locks.
 */
export class OwnCacheTier implements SharedTier {
  readonly #cache: OwnCache;
  readonly #keys: StoreNamespace;
  readonly #marks: StoreNamespace;
  readonly #clock: Clock;
  readonly #onGet: (event: { error?: unknown }) => void;
  readonly #onError = (cause: unknown): void => this.#failed(cause);
  #failuresInRow = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #down = false;

  constructor(cache: OwnCache, app: string, clock: Clock) {
    this.#cache = cache;
    this.#keys = storeNamespace(app, 'cache');
    this.#marks = storeNamespace(app, 'cache-marks');
    this.#clock = clock;
    this.#onGet = ({ error }) => {
      if (error !== undefined) this.#failed(error);
    };
    // `get` of cache-manager gives `undefined` for a store that failed; only the event tells of the failure.
    cache.on('get', this.#onGet);
    // Keyv throws if nothing listens for the event of a lost connection.
    for (const store of cache.stores) store.on('error', this.#onError);
  }

  async find(question: SharedQuestion, withinMs: number): Promise<SharedLookup> {
    if (this.#isPaused()) return { state: 'absent' };
    const failuresBefore = this.#failuresInRow;
    let held: { readonly place: SharedPlace; readonly body?: string };
    try {
      const within = Math.min(GET_TIMEOUT_MS, Math.max(0, withinMs));
      held = await this.#atMost(this.#look(question), within);
    } catch (error) {
      this.#failed(error);
      return { state: 'failed' };
    }
    if (this.#failuresInRow > failuresBefore) return { state: 'failed' };
    this.#succeeded();
    const { place, body } = held;
    // Outside of the time limit, which is for the store.
    const found = body === undefined ? undefined : await decodeRecord(Buffer.from(body, 'base64'));
    return found !== undefined && found.expiresAt > this.#clock.wallTime()
      ? { state: 'found', found, place }
      : { state: 'absent', place };
  }

  async #look(question: SharedQuestion): Promise<{ readonly place: SharedPlace; readonly body?: string }> {
    const { key, marks, ttlMs } = question;
    const [text, ...tokens] = await Promise.all([
      this.#cache.get(this.#keys.key(key)),
      ...marks.map((mark) => this.#token(mark, ttlMs)),
    ]);
    const place = { ...question, tokens: [recordVersion, ...tokens].join(' '), seen: '', holder: '' };
    const [line, body] = typeof text === 'string' ? text.split('\n', 2) : [];
    return line === place.tokens && body !== undefined ? { place, body } : { place };
  }

  /** The present token of a mark; a mark without one gets a new one. */
  async #token(mark: Mark, ttlMs: number): Promise<string> {
    const key = this.#marks.key(mark);
    const held: unknown = await this.#cache.get(key);
    if (typeof held === 'string') return held;
    const made = newId();
    await this.#cache.set(key, made, Math.ceil(2 * ttlMs) + 1_000);
    return made;
  }

  keep(place: SharedPlace, value: unknown): void {
    if (this.#isPaused()) return;
    const expiresAt = this.#clock.wallTime() + place.ttlMs;
    this.#write(place, { value, expiresAt }).catch((error: unknown) => this.#failed(error));
  }

  async #write({ key, tokens, ttlMs }: SharedPlace, value: SharedValue): Promise<void> {
    const record = await encodeRecord(value);
    if (record === undefined) return;
    await this.#cache.set(this.#keys.key(key), `${tokens}\n${record.toString('base64')}`, Math.ceil(ttlMs));
  }

  release(): void {}

  delete(key: string): void {
    if (this.#isPaused()) return;
    this.#cache.del(this.#keys.key(key)).catch((error: unknown) => this.#failed(error));
  }

  readonly invalidate = async (marks: readonly Mark[]): Promise<void> => {
    if (this.#isPaused()) throw new Error('the shared cache store does not respond');
    for (const mark of marks) {
      if (mark.startsWith('key:')) await this.#cache.del(this.#keys.key(mark.slice('key:'.length)));
      else await this.#cache.del(this.#marks.key(mark));
    }
  };

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

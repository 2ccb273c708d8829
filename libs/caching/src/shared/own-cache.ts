import { createRequire } from 'node:module';
import { channels, type Clock, type Complaint } from '@frontage/core';
import type * as KeyvRedisModule from '@keyv/redis';
import { createCache, type Cache } from 'cache-manager';
import { Keyv } from 'keyv';

/** What a shared store holds: the answer, and until when it may be used (milliseconds since 1970, for all processes). */
interface SharedAnswer {
  readonly value: unknown;
  readonly expiresAt: number;
}

const GET_TIMEOUT_MS = 50;
const FAILURES_BEFORE_PAUSE = 3;
const PAUSE_MS = 5_000;

/** Outcome of a lookup: an answer, none, or no word from the store. */
type SharedLookup = SharedAnswer | 'none' | 'failed';

/**
 * The tier that processes share: any cache-manager cache. It is a convenience and never a reason to wait: a lookup ends after 50 ms, and
 * after three failures in a row the store is left alone for five seconds, in which everything behaves as if it were not there.
 */
export class SharedStore {
  readonly #cache: Cache;
  readonly #clock: Clock;
  readonly #disconnect: () => Promise<void>;
  readonly #onGet: (event: { error?: unknown }) => void;
  #failuresInRow = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #down = false;

  constructor(cache: Cache, clock: Clock, disconnect: () => Promise<void> = () => cache.disconnect()) {
    this.#cache = cache;
    this.#clock = clock;
    this.#disconnect = disconnect;
    // cache-manager answers `undefined` for a store that failed, as for one that has nothing; only its event tells them apart.
    this.#onGet = ({ error }) => {
      if (error !== undefined) this.#failed(error);
    };
    cache.on('get', this.#onGet);
  }

  /** @param withinMs how long the asker can wait at most; a lookup ends after 50 ms in any case */
  async get(key: string, withinMs: number): Promise<SharedLookup> {
    if (this.#isPaused()) return 'none';
    const failuresBefore = this.#failuresInRow;
    let answer: unknown;
    try {
      answer = await this.#atMost(this.#cache.get<unknown>(key), Math.min(GET_TIMEOUT_MS, Math.max(0, withinMs)));
    } catch (error) {
      this.#failed(error);
      return 'failed';
    }
    if (this.#failuresInRow > failuresBefore) return 'failed';
    this.#succeeded();
    return isSharedAnswer(answer) && answer.expiresAt > this.#clock.wallTime() ? answer : 'none';
  }

  /** Stores in the background. */
  set(key: string, value: unknown, ttlMs: number): void {
    if (this.#isPaused()) return;
    const answer: SharedAnswer = { value, expiresAt: this.#clock.wallTime() + ttlMs };
    this.#cache.set(key, answer, Math.ceil(ttlMs)).then(
      () => {},
      (error: unknown) => this.#failed(error),
    );
  }

  async stop(): Promise<void> {
    this.#cache.off('get', this.#onGet);
    await this.#disconnect();
  }

  #isPaused(): boolean {
    return this.#clock.now() < this.#pausedUntil;
  }

  #succeeded(): void {
    this.#failuresInRow = 0;
    if (!this.#down) return;
    this.#down = false;
    complain('the shared cache store answers again');
  }

  #failed(cause: unknown): void {
    this.#failuresInRow++;
    if (this.#failuresInRow < FAILURES_BEFORE_PAUSE) return;
    this.#pausedUntil = this.#clock.now() + PAUSE_MS;
    if (this.#down) return;
    this.#down = true;
    complain('the shared cache store does not answer: caching goes on in memory alone', cause);
  }

  #atMost<T>(work: Promise<T>, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimer(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
      work.then(resolve, reject).finally(() => this.#clock.clearTimer(timer));
    });
  }
}

/** A shared store in Redis. Connects in the background and again whenever the connection is lost. */
export function connectRedis(url: string, namespace: string, clock: Clock): SharedStore {
  // Loaded by who uses it: the client of Redis has four hundred files. A `require` has no types of its own.
  const { default: KeyvRedis } = createRequire(import.meta.url)('@keyv/redis') as typeof KeyvRedisModule;
  const adapter = new KeyvRedis(
    {
      url,
      // Commands fail at once while there is no connection, instead of piling up until there is one.
      disableOfflineQueue: true,
      commandsQueueMaxLength: 10_000,
      socket: { connectTimeout: 1_000, reconnectStrategy: (attempts: number) => Math.min(2_000, 50 * 2 ** attempts) },
    },
    { namespace, throwOnErrors: true },
  );
  // Each failure reaches us by the lookup that met it; a lost connection alone is nobody's failure yet.
  adapter.on('error', () => {});
  // Connected now and not by the first lookup: the adapter adds its listeners anew with each connection it makes by itself.
  void Promise.resolve(adapter.client.connect()).catch(() => {});
  const keyv = new Keyv({
    store: adapter,
    namespace,
    useKeyPrefix: false,
    throwOnErrors: true,
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  });
  keyv.on('error', () => {});
  return new SharedStore(createCache({ stores: [keyv] }), clock, () => adapter.disconnect(true));
}

function isSharedAnswer(answer: unknown): answer is SharedAnswer {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'value' in answer &&
    'expiresAt' in answer &&
    typeof answer.expiresAt === 'number'
  );
}

function complain(message: string, cause?: unknown): void {
  if (channels.complaint.hasSubscribers)
    channels.complaint.publish({ from: 'caching', message, cause } satisfies Complaint);
}

import type { Redis } from 'ioredis';
import { newClient } from './new-connection.js';
import type { RedisStoreOptions } from './redis-store.options.js';
import type { StoreKey } from './store-key.js';

/** One entry of a stream: its fields in order; a name may stand there several times. */
export interface StreamEntry {
  /** Time and number, as Redis gives them; later entries have higher ones. */
  readonly id: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Hears what is written to a stream. Only `from` may reject. */
export interface StreamListener {
  /** The entry after which reading begins; undefined: at the first one. Asked once. Rejects where the store is down, and is asked again. */
  from(): Promise<string | undefined>;
  /** Entries in order, each once. */
  entries(entries: readonly StreamEntry[]): void;
  /** All that was there is read; later entries come as they are written. Told each time that reading begins. */
  caughtUp(): void;
  /** Entries may have been missed: the last one that was read is no longer there. */
  gap(): void;
}

/** Longest wait of one read, in milliseconds: so often the place in the stream is checked while nothing comes. */
const readMs = 500;
/** Time after which a server that says nothing is given up, in milliseconds; more than a read may wait. */
const silentMs = 1_500;
/** Entries of one read. */
const perRead = 500;
/** Pause after a failure, in milliseconds. */
const pauseMs = 200;

/**
 * Reads a stream on a connection of its own, because a read that waits holds up all others on its connection. The last entry that was read has
 * to be there still: otherwise the stream was cut, lost or restored meanwhile, and entries may be missing.
 */
export class StoreStream {
  readonly #key: StoreKey;
  readonly #options: RedisStoreOptions;
  #redis: Redis | undefined;
  #last: string | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;
  #endPause: (() => void) | undefined;
  #endWatch: (() => void) | undefined;

  /** Made by `RedisStore.stream`. */
  constructor(key: StoreKey, options: RedisStoreOptions) {
    this.#key = key;
    this.#options = options;
  }

  /** Reads in the background until `stop`, also once the connection was lost. */
  start(listener: StreamListener): void {
    this.#endWatch = this.#options.names?.watch(new URL(this.#options.url).hostname, {
      isUsed: () => this.#redis?.status === 'ready',
      changed: (addresses) => {
        if (!addresses.has(this.#redis?.stream.remoteAddress ?? '')) this.#redis?.disconnect();
      },
    });
    this.#running ??= this.#run(listener);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endWatch?.();
    this.#endPause?.();
    this.#redis?.disconnect();
    await this.#running;
  }

  async #run(listener: StreamListener): Promise<void> {
    while (!this.#isStopped) {
      try {
        const redis = (this.#redis = await newClient({ ...this.#options, timeoutMs: silentMs }));
        // The next command tells of a lost connection.
        redis.on('error', () => undefined);
        await redis.connect();
        await this.#read(redis, listener);
      } catch {
        this.#redis?.disconnect();
        await this.#pause();
      }
    }
  }

  async #read(redis: Redis, listener: StreamListener): Promise<void> {
    let last = (this.#last ??= (await listener.from()) ?? beginning);
    let isBehind = true;
    while (!this.#isStopped) {
      // Without a wait, as long as something may have been missed.
      const entries = await this.#next(redis, last, !isBehind);
      // After the read: what was cut before is noticed, and what is cut later has been read.
      if ((isBehind || entries.length === 0) && !(await this.#isThere(redis, last))) {
        this.#last = last = await this.#newest(redis);
        listener.gap();
        continue;
      }
      if (entries.length > 0) listener.entries(entries);
      this.#last = last = entries.at(-1)?.id ?? last;
      const wasBehind = isBehind;
      isBehind = entries.length === perRead;
      if (wasBehind && !isBehind) listener.caughtUp();
    }
  }

  async #next(redis: Redis, after: string, waits: boolean): Promise<readonly StreamEntry[]> {
    const reply = waits
      ? await redis.xread('COUNT', perRead, 'BLOCK', readMs, 'STREAMS', this.#key, after)
      : await redis.xread('COUNT', perRead, 'STREAMS', this.#key, after);
    return (reply?.[0]?.[1] ?? []).map(([id, fields]) => ({ id, fields: pairsOf(fields) }));
  }

  async #isThere(redis: Redis, id: string): Promise<boolean> {
    return id === beginning || (await redis.xrange(this.#key, id, id)).length > 0;
  }

  async #newest(redis: Redis): Promise<string> {
    const [newest] = await redis.xrevrange(this.#key, '+', '-', 'COUNT', 1);
    return newest?.[0] ?? beginning;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isStopped) return resolve();
      const timer = setTimeout(resolve, pauseMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Before the first entry of any stream. */
const beginning = '0-0';

const pairsOf = (fields: readonly string[]): (readonly [string, string])[] =>
  Array.from({ length: Math.floor(fields.length / 2) }, (_, at) => [fields[2 * at] ?? '', fields[2 * at + 1] ?? '']);

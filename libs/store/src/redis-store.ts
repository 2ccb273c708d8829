import { channels, systemClock, type Warning } from '@frontage/core';
import type { Redis } from 'ioredis';
import { newClient, takesWrites } from './new-connection.js';
import { isReply, isTimeout, whyNoStore, whyNotServing } from './redis-replies.js';
import type { RedisStoreOptions } from './redis-store.options.js';
import { storeNamespace, type StoreKey, type StoreNamespace, type StorePurpose } from './store-key.js';
import { storeRecords, type StoreRecords } from './store-records.js';
import { StoreStream } from './store-stream.js';
import { storeTable, type StoreTable } from './store-table.js';
import { runScript, type StoreScript } from './store-script.js';
import { StoreAddressError, StoreDownError } from './store.errors.js';

/** Interval of the attempts while the store is down. */
const retryMs = 500;

/** Longest time that the start waits for the first connection. */
const startWaitMs = 2_000;

/** Commands in a row without a reply, over more time than one command may take, after which the server counts as hanging. */
const timeoutsUntilDown = 3;

/** Attempts after which a connection that is not ready is dropped, because the server may accept it and never reply. */
const retriesPerConnection = 4;

/**
 * The one connection of an app to its Redis, behind one guard (RELIABILITY F32). While the store is down every command is refused at once with
 * {@link StoreDownError}. In the background the connection is made anew and a write is tried twice a second. So this process uses the store
 * again a second after the end of a failover, a restart or a change of the address.
 */
export class RedisStore {
  readonly #options: RedisStoreOptions;
  readonly #url: URL;
  readonly #probeKey: StoreKey;
  readonly #warnedOf = new Set<string>();
  #redis: Redis | undefined;
  #endWatch: (() => void) | undefined;
  #isMoving = false;
  #up = false;
  #outageTold = false;
  #cause: unknown = new Error('not connected yet');
  #timer: NodeJS.Timeout | undefined;
  #retries = 0;
  #timeouts = 0;
  #firstTimeoutAt = 0;
  #probing = false;

  /** @throws TypeError for an address that does not parse, or an app without a name */
  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.#probeKey = this.namespace('probe').key('');
  }

  get isUp(): boolean {
    return this.#up;
  }

  /** The keys of this app for a purpose. */
  namespace(purpose: StorePurpose): StoreNamespace {
    return storeNamespace(this.#options.app, purpose);
  }

  /**
   * Connects. It resolves also if the server is down; the app then runs without the store until the server is up.
   * @throws StoreAddressError if the address is that of a node of a Redis Cluster, or of a Redis Sentinel
   */
  async start(): Promise<void> {
    const redis = (this.#redis = await this.#client());
    this.#endWatch = this.#options.names?.watch(this.#url.hostname, {
      isUsed: () => this.#up,
      changed: (addresses) => void this.#move(addresses),
    });
    let late: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => (late = setTimeout(resolve, startWaitMs)));
    await Promise.race([redis.connect().catch((cause: unknown) => this.#down(cause)), waited]);
    clearTimeout(late);
    if (redis.status !== 'ready') return this.#down(this.#cause);
    const unfit = whyNoStore(await redis.info('server').catch(() => ''));
    if (unfit !== undefined) {
      this.stop();
      throw new StoreAddressError(`redis: ${this.#url.host} ${unfit}`);
    }
    await this.#probe();
  }

  async #client(): Promise<Redis> {
    const redis = await newClient(this.#options);
    const on = (event: 'error' | 'close' | 'ready', act: (cause: unknown) => void): void =>
      void redis.on(event, (cause?: unknown) => this.#redis === redis && act(cause));
    on('error', (cause) => (this.#cause = cause));
    on('close', () => this.#down(this.#cause));
    on('ready', () => void this.#probe());
    return redis;
  }

  /**
   * Called when the addresses of the name have changed. A connection to a present address replaces the connection to an address that has left,
   * which finishes its commands. If no connection can be made, the old one stays; a store that is down reconnects in any case.
   */
  async #move(addresses: ReadonlySet<string>): Promise<void> {
    const old = this.#redis;
    if (old === undefined || !this.#up || this.#isMoving || addresses.has(old.stream.remoteAddress ?? '')) return;
    this.#isMoving = true;
    const next = await this.#client();
    const isFit = await takesWrites(next, this.#probeKey);
    this.#isMoving = false;
    if (!isFit || this.#redis !== old || next.status !== 'ready') return next.disconnect();
    this.#redis = next;
    void old.quit().catch(() => old.disconnect());
  }

  stop(): void {
    this.#endWatch?.();
    this.#endWatch = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#up = false;
    const redis = this.#redis;
    this.#redis = undefined;
    redis?.disconnect();
  }

  /** @throws StoreDownError (rejects) */
  get(key: StoreKey): Promise<Buffer | null> {
    return this.#run((redis) => redis.getBuffer(key));
  }

  /**
   * @param ttlMs milliseconds, 1 or more
   * @throws StoreDownError (rejects)
   */
  async set(key: StoreKey, bytes: Buffer, ttlMs: number): Promise<void> {
    await this.#run((redis) => redis.set(key, bytes, 'PX', Math.ceil(ttlMs)));
  }

  /**
   * Runs a script; texts of its reply are bytes.
   * @throws StoreDownError (rejects)
   */
  evaluate(
    script: StoreScript,
    keys: readonly StoreKey[],
    args: readonly (number | string | Buffer)[],
  ): Promise<unknown> {
    return this.#run((redis) => runScript(redis, script, keys, args));
  }

  /** The table of texts that the processes of this app share for a purpose. */
  table(purpose: StorePurpose): StoreTable {
    return storeTable(this.namespace(purpose), (command) => this.#run(command));
  }

  /** The records that the processes of this app share for a purpose. */
  records(purpose: StorePurpose): StoreRecords {
    return storeRecords(this.namespace(purpose), (command) => this.#run(command), this);
  }

  /** The stream that the processes of this app share for a purpose, read on a connection of its own. */
  stream(purpose: StorePurpose): StoreStream {
    return new StoreStream(this.namespace(purpose).key('stream'), this.#options);
  }

  async #run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = this.#redis;
    if (!this.#up || redis === undefined) throw new StoreDownError('the shared store is down');
    try {
      const result = await command(redis);
      this.#timeouts = 0;
      return result;
    } catch (cause) {
      this.#judge(cause);
      throw new StoreDownError('the shared store did not perform the command', { cause });
    }
  }

  #judge(cause: unknown): void {
    if (isTimeout(cause)) {
      const now = systemClock.now();
      if (this.#timeouts++ === 0) this.#firstTimeoutAt = now;
      // Several timeouts at one moment may come from a pause of this process, with the replies not read yet.
      if (this.#timeouts < timeoutsUntilDown || now - this.#firstTimeoutAt < (this.#options.timeoutMs ?? 50)) return;
      this.#down(cause);
      this.#redis?.disconnect(true);
    } else if (!isReply(cause)) this.#down(cause);
    else if (whyNotServing(cause) === undefined) this.#warnOf(cause);
    else {
      this.#down(cause);
      this.#redis?.disconnect(true);
    }
  }

  #down(cause: unknown): void {
    if (this.#redis === undefined) return;
    this.#up = false;
    this.#cause = cause;
    this.#timer ??= setInterval(() => void this.#retry(), retryMs).unref();
    if (this.#outageTold) return;
    this.#outageTold = true;
    this.#retries = 0;
    this.#warn(
      `the shared store ${this.#url.host} cannot be used: caches go on in memory, rateStore.whenDown says what becomes of rate limits, and sessions wait`,
      cause,
    );
  }

  async #retry(): Promise<void> {
    const redis = this.#redis;
    if (redis === undefined || this.#up) return;
    if (redis.status === 'ready') return this.#probe();
    if (++this.#retries % retriesPerConnection === 0) redis.disconnect(true);
    return undefined;
  }

  /** Tries a write, because a replica, a full server and a server that loads its data reply to a PING too. */
  async #probe(): Promise<void> {
    const redis = this.#redis;
    if (redis === undefined || this.#up || this.#probing) return;
    this.#probing = true;
    try {
      await redis.set(this.#probeKey, '1', 'PX', 10_000);
    } catch (cause) {
      this.#down(cause);
      if (this.#redis === redis && redis.status === 'ready') redis.disconnect(true);
      return;
    } finally {
      this.#probing = false;
    }
    if (this.#redis !== redis) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#timeouts = 0;
    this.#cause = new Error('the connection was closed');
    this.#up = true;
    if (!this.#outageTold) return;
    this.#outageTold = false;
    this.#warn(`the shared store ${this.#url.host} is used again`);
  }

  /** Publishes one warning per kind of error reply that concerns the command and not the server. */
  #warnOf(cause: Error): void {
    const kind = cause.message.split(' ', 1)[0] ?? '';
    if (this.#warnedOf.has(kind) || this.#warnedOf.size >= 100) return;
    this.#warnedOf.add(kind);
    this.#warn(`the shared store ${this.#url.host} refused a command`, cause);
  }

  #warn(message: string, cause?: unknown): void {
    if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'store', message, cause } satisfies Warning);
  }
}

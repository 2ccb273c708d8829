import { channels, systemClock, type Complaint, type Names } from '@frontage/core';
import type { Redis } from 'ioredis';
import { takesWrites } from './new-connection.js';
import { isReply, isTimeout, whyNoStore, whyNotServing } from './redis-replies.js';
import { storeNamespace, type StoreKey, type StoreNamespace, type StorePurpose } from './store-key.js';
import type { StoreScript } from './store-script.js';
import { StoreAddressError, StoreDownError } from './store.errors.js';

export interface RedisStoreOptions {
  /** Every key begins with it. */
  readonly app: string;
  /** `redis:` or `rediss:`, with user name and password where the server needs them. */
  readonly url: string;
  /** How long one command may take, in milliseconds, 1 or more. @default 50 */
  readonly timeoutMs?: number;
  /** Resolves the host name anew for each connection, and tells when its addresses change. @default the system's resolver, which tells nothing */
  readonly names?: Names;
}

/** A connection waits so long for an address. */
const lookupMs = 1_000;

/** While the store is down it is tried so often. */
const retryMs = 500;

/** The start waits so long for the first connection, and then goes on without. */
const startWaitMs = 2_000;

/** So many commands in a row without a reply, over more time than one may take, mean that the server hangs. */
const timeoutsUntilDown = 3;

/** A connection that is not ready after so many retries is given up: what accepted it may never answer. */
const retriesPerConnection = 4;

/**
 * One connection to a Redis for everything that an app shares there, behind one guard (RELIABILITY F32). While the store is down every
 * command is refused at once with {@link StoreDownError}; in the background the connection is made anew and a write is tried twice a
 * second, so that a failover, a restart or a changed address is over for this process a second after it is over for the server.
 */
export class RedisStore {
  readonly #options: RedisStoreOptions;
  readonly #url: URL;
  readonly #probeKey: StoreKey;
  readonly #complained = new Set<string>();
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

  /** Whether commands are sent. */
  get isUp(): boolean {
    return this.#up;
  }

  /** Where the keys of this app for a purpose are. */
  namespace(purpose: StorePurpose): StoreNamespace {
    return storeNamespace(this.#options.app, purpose);
  }

  /**
   * Connects. Resolves where the server is down, too: then everything goes on without until it is up.
   * @throws StoreAddressError where the address is of a node of a Redis Cluster, or of a Redis Sentinel
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
    const { redisClient } = await import('./redis-client.js'); // loaded by apps that use it
    const redis = redisClient(this.#url, this.#options.timeoutMs ?? 50, this.#options.names?.lookupWithin(lookupMs));
    const on = (event: 'error' | 'close' | 'ready', act: (cause: unknown) => void): void =>
      void redis.on(event, (cause?: unknown) => this.#redis === redis && act(cause));
    on('error', (cause) => (this.#cause = cause));
    on('close', () => this.#down(this.#cause));
    on('ready', () => void this.#probe());
    return redis;
  }

  /**
   * The name has other addresses now: a connection to one of them takes the place of that to an address that has left, which carries its
   * commands to their end. Where none can be made, the old one stays; a store that is down connects anew anyway.
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
   * @param ttlMs 1 or more
   * @throws StoreDownError (rejects)
   */
  async set(key: StoreKey, bytes: Buffer, ttlMs: number): Promise<void> {
    await this.#run((redis) => redis.set(key, bytes, 'PX', Math.ceil(ttlMs)));
  }

  /** @throws StoreDownError (rejects) */
  evaluate({ source, digest }: StoreScript, key: StoreKey, args: readonly number[]): Promise<unknown> {
    return this.#run(async (redis) => {
      try {
        return await redis.evalsha(digest, 1, key, ...args);
      } catch (error) {
        // A server that was restarted or failed over does not know the script any more.
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await redis.eval(source, 1, key, ...args);
      }
    });
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
      throw new StoreDownError('the shared store did not do it', { cause });
    }
  }

  #judge(cause: unknown): void {
    if (isTimeout(cause)) {
      const now = systemClock.now();
      if (this.#timeouts++ === 0) this.#firstTimeoutAt = now;
      // Several at the same moment may be a pause of this process, with the replies waiting to be read.
      if (this.#timeouts < timeoutsUntilDown || now - this.#firstTimeoutAt < (this.#options.timeoutMs ?? 50)) return;
      this.#down(cause);
      this.#redis?.disconnect(true);
    } else if (!isReply(cause)) this.#down(cause);
    else if (whyNotServing(cause) === undefined) this.#complainOf(cause);
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
    this.#complain(
      `the shared store ${this.#url.host} cannot be used: caches go on in memory, and rateStore.whenDown says what becomes of rate limits`,
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

  /** A replica, a full server and one that loads answer a PING as well as any: only a write tells. */
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
    this.#complain(`the shared store ${this.#url.host} is used again`);
  }

  /** An error reply that is about the command and not about the server: told once per kind. */
  #complainOf(cause: Error): void {
    const kind = cause.message.split(' ', 1)[0] ?? '';
    if (this.#complained.has(kind) || this.#complained.size >= 100) return;
    this.#complained.add(kind);
    this.#complain(`the shared store ${this.#url.host} refused a command`, cause);
  }

  #complain(message: string, cause?: unknown): void {
    if (channels.complaint.hasSubscribers)
      channels.complaint.publish({ from: 'store', message, cause } satisfies Complaint);
  }
}

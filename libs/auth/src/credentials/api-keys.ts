import { channels, type Clock, type Warning } from '@frontage/core';
import type { Ground, Proof, Prover } from '../token/proof.js';
import { ForeignCredential, refusedToken } from '../token/refusals.js';
import { idOfKey, isKeyOf, type ApiKeyRecord } from './api-key.js';

/** The place that keys are stored in: a file, or the shared store. */
export interface ApiKeySource {
  /** A text that changes with the keys. It is asked for often, so it is cheap. */
  version(): Promise<string>;
  /** @throws where the records cannot be read */
  read(): Promise<readonly ApiKeyRecord[]>;
}

export interface ApiKeysOptions {
  readonly source: ApiKeySource;
  /** Time between two looks at the source, in milliseconds. A key that is revoked there is refused after this at most. */
  readonly reloadMs: number;
  /** The time for which a verified key need not be verified again, in milliseconds. */
  readonly cacheMs: number;
  readonly clock: Clock;
}

/** Compared with where the id is unknown, so that the time tells nothing about ids. */
const noHash = '0'.repeat(64);

/** Verifies API keys. The last good records are used while the source cannot be read. */
export class ApiKeys implements Prover, Ground {
  readonly #options: ApiKeysOptions;
  #records: ReadonlyMap<string, ApiKeyRecord> = new Map();
  #version = '';
  #generation = 0;
  #timer: unknown;
  #failing = false;
  #isStopped = false;

  constructor(options: ApiKeysOptions) {
    this.#options = options;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Records are looked at in the background: no request waits for them. */
  renewal(): undefined {
    return undefined;
  }

  /** The rate classes that keys name. */
  get quotas(): ReadonlySet<string> {
    return new Set([...this.#records.values()].flatMap(({ quota }) => quota ?? []));
  }

  /**
   * Reads the keys for the first time, and looks for changes until {@link stop}.
   * @throws Error (rejects) where they cannot be read
   */
  async start(): Promise<void> {
    await this.#load();
    this.#again();
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.clock.clearTimer(this.#timer);
  }

  async prove(key: string): Promise<Proof> {
    const id = idOfKey(key);
    if (id === undefined) throw new ForeignCredential('not an API key of this app');
    const generation = this.#generation;
    const record = this.#records.get(id);
    const isRight = isKeyOf(key, record?.hash ?? noHash);
    if (record === undefined || !isRight) throw refusedToken(new Error(`the API key ${id} is unknown or wrong`));
    const { clock, cacheMs } = this.#options;
    const leftMs = record.expiresAt === undefined ? cacheMs : Date.parse(record.expiresAt) - clock.wallTime();
    if (leftMs <= 0) throw refusedToken(new Error(`the API key ${id} has expired`));
    const { subject, scopes, roles, quota, name } = record;
    return {
      caller: Object.freeze({ subject, scopes, roles, app: name, ...(quota !== undefined && { quota }) }),
      facts: { subject, id, issuedAt: Date.parse(record.createdAt), isKey: true },
      credential: key,
      until: clock.now() + Math.min(cacheMs, leftMs),
      ground: this,
      generation,
    };
  }

  #again(): void {
    if (this.#isStopped) return;
    const { clock, reloadMs } = this.#options;
    this.#timer = clock.setTimer(() => {
      this.#load().then(
        () => {
          this.#failing = false;
          this.#again();
        },
        (cause: unknown) => {
          if (!this.#failing) this.#warn(cause);
          this.#failing = true;
          this.#again();
        },
      );
    }, reloadMs);
  }

  async #load(): Promise<void> {
    const { source } = this.#options;
    const version = await source.version();
    if (version === this.#version) return;
    const records = await source.read();
    this.#records = new Map(records.map((record) => [record.id, record]));
    this.#version = version;
    this.#generation++;
  }

  #warn(cause: unknown): void {
    const message = 'the API keys cannot be read: the keys that were read last stay in force';
    if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'auth', message, cause } satisfies Warning);
  }
}

import type { ChangingSource, Clock } from '@frontage/core';
import type { Proof, Prover } from '../token/proof.js';
import { ForeignCredential, refusedToken } from '../token/refusals.js';
import { idOfKey, isKeyOf, type ApiKeyRecord } from './api-key.js';
import { LiveRecords } from './live-records.js';

/** The place that keys are stored in: a file, or the shared store. */
export type ApiKeySource = ChangingSource<readonly ApiKeyRecord[]>;

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
export class ApiKeys implements Prover {
  readonly #options: ApiKeysOptions;
  readonly #records: LiveRecords<ReadonlyMap<string, ApiKeyRecord>>;

  constructor(options: ApiKeysOptions) {
    this.#options = options;
    const { source, reloadMs, clock } = options;
    this.#records = new LiveRecords<ReadonlyMap<string, ApiKeyRecord>>({
      first: new Map(),
      source: {
        version: () => source.version(),
        read: async () => new Map((await source.read()).map((record) => [record.id, record])),
      },
      reloadMs,
      clock,
      what: 'the API keys',
    });
  }

  /** The rate classes that keys name. */
  get quotas(): ReadonlySet<string> {
    return new Set([...this.#records.value.values()].flatMap(({ quota }) => quota ?? []));
  }

  /**
   * Reads the keys for the first time, and looks for changes until {@link stop}.
   * @throws Error (rejects) where they cannot be read
   */
  start(): Promise<void> {
    return this.#records.start();
  }

  stop(): void {
    this.#records.stop();
  }

  async prove(key: string): Promise<Proof> {
    const id = idOfKey(key);
    if (id === undefined) throw new ForeignCredential('not an API key of this app');
    const { generation } = this.#records;
    const record = this.#records.value.get(id);
    const isRight = isKeyOf(key, record?.hash ?? noHash);
    if (record === undefined || !isRight) throw refusedToken(new Error(`the API key ${id} is unknown or wrong`));
    const { clock, cacheMs } = this.#options;
    const leftMs = record.expiresAt === undefined ? cacheMs : Date.parse(record.expiresAt) - clock.wallTime();
    if (leftMs <= 0) throw refusedToken(new Error(`the API key ${id} has expired`));
    const { subject, scopes, roles, quota, name } = record;
    return {
      caller: Object.freeze({ subject, scopes, roles, app: name, apiKey: name, ...(quota !== undefined && { quota }) }),
      facts: { subject, id, issuedAt: Date.parse(record.createdAt), isKey: true },
      credential: key,
      until: clock.now() + Math.min(cacheMs, leftMs),
      ground: this.#records,
      generation,
    };
  }
}

import { channels, Reloader, type ChangingSource, type Clock, type Warning } from '@frontage/core';
import type { Ground } from '../token/proof.js';

export interface LiveRecordsOptions<T> {
  /** The records until the source was read, and those that stay where there is none. */
  readonly first: T;
  /** @default the records never change */
  readonly source?: ChangingSource<T> | undefined;
  /** Time between two looks at the source, in milliseconds. */
  readonly reloadMs: number;
  readonly clock: Clock;
  /** For the warning: `the API keys`. */
  readonly what: string;
}

/**
 * Records of credentials that may change while the app runs. The last good ones are used while the source cannot be read. They are the ground of
 * proofs: with each change, all credentials are verified again.
 */
export class LiveRecords<T> implements Ground {
  readonly #reloader: Reloader<T> | undefined;
  #value: T;
  #generation = 0;

  constructor({ first, source, reloadMs: everyMs, clock, what }: LiveRecordsOptions<T>) {
    this.#value = first;
    const take = (value: T): void => {
      this.#value = value;
      this.#generation++;
    };
    const failed = (cause: unknown): void => {
      const message = `${what} cannot be read: those that were read last stay in force`;
      if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'auth', message, cause } satisfies Warning);
    };
    this.#reloader = source && new Reloader({ source, everyMs, clock, take, failed });
  }

  get value(): T {
    return this.#value;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Records are looked at in the background: no request waits for them. */
  renewal(): undefined {
    return undefined;
  }

  /**
   * Reads the records for the first time, and looks for changes until {@link stop}.
   * @throws Error (rejects) where they cannot be read
   */
  async start(): Promise<void> {
    await this.#reloader?.load();
    this.#reloader?.watch();
  }

  stop(): void {
    this.#reloader?.stop();
  }
}

import type { RequestRecord } from '../model/request-record.js';
import type { ExchangeCopy } from './exchange-copy.js';

/** Requests that are kept. */
export const maxRequests = 100;

export interface KeptRequest {
  readonly record: RequestRecord;
  readonly copy: ExchangeCopy;
}

/** The last requests of this process. */
export class RequestRing {
  #kept: KeptRequest[] = [];
  #last = 0;

  /** @param make gets the id of the record */
  add(make: (id: number) => RequestRecord, copy: ExchangeCopy): RequestRecord {
    const record = make((this.#last += 1));
    this.#kept.push({ record, copy });
    if (this.#kept.length > maxRequests) this.#kept = this.#kept.slice(-maxRequests);
    return record;
  }

  /** The newest first. */
  list(): readonly RequestRecord[] {
    return this.#kept.map(({ record }) => record).toReversed();
  }

  find(id: number): KeptRequest | undefined {
    return this.#kept.find(({ record }) => record.id === id);
  }

  /**
   * The records after that one, the oldest first.
   * @returns `undefined` where some of them are no longer kept
   */
  after(id: number): readonly RequestRecord[] | undefined {
    const first = this.#kept[0]?.record.id ?? this.#last + 1;
    if (id < first - 1 || id > this.#last) return undefined;
    return this.#kept.map(({ record }) => record).filter((record) => record.id > id);
  }
}

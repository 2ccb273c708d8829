import { LRUCache } from 'lru-cache';

/** For so long after a response that others could not use, requests for it do not wait for each other; in milliseconds. */
const aloneForMs = 60_000;
const mostKeys = 10_000;

/** Keys of which the last response could not be given to others: requests for them are not joined. */
export class NotShared {
  readonly #until = new LRUCache<string, number>({ max: mostKeys });

  has(key: string, now: number): boolean {
    return (this.#until.get(key) ?? now) > now;
  }

  /** Notes whether the response that has just come could be given to others. */
  note(key: string, now: number, isShared: boolean): void {
    if (isShared) this.#until.delete(key);
    else this.#until.set(key, now + aloneForMs);
  }
}

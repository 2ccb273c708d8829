import type { KnownProof } from './verified-tokens.js';

/** A field `Authorization` that was read and verified a moment ago. */
export interface KnownHeader {
  readonly header: string;
  readonly known: KnownProof;
  readonly token: string;
}

/** Longer fields are looked up by the digest of their token, so that the table has a bound in bytes too. */
const maxLength = 2_048;
/** Fields are found by so many characters at their end, which are of a signature, and are then compared as a whole. */
const tailLength = 32;
/** A field that is not used again is forgotten after twice this time, in milliseconds. */
const turnMs = 60_000;

/**
 * Fields `Authorization` as clients send them, in front of {@link VerifiedTokens}: the same field is neither read nor digested again, which
 * is most of the cost of a known token. To hash a text of 700 characters for a `Map` costs as much as its digest, to compare it with one
 * other text costs a tenth.
 *
 * The time of the comparison depends on the text. That helps nobody to guess a token: only those who know the last 192 bits of its
 * signature get as far, and a field is only found if all of it is the same.
 *
 * The table holds tokens that are good for minutes, as do the requests under way and those that connections have kept. Credentials that live
 * for months, such as API keys, are never in it.
 */
export class KnownHeaders {
  readonly #bound: number;
  /** The fields that were used since the last turn; those of the turn before follow when they are used again. */
  #young = new Map<string, KnownHeader>();
  #old: ReadonlyMap<string, KnownHeader> = new Map();
  #turnAt = Number.NEGATIVE_INFINITY;

  /** @param bound how many fields are remembered, 2 or more */
  constructor(bound: number) {
    this.#bound = Math.floor(bound / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** @param now monotonic milliseconds */
  get(header: string, now: number): KnownHeader | undefined {
    if (now >= this.#turnAt) this.#turn(now);
    const tail = header.slice(-tailLength);
    let found = this.#young.get(tail);
    if (found === undefined) {
      found = this.#old.get(tail);
      if (found !== undefined) this.set(found, now);
    }
    return found?.header === header ? found : undefined;
  }

  set(entry: KnownHeader, now: number): void {
    const { header } = entry;
    if (header.length > maxLength) return;
    if (now >= this.#turnAt || this.#young.size >= this.#bound) this.#turn(now);
    this.#young.set(header.slice(-tailLength), entry);
  }

  #turn(now: number): void {
    // After a quiet time, all of them are as old as those that are dropped.
    this.#old = now - this.#turnAt >= turnMs ? new Map() : this.#young;
    this.#young = new Map();
    this.#turnAt = now + turnMs;
  }
}

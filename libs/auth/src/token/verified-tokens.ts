import { hash } from 'node:crypto';
import type { ReuseCounts } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import type { Proof } from './proof.js';

/** A proof that is remembered. */
export interface KnownProof {
  readonly proof: Proof;
  /** The state of the revocations that it was compared with last. */
  epoch: number;
}

/**
 * Proofs of credentials that were verified a moment ago; the least recently used one is evicted first. Keys are SHA-256 digests: a heap dump
 * holds no usable credential in this table, and an entry has the same size for each of them.
 */
export class VerifiedTokens {
  readonly #entries: LRUCache<string, KnownProof>;
  #hits = 0;
  #misses = 0;

  /**
   * @param bound how many tokens are remembered, 1 or more
   * @throws TypeError for a bound that is no whole number
   */
  constructor(bound: number) {
    this.#entries = new LRUCache({ max: bound });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Lookups so far. */
  get counts(): ReuseCounts {
    return { hit: this.#hits, miss: this.#misses };
  }

  static digest(token: string): string {
    return hash('sha256', token, 'base64');
  }

  /** A proof whose time is not over, and whose ground is the same. */
  get(digest: string, now: number): KnownProof | undefined {
    const entry = this.#entries.get(digest);
    if (entry !== undefined) {
      const { until, generation, ground } = entry.proof;
      if (until > now && generation === ground.generation) {
        this.#hits++;
        return entry;
      }
      this.#entries.delete(digest);
    }
    this.#misses++;
    return undefined;
  }

  set(digest: string, proof: Proof, epoch: number): void {
    this.#entries.set(digest, { proof: { ...proof, credential: '' }, epoch });
  }

  delete(digest: string): void {
    this.#entries.delete(digest);
  }
}

import type { StoreNamespace } from '@frontage/store';
import type { AdmittedHits, RatePeers } from './rate-store.js';

/**
 * The time for which hits are gathered before they are reported to the other processes. Each process decides alone about the hits within that time, so
 * only they can go beyond a limit.
 */
const tellAfterMs = 50;

/** Many different keys are reported sooner, so that the table is bounded. */
const maxGathered = 1_000;

/** Gathers admitted hits and reports them to the other processes. No timer runs without hits. */
export class SharedHits {
  readonly #peers: RatePeers;
  readonly #keys: StoreNamespace;
  #gathered = new Map<string, { readonly ms: number; readonly burst: boolean; hits: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(peers: RatePeers, keys: StoreNamespace) {
    this.#peers = peers;
    this.#keys = keys;
  }

  /** @param ms the window, or the time between two hits of the steady rate of a limit with a burst */
  note(key: string, ms: number, hits = 1, burst = false): void {
    const known = this.#gathered.get(key);
    if (known !== undefined) {
      known.hits += hits;
      return;
    }
    this.#gathered.set(key, { ms, burst, hits });
    if (this.#gathered.size >= maxGathered) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), tellAfterMs).unref();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const told: AdmittedHits = [...this.#gathered].map(([key, { ms, burst, hits }]) =>
      burst ? [this.#keys.key(key), ms, hits, 'burst'] : [this.#keys.key(key), ms, hits],
    );
    this.#gathered = new Map();
    this.#peers.tell(told);
  }
}

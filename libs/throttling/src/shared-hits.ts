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
  #gathered = new Map<string, { readonly windowMs: number; hits: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(peers: RatePeers, keys: StoreNamespace) {
    this.#peers = peers;
    this.#keys = keys;
  }

  note(key: string, windowMs: number): void {
    const known = this.#gathered.get(key);
    if (known !== undefined) {
      known.hits++;
      return;
    }
    this.#gathered.set(key, { windowMs, hits: 1 });
    if (this.#gathered.size >= maxGathered) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), tellAfterMs).unref();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const told: AdmittedHits = [...this.#gathered].map(([key, { windowMs, hits }]) => [
      this.#keys.key(key),
      windowMs,
      hits,
    ]);
    this.#gathered = new Map();
    this.#peers.tell(told);
  }
}

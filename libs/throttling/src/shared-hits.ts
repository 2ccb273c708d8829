import type { StoreNamespace } from '@frontage/store';
import type { AdmittedHits, RatePeers } from './rate-store.js';

/**
 * How long hits are gathered before the other processes hear of them. What comes in within that time is judged by each process alone: the
 * only way past a limit.
 */
const tellAfterMs = 50;

/** A flood of different keys is told sooner: what is gathered is bounded. */
const maxGathered = 1_000;

/** Gathers admitted hits and tells the other processes of them. No timer runs while nothing is hit. */
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

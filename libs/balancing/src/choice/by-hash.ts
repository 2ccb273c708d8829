import type { BalancedAddress } from '../addresses/balanced-address.js';
import type { Chooser } from './chooser.js';
import { hashOf, rankOf } from './hashing.js';

/** An address has at most this many times its share of the calls under way (Mirrokni and others, 2017; HAProxy's `hash-balance-factor` 150). */
const loadFactor = 1.5;
/** With so few calls under way an address is never too busy for its keys. */
const alwaysBorne = 8;

/**
 * The same address for the same key, by rendezvous hashing: an address that leaves takes along its own keys alone, and one that comes takes
 * its share from all. A key whose address is too busy goes to the next one in its own order.
 */
export class ByHash implements Chooser {
  readonly #slowStartMs: number;
  readonly #keyless: Chooser;
  readonly #places = new WeakMap<object, number>();

  /** @param keyless chooses for calls without a key */
  constructor(slowStartMs: number, keyless: Chooser) {
    this.#slowStartMs = slowStartMs;
    this.#keyless = keyless;
  }

  choose<T>(usable: readonly BalancedAddress<T>[], key: string | undefined, now: number): BalancedAddress<T> {
    if (key === undefined) return this.#keyless.choose(usable, key, now);
    let underWay = 1;
    let weights = 0;
    for (const { inFlight, weight } of usable) {
      underWay += inFlight;
      weights += weight;
    }
    const keyHash = hashOf(key);
    let chosen: BalancedAddress<T> | undefined;
    let highest = Number.NEGATIVE_INFINITY;
    for (const address of usable) {
      const borne = Math.max(alwaysBorne, Math.ceil((loadFactor * underWay * address.weight) / weights));
      if (address.inFlight >= borne) continue;
      const rank = rankOf(keyHash, this.#placeOf(address), address.shareAt(now, this.#slowStartMs));
      if (rank <= highest) continue;
      highest = rank;
      chosen = address;
    }
    return chosen ?? this.#keyless.choose(usable, key, now);
  }

  #placeOf(address: BalancedAddress<unknown>): number {
    const known = this.#places.get(address) ?? hashOf(address.name);
    this.#places.set(address, known);
    return known;
  }
}

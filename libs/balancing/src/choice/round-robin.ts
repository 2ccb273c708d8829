import type { BalancedAddress } from '../addresses/balanced-address.js';
import type { Chooser } from './chooser.js';

/**
 * In turn, by weight: calls of a heavy address are spread between those of the others (the smooth weighted round robin of nginx). Each address
 * gains its share with each choice, and the one that has most pays for all.
 */
export class RoundRobin implements Chooser {
  readonly #slowStartMs: number;
  readonly #gained = new WeakMap<object, number>();

  constructor(slowStartMs: number) {
    this.#slowStartMs = slowStartMs;
  }

  choose<T>(usable: readonly BalancedAddress<T>[], _key: string | undefined, now: number): BalancedAddress<T> {
    let all = 0;
    let chosen = usable[0]!;
    let most = Number.NEGATIVE_INFINITY;
    for (const address of usable) {
      const share = address.shareAt(now, this.#slowStartMs);
      const gained = (this.#gained.get(address) ?? 0) + share;
      this.#gained.set(address, gained);
      all += share;
      if (gained <= most) continue;
      most = gained;
      chosen = address;
    }
    this.#gained.set(chosen, most - all);
    return chosen;
  }
}

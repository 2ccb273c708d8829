import type { BalancedAddress } from '../addresses/balanced-address.js';
import type { Chooser } from './chooser.js';

/**
 * Of two random addresses the one with less work: requests under way, and this one, times the average latency (Mitzenmacher, The Power of Two
 * Choices, 2001; Finagle's P2C). The best of all would draw all gateways to it at one moment.
 */
export class LeastRequests implements Chooser {
  readonly #slowStartMs: number;
  readonly #random: () => number;

  /** @param random from 0 up to 1 */
  constructor(slowStartMs: number, random: () => number) {
    this.#slowStartMs = slowStartMs;
    this.#random = random;
  }

  choose<T>(usable: readonly BalancedAddress<T>[], _key: string | undefined, now: number): BalancedAddress<T> {
    const count = usable.length;
    const at = Math.floor(this.#random() * count);
    const step = 1 + Math.floor(this.#random() * (count - 1));
    const one = usable[at]!;
    const other = usable[(at + step) % count]!;
    return this.#isLess(other, one, now) ? other : one;
  }

  #isLess<T>(one: BalancedAddress<T>, other: BalancedAddress<T>, now: number): boolean {
    const oneMs = one.latency.at(now);
    const otherMs = other.latency.at(now);
    // Their requests alone are compared if one of them was never measured.
    const isKnown = oneMs !== undefined && otherMs !== undefined;
    return this.#work(one, isKnown ? oneMs : 1, now) < this.#work(other, isKnown ? otherMs : 1, now);
  }

  #work<T>(address: BalancedAddress<T>, ms: number, now: number): number {
    return ((address.inFlight + 1) * ms) / address.shareAt(now, this.#slowStartMs);
  }
}

import type { BalancedAddress } from '../addresses/balanced-address.js';

/** Chooses one of several usable addresses. */
export interface Chooser {
  /**
   * @param usable two or more
   * @param key of the call; `undefined` where it has none
   * @param now monotonic milliseconds
   */
  choose<T>(usable: readonly BalancedAddress<T>[], key: string | undefined, now: number): BalancedAddress<T>;
}

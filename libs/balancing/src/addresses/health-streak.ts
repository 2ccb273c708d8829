import { requireCount } from '@frontage/core';
import type { BalancedAddress } from './balanced-address.js';

export interface HealthThresholds {
  /** Good checks in a row after which an unhealthy address gets calls again; at least 1. @default 2 */
  readonly healthyAfter?: number;
  /** Bad checks in a row after which an address gets no calls; at least 1. @default 3 */
  readonly unhealthyAfter?: number;
}

/** Decides from checks in a row whether an address is healthy. One check that differs from the others decides nothing. */
export class HealthStreak {
  readonly #healthyAfter: number;
  readonly #unhealthyAfter: number;

  /** @throws RangeError for a threshold below 1 */
  constructor({ healthyAfter = 2, unhealthyAfter = 3 }: HealthThresholds) {
    requireCount('healthyAfter', healthyAfter);
    requireCount('unhealthyAfter', unhealthyAfter);
    this.#healthyAfter = healthyAfter;
    this.#unhealthyAfter = unhealthyAfter;
  }

  /** @returns whether this check has changed the state of the address */
  record(address: BalancedAddress<unknown>, isGood: boolean, now: number): boolean {
    if (isGood === address.isHealthy) {
      address.otherChecks = 0;
      return false;
    }
    address.otherChecks++;
    if (address.otherChecks < (isGood ? this.#healthyAfter : this.#unhealthyAfter)) return false;
    address.becameHealthy(isGood, now);
    return true;
  }
}

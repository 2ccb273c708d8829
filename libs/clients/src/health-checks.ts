import type { AddressBalancer } from '@frontage/balancing';
import type { Clock, Timer } from '@frontage/core';
import type { CallPolicy } from './call-stack.js';
import { probeOfAddress } from './probe.js';
import type { Address } from './policy/address.js';

/** Share of the interval by which a check may come earlier or later, so that many gateways do not check at one moment. */
const jitter = 0.1;

/** Checks each address of an upstream from time to time, whether or not it has calls. An address has one check at a time. */
export class HealthChecks {
  readonly #addresses: AddressBalancer<Address>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #everyMs: number;
  readonly #checkOf: (address: Address) => () => Promise<void>;
  readonly #timers = new Map<Address, Timer>();

  /** @param random from 0 up to 1 */
  constructor(name: string, policy: CallPolicy, addresses: AddressBalancer<Address>, random: () => number) {
    const { path, everyMs = 10_000, timeoutMs = 1_000 } = policy.options.health ?? { path: '/' };
    this.#addresses = addresses;
    this.#clock = policy.clock;
    this.#random = random;
    this.#everyMs = everyMs;
    this.#checkOf = (address) => probeOfAddress(name, path, address, policy, timeoutMs);
  }

  /** Checks these addresses from now on, and no others. A check under way of another one ends, and decides nothing. */
  watch(addresses: readonly Address[]): void {
    for (const [address, timer] of this.#timers) {
      if (addresses.includes(address)) continue;
      this.#clock.clearTimer(timer);
      this.#timers.delete(address);
    }
    for (const address of addresses)
      if (!this.#timers.has(address)) this.#checkAfter(this.#everyMs * this.#random(), address, this.#checkOf(address));
  }

  #checkAfter(waitMs: number, address: Address, check: () => Promise<void>): void {
    const timer = this.#clock.setTimer(() => {
      const ended = (isGood: boolean): void => {
        if (this.#timers.get(address) !== timer) return;
        this.#addresses.checked(address, isGood);
        this.#checkAfter(this.#everyMs * (1 - jitter + 2 * jitter * this.#random()), address, check);
      };
      check().then(
        () => ended(true),
        () => ended(false),
      );
    }, waitMs);
    this.#timers.set(address, timer);
  }
}

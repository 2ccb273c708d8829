import type { AddressBalancer } from '@frontage/balancing';
import type { Clock, Timer } from '@frontage/core';
import type { CallPolicy } from './call-stack.js';
import { probeOfAddress } from './probe.js';
import type { Address } from './policy/upstream.options.js';

/** Share of the interval by which a check may come earlier or later, so that many gateways do not check at one moment. */
const jitter = 0.1;

/** Checks each address of an upstream from time to time, whether or not it has calls. An address has one check at a time. */
export class HealthChecks {
  readonly #addresses: AddressBalancer<Address>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #everyMs: number;
  readonly #timers = new Map<Address, Timer>();
  #isStopped = false;

  /** @param random from 0 up to 1 */
  constructor(name: string, policy: CallPolicy, addresses: AddressBalancer<Address>, random: () => number) {
    const { path, everyMs = 10_000, timeoutMs = 1_000 } = policy.options.health ?? { path: '/' };
    this.#addresses = addresses;
    this.#clock = policy.clock;
    this.#random = random;
    this.#everyMs = everyMs;
    for (const address of policy.options.addresses) {
      const check = probeOfAddress(name, path, address, policy, timeoutMs);
      this.#checkAfter(everyMs * random(), address, check);
    }
  }

  /** A check under way ends, and decides nothing. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) this.#clock.clearTimer(timer);
  }

  #checkAfter(waitMs: number, address: Address, check: () => Promise<void>): void {
    const ended = (isGood: boolean): void => {
      if (this.#isStopped) return;
      this.#addresses.checked(address, isGood);
      this.#checkAfter(this.#everyMs * (1 - jitter + 2 * jitter * this.#random()), address, check);
    };
    const timer = this.#clock.setTimer(() => {
      check().then(
        () => ended(true),
        () => ended(false),
      );
    }, waitMs);
    this.#timers.set(address, timer);
  }
}

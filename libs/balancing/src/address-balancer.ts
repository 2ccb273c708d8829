import { requireAtLeast, requireCount, requireRatio, systemClock, type Clock } from '@frontage/core';

export interface AddressBalancerOptions {
  /** Failures in a row after which an address gets no calls; at least 1. @default 5 */
  readonly ejectAfterFailures?: number;
  /** Time without calls, in milliseconds. It doubles each time, until a call succeeds. @default 30_000 */
  readonly ejectForMs?: number;
  /** Longest time without calls, in milliseconds. @default 300_000 */
  readonly maxEjectForMs?: number;
  /** Share of the addresses that may be without calls at once. One of several always may, the last one never. @default 0.5 */
  readonly maxEjectedRatio?: number;
}

interface Address<T> {
  readonly target: T;
  failures: number;
  ejections: number;
  /** Monotonic milliseconds from which on the address gets calls. */
  backAt: number;
}

/** Round robin over the addresses of one upstream, without addresses that failed several times in a row. */
export class AddressBalancer<T> {
  readonly #addresses: readonly Address<T>[];
  readonly #ejectAfterFailures: number;
  readonly #ejectForMs: number;
  readonly #maxEjectForMs: number;
  readonly #maxEjected: number;
  readonly #clock: Clock;
  #next = 0;

  /**
   * @param targets the values that `pick` returns: addresses, or their connection pools
   * @throws RangeError for an option outside its range, or no target
   */
  constructor(targets: readonly T[], options: AddressBalancerOptions = {}, clock: Clock = systemClock) {
    if (targets.length === 0) throw new RangeError('targets must hold at least one address');
    const { ejectAfterFailures = 5, ejectForMs = 30_000, maxEjectForMs = 300_000, maxEjectedRatio = 0.5 } = options;
    requireCount('ejectAfterFailures', ejectAfterFailures);
    requireAtLeast('ejectForMs', ejectForMs, 1);
    requireRatio('maxEjectedRatio', maxEjectedRatio);
    this.#addresses = targets.map((target) => ({
      target,
      failures: 0,
      ejections: 0,
      backAt: Number.NEGATIVE_INFINITY,
    }));
    this.#ejectAfterFailures = ejectAfterFailures;
    this.#ejectForMs = ejectForMs;
    this.#maxEjectForMs = Math.max(ejectForMs, maxEjectForMs);
    this.#maxEjected = Math.min(targets.length - 1, Math.max(1, Math.floor(targets.length * maxEjectedRatio)));
    this.#clock = clock;
  }

  /** The next address that may get a call. */
  pick(): T {
    const addresses = this.#addresses;
    const first = this.#addressAt(this.#next);
    if (addresses.length === 1) return first.target;
    const now = this.#clock.now();
    let candidate = first;
    for (let step = 1; candidate.backAt > now && step < addresses.length; step++) {
      this.#next = (this.#next + 1) % addresses.length;
      candidate = this.#addressAt(this.#next);
    }
    this.#next = (this.#next + 1) % addresses.length;
    return candidate.target;
  }

  /** Reports the outcome of a call to `target`. Do not report cancelled calls. */
  report(target: T, ok: boolean): void {
    const address = this.#addresses.find((each) => each.target === target);
    if (address === undefined) return;
    if (ok) {
      address.failures = 0;
      address.ejections = 0;
      return;
    }
    address.failures++;
    if (address.failures < this.#ejectAfterFailures) return;
    const now = this.#clock.now();
    if (address.backAt > now || this.#countEjected(now) >= this.#maxEjected) return;
    address.failures = 0;
    address.ejections++;
    address.backAt = now + Math.min(this.#maxEjectForMs, this.#ejectForMs * address.ejections);
  }

  #countEjected(now: number): number {
    let ejected = 0;
    for (const address of this.#addresses) if (address.backAt > now) ejected++;
    return ejected;
  }

  #addressAt(index: number): Address<T> {
    const address = this.#addresses[index];
    if (address === undefined) throw new Error(`no address at ${index}`);
    return address;
  }
}

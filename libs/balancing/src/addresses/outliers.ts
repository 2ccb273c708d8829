import { requireAtLeast, requireCount, requireRatio } from '@frontage/core';
import type { EjectionOptions, SuccessRateOptions } from './balancing.options.js';
import type { BalancedAddress } from './balanced-address.js';

export type EjectionReason = 'failures' | 'success_rate';

type Judged = BalancedAddress<unknown>;

/** Ejects addresses that fail: after failures in a row, and where the rate of successes is lower than that of the others. */
export class Outliers {
  readonly #failures: number;
  readonly #forMs: number;
  readonly #maxForMs: number;
  readonly #maxRatio: number;
  readonly #rate: Required<SuccessRateOptions> | undefined;
  readonly #ejected: (address: Judged, reason: EjectionReason) => void;
  #comparedAt: number | undefined = undefined;

  /** @throws RangeError for an option outside its range */
  constructor(options: EjectionOptions, ejected: (address: Judged, reason: EjectionReason) => void) {
    const { failures = 5, forMs = 30_000, maxForMs = 300_000, maxRatio = 0.5, successRate = {} } = options;
    requireCount('failures', failures);
    requireAtLeast('forMs', forMs, 1);
    requireRatio('maxRatio', maxRatio);
    this.#failures = failures;
    this.#forMs = forMs;
    this.#maxForMs = Math.max(forMs, maxForMs);
    this.#maxRatio = maxRatio;
    this.#ejected = ejected;
    if (successRate === 'off') return;
    const { everyMs = 10_000, minimumCalls = 100, minimumAddresses = 5, deviations = 1.9 } = successRate;
    requireAtLeast('everyMs', everyMs, 1);
    requireCount('minimumCalls', minimumCalls);
    requireAtLeast('minimumAddresses', minimumAddresses, 2);
    if (!(deviations > 0)) throw new RangeError(`deviations must be above 0, not ${deviations}`);
    this.#rate = { everyMs, minimumCalls, minimumAddresses, deviations };
  }

  /** A call to `address` has ended. */
  record(address: Judged, isGood: boolean, all: readonly Judged[], now: number): void {
    address.calls++;
    if (isGood) {
      address.successes++;
      address.failures = 0;
    } else {
      address.failures++;
      if (address.failures >= this.#failures && this.#eject(address, 'failures', all, now)) address.failures = 0;
    }
    this.#compare(all, now);
  }

  /** Envoy's rule: the average of the rates less a number of standard deviations. No timer: the first call after the interval compares. */
  #compare(all: readonly Judged[], now: number): void {
    const rate = this.#rate;
    this.#comparedAt ??= now;
    if (rate === undefined || now - this.#comparedAt < rate.everyMs) return;
    this.#comparedAt = now;
    const counted = all.filter(({ calls }) => calls >= rate.minimumCalls);
    if (counted.length >= rate.minimumAddresses) {
      const rates = counted.map(({ calls, successes }) => successes / calls);
      const average = rates.reduce((sum, each) => sum + each, 0) / rates.length;
      const variance = rates.reduce((sum, each) => sum + (each - average) ** 2, 0) / rates.length;
      const least = average - rate.deviations * Math.sqrt(variance);
      for (const [index, address] of counted.entries())
        if ((rates[index] ?? 1) < least) this.#eject(address, 'success_rate', all, now);
    }
    for (const address of all) {
      address.calls = 0;
      address.successes = 0;
      if (now >= address.ejectedUntil) address.ejections = Math.max(0, address.ejections - 1);
    }
  }

  #eject(address: Judged, reason: EjectionReason, all: readonly Judged[], now: number): boolean {
    const ejected = all.reduce((count, { ejectedUntil }) => count + (ejectedUntil > now ? 1 : 0), 0);
    const most = Math.min(all.length - 1, Math.max(1, Math.floor(all.length * this.#maxRatio)));
    if (address.ejectedUntil > now || ejected >= most) return false;
    address.ejections++;
    address.ejectedUntil = now + Math.min(this.#maxForMs, this.#forMs * address.ejections);
    this.#ejected(address, reason);
    return true;
  }
}

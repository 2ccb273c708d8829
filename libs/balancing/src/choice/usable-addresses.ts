import type { BalancedAddress } from '../addresses/balanced-address.js';

/** The addresses of one group, and those of them that may get calls. Looked at again only when that may have changed. */
export class UsableAddresses<T> {
  readonly all: readonly BalancedAddress<T>[];
  readonly #panicRatio: number;
  #usable: readonly BalancedAddress<T>[] = [];
  #isPanic = false;
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(all: readonly BalancedAddress<T>[], panicRatio: number) {
    this.all = all;
    this.#panicRatio = panicRatio;
  }

  /** An address was ejected, or is healthy or unhealthy from now on. */
  changed(): void {
    this.#lookAt = Number.NEGATIVE_INFINITY;
  }

  /** With few usable addresses all of them are used: calls to the few would overload them, and what says that so many are out may be wrong. */
  at(now: number): readonly BalancedAddress<T>[] {
    if (now >= this.#lookAt) this.#look(now);
    return this.#isPanic ? this.all : this.#usable;
  }

  isPanicAt(now: number): boolean {
    if (now >= this.#lookAt) this.#look(now);
    return this.#isPanic;
  }

  /** False if no address is usable. */
  hasUsable(now: number): boolean {
    if (now >= this.#lookAt) this.#look(now);
    return this.#usable.length > 0;
  }

  #look(now: number): void {
    this.#usable = this.all.filter((address) => address.isUsable(now));
    this.#isPanic = this.#usable.length === 0 || this.#usable.length < this.all.length * this.#panicRatio;
    this.#lookAt = this.all.reduce(
      (first, { ejectedUntil }) => (ejectedUntil > now ? Math.min(first, ejectedUntil) : first),
      Number.POSITIVE_INFINITY,
    );
  }
}

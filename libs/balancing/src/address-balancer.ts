import { requireAtLeast, systemClock, type Clock } from '@frontage/core';
import { BalancedAddress, type AddressState, type BalancedTarget } from './addresses/balanced-address.js';
import { HealthStreak, type HealthThresholds } from './addresses/health-streak.js';
import { Outliers, type EjectionReason } from './addresses/outliers.js';
import type { BalanceOptions } from './addresses/balancing.options.js';
import { ByHash } from './choice/by-hash.js';
import type { Chooser } from './choice/chooser.js';
import { Groups } from './choice/groups.js';
import { LeastRequests } from './choice/least-requests.js';
import { RoundRobin } from './choice/round-robin.js';

export interface AddressBalancerOptions extends BalanceOptions {
  /** Shares of groups by name; each target names its group then. Absent: all targets are one group. */
  readonly groups?: Readonly<Record<string, number>>;
  /** For `checked`. */
  readonly health?: HealthThresholds;
}

/** The data of one call by which its address is chosen. */
export interface Choice<T> {
  /** For `hash`. */
  readonly key?: string | undefined;
  /** Stays in its group. */
  readonly caller?: string | undefined;
  /** The group that the call asks for. */
  readonly group?: string | undefined;
  /** Targets of other attempts, which are chosen only if there is no other. */
  readonly avoided?: readonly T[] | undefined;
}

export interface BalancerDependencies<T> {
  /** @default the clock of the machine */
  readonly clock?: Clock;
  /** From 0 up to 1. @default Math.random */
  readonly random?: () => number;
  /** An address gets no calls from now on. */
  readonly onOut?: (target: T, reason: EjectionReason | 'health_check') => void;
}

/** An address, for operators. */
export interface AddressReport {
  readonly address: string;
  readonly group?: string;
  readonly state: AddressState;
  readonly weight: number;
  /** Calls under way. */
  readonly active: number;
  /** Absent before the first call. */
  readonly latencyMs?: number;
  /** Time until an ejected address returns. */
  readonly forMs?: number;
}

const none: Choice<never> = {};

/**
 * Balances the calls to one upstream over its addresses. Addresses that fail are ejected for a time, unhealthy ones get no calls, and those that
 * return get their share step by step. It sets no timers.
 */
export class AddressBalancer<T> {
  #addresses: readonly BalancedAddress<T>[];
  #byTarget: ReadonlyMap<T, BalancedAddress<T>>;
  #groups: Groups<T>;
  readonly #groupsOf: (addresses: readonly BalancedAddress<T>[]) => Groups<T>;
  readonly #chooser: Chooser;
  readonly #outliers: Outliers | undefined;
  readonly #health: HealthStreak;
  readonly #slowStartMs: number;
  readonly #clock: Clock;
  readonly #onOut: NonNullable<BalancerDependencies<T>['onOut']>;

  /** @throws RangeError for an option outside its range, a name that stands twice, or a group without a target */
  constructor(
    targets: readonly BalancedTarget<T>[],
    options: AddressBalancerOptions = {},
    { clock = systemClock, random = Math.random, onOut = () => undefined }: BalancerDependencies<T> = {},
  ) {
    if (new Set(targets.map(({ name }) => name)).size < targets.length)
      throw new RangeError('targets holds a name twice');
    const { by = 'least-requests', slowStartMs = 10_000, panicRatio = 0.5, eject = {}, groups, health = {} } = options;
    requireAtLeast('slowStartMs', slowStartMs, 0);
    if (!(panicRatio >= 0 && panicRatio <= 1))
      throw new RangeError(`panicRatio must be from 0 to 1, not ${panicRatio}`);
    this.#clock = clock;
    this.#onOut = onOut;
    this.#slowStartMs = slowStartMs;
    this.#addresses = targets.map((target) => new BalancedAddress(target));
    for (const { name, weight } of this.#addresses)
      if (!(weight > 0)) throw new RangeError(`the weight of ${name} must be above 0, not ${weight}`);
    this.#byTarget = new Map(this.#addresses.map((address) => [address.target, address]));
    this.#groupsOf = (addresses) => new Groups(addresses, groups, panicRatio, random);
    this.#groups = this.#groupsOf(this.#addresses);
    const leastRequests = new LeastRequests(slowStartMs, random);
    this.#chooser =
      by === 'round-robin'
        ? new RoundRobin(slowStartMs)
        : by === 'hash'
          ? new ByHash(slowStartMs, leastRequests)
          : leastRequests;
    this.#outliers =
      eject === 'off' ? undefined : new Outliers(eject, (address, reason) => this.#isOut(address.name, reason));
    this.#health = new HealthStreak(health);
  }

  /** Addresses have come or left. Those that stay keep what is known of them; those that come get their share step by step. */
  replace(targets: readonly BalancedTarget<T>[]): void {
    const now = this.#clock.now();
    const known = new Map(this.#addresses.map((address) => [address.name, address]));
    const isFirst = known.size === 0;
    this.#addresses = targets.map((target) => {
      const before = known.get(target.name);
      const address = before ?? new BalancedAddress(target);
      address.weight = target.weight ?? 1;
      if (before === undefined && !isFirst) address.becameHealthy(true, now);
      return address;
    });
    this.#byTarget = new Map(this.#addresses.map((address) => [address.target, address]));
    this.#groups = this.#groupsOf(this.#addresses);
  }

  /**
   * The address of a call, which counts as under way until it is released.
   * @throws Error if there is no address
   */
  pick({ key, caller, group, avoided }: Choice<T> = none): BalancedAddress<T> {
    const now = this.#clock.now();
    const members = this.#groups.of(group, caller, now);
    const chosen = this.#chosenOf(members.at(now), key, avoided, now);
    chosen.inFlight++;
    return chosen;
  }

  /** A call is no longer under way. */
  release(address: BalancedAddress<T>): void {
    address.inFlight--;
  }

  /**
   * The outcome of a call is known. Do not report calls that say nothing of their address, such as cancelled ones.
   * @param latencyMs time until then
   */
  report(address: BalancedAddress<T>, isGood: boolean, latencyMs: number): void {
    const now = this.#clock.now();
    if (isGood) address.latency.record(latencyMs, now);
    else address.latency.recordFailure(latencyMs, now);
    this.#outliers?.record(address, isGood, this.#addresses, now);
  }

  /** A health check of `target` has ended. */
  checked(target: T, isGood: boolean): void {
    const address = this.#byTarget.get(target);
    if (address === undefined || !this.#health.record(address, isGood, this.#clock.now())) return;
    this.#groups.changed();
    if (!isGood) this.#onOut(target, 'health_check');
  }

  /** Groups in which all addresses are used, because too few are usable; `''` where there are no groups. */
  panics(): readonly string[] {
    return this.#groups.panics(this.#clock.now());
  }

  /** Number of addresses. */
  get size(): number {
    return this.#addresses.length;
  }

  addresses(): readonly AddressReport[] {
    const now = this.#clock.now();
    return this.#addresses.map((address) => {
      const latencyMs = address.latency.at(now);
      return {
        address: address.name,
        ...(address.group !== undefined && { group: address.group }),
        state: address.stateAt(now, this.#slowStartMs),
        weight: address.weight,
        active: address.inFlight,
        ...(latencyMs !== undefined && { latencyMs: Math.round(latencyMs * 10) / 10 }),
        ...(address.ejectedUntil > now && { forMs: address.ejectedUntil - now }),
      };
    });
  }

  #chosenOf(
    usable: readonly BalancedAddress<T>[],
    key: string | undefined,
    avoided: readonly T[] | undefined,
    now: number,
  ): BalancedAddress<T> {
    const others = avoided === undefined ? usable : usable.filter(({ target }) => !avoided.includes(target));
    const among = others.length === 0 ? usable : others;
    if (among.length === 0) throw new Error('there is no address');
    return among.length === 1 ? among[0]! : this.#chooser.choose(among, key, now);
  }

  #isOut(name: string, reason: EjectionReason): void {
    this.#groups.changed();
    const address = this.#addresses.find((each) => each.name === name);
    if (address !== undefined) this.#onOut(address.target, reason);
  }
}

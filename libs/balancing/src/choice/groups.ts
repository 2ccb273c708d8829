import type { BalancedAddress } from '../addresses/balanced-address.js';
import { hashOf, rankOf } from './hashing.js';
import { UsableAddresses } from './usable-addresses.js';

/** A group of addresses, by name. */
interface Group<T> {
  readonly name: string;
  /** Share of the callers in relation to the other groups; 0 or more. */
  readonly weight: number;
  readonly place: number;
  readonly addresses: UsableAddresses<T>;
}

/**
 * The groups of addresses of one upstream. A caller stays in its group: by rendezvous hashing, so that a larger share of one group moves callers into
 * that group alone. A group without usable addresses gives its callers to the others.
 */
export class Groups<T> {
  readonly #groups: readonly Group<T>[];
  readonly #byName: ReadonlyMap<string, Group<T>>;
  readonly #random: () => number;

  /**
   * @param weights by group; absent where there are no groups
   * @throws RangeError for a group without addresses or with a weight below 0, or if no weight is above 0
   */
  constructor(
    addresses: readonly BalancedAddress<T>[],
    weights: Readonly<Record<string, number>> | undefined,
    panicRatio: number,
    random: () => number,
  ) {
    this.#random = random;
    this.#groups = Object.entries(weights ?? { '': 1 }).map(([name, weight]) => {
      if (!(weight >= 0)) throw new RangeError(`the weight of group ${name} must be 0 or more, not ${weight}`);
      const members = weights === undefined ? addresses : addresses.filter(({ group }) => group === name);
      if (members.length === 0 && weights !== undefined) throw new RangeError(`group ${name} holds no address`);
      return { name, weight, place: hashOf(name), addresses: new UsableAddresses(members, panicRatio) };
    });
    if (this.#groups.every(({ weight }) => weight === 0)) throw new RangeError('a group needs a weight above 0');
    this.#byName = new Map(this.#groups.map((group) => [group.name, group]));
  }

  changed(): void {
    for (const { addresses } of this.#groups) addresses.changed();
  }

  /**
   * @param wanted a group that was asked for; one that is not there does not count
   * @param caller stays in its group; without it, the group is drawn for each call
   */
  of(wanted: string | undefined, caller: string | undefined, now: number): UsableAddresses<T> {
    const only = this.#groups[0]!;
    if (this.#groups.length === 1) return only.addresses;
    const asked = wanted === undefined ? undefined : this.#byName.get(wanted);
    if (asked?.addresses.hasUsable(now) === true) return asked.addresses;
    const key = caller === undefined ? Math.floor(this.#random() * 2 ** 32) : hashOf(caller);
    let chosen: Group<T> | undefined;
    let highest = Number.NEGATIVE_INFINITY;
    for (const group of this.#groups) {
      if (group.weight === 0 || !group.addresses.hasUsable(now)) continue;
      const rank = rankOf(key, group.place, group.weight);
      if (rank <= highest) continue;
      highest = rank;
      chosen = group;
    }
    // None is usable: all addresses of a group that has callers.
    chosen ??= this.#groups.find(({ weight }) => weight > 0) ?? only;
    return chosen.addresses;
  }

  /** The groups in which all addresses are used, because few of them are usable. */
  panics(now: number): readonly string[] {
    return this.#groups.filter(({ addresses }) => addresses.isPanicAt(now)).map(({ name }) => name);
  }
}

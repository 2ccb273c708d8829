import type { BalancedTarget } from '@frontage/balancing';
import { channels, type Clock, type Names, type ServicePlace, type Timer, type Warning } from '@frontage/core';
import type { Address } from '../policy/address.js';

/** Time between two questions, in milliseconds: Node does not tell the time to live of SRV records (HAProxy holds them for 10 s, too). */
const everyMs = 10_000;
/** The same while there was no answer yet. */
const firstEveryMs = 1_000;

interface DiscoveryDependencies {
  readonly clock: Clock;
  readonly names: Names;
  /** The addresses are these from now on, and no longer `left`. */
  readonly onChange: (targets: readonly BalancedTarget<Address>[], left: readonly Address[]) => void;
}

/**
 * The addresses of an upstream whose URL names a service: those of its SRV records of the lowest priority, with their weights (RFC 2782). While the name servers
 * hang or fail, and where they know no address any more, the last ones stay in use.
 */
export class Discovery {
  readonly #upstream: string;
  readonly #service: URL;
  readonly #prefix: string;
  readonly #deps: DiscoveryDependencies;
  readonly #known = new Map<string, Address>();
  readonly #waiting = new Set<() => void>();
  #timer: Timer;
  #failure: string | undefined = undefined;
  #isClosed = false;

  /** Asks for the first time at once. */
  constructor(upstream: string, service: Address, deps: DiscoveryDependencies) {
    this.#upstream = upstream;
    this.#service = new URL(service.origin);
    this.#prefix = service.prefix;
    this.#deps = deps;
    void this.#ask();
  }

  /** The addresses of now. */
  get addresses(): readonly Address[] {
    return [...this.#known.values()];
  }

  /** The reason why there is no address; `undefined` while there is one, or before the first answer. */
  get failure(): string | undefined {
    return this.#known.size === 0 ? this.#failure : undefined;
  }

  /** Calls `told` once, after the question that is under way. @returns ends it */
  onAnswer(told: () => void): () => void {
    this.#waiting.add(told);
    return () => this.#waiting.delete(told);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#deps.clock.clearTimer(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      this.#take(await this.#deps.names.services(this.#service.hostname));
      this.#failure = undefined;
    } catch (cause) {
      if (this.#failure === undefined) this.#warn(cause);
      this.#failure = cause instanceof Error ? cause.message : String(cause);
    }
    if (this.#isClosed) return;
    for (const told of this.#waiting) told();
    this.#waiting.clear();
    this.#timer = this.#deps.clock.setTimer(() => void this.#ask(), this.#known.size === 0 ? firstEveryMs : everyMs);
  }

  #take(places: readonly ServicePlace[]): void {
    if (this.#isClosed) return;
    const first = Math.min(...places.map(({ priority }) => priority));
    const targets = new Map<string, BalancedTarget<Address>>();
    for (const { host, port, priority, weight } of places) {
      if (priority !== first) continue;
      const origin = new URL(`${this.#service.protocol}//${host.replace(/\.$/, '')}:${port}`).origin;
      const target = this.#known.get(origin) ?? { origin, prefix: this.#prefix };
      targets.set(origin, { target, name: origin + this.#prefix, weight: Math.max(1, weight) });
    }
    const left = [...this.#known].flatMap(([origin, address]) => (targets.has(origin) ? [] : [address]));
    this.#known.clear();
    for (const [origin, { target }] of targets) this.#known.set(origin, target);
    this.#deps.onChange([...targets.values()], left);
  }

  #warn(cause: unknown): void {
    const serves = this.#known.size === 0 ? 'its calls fail' : 'its last addresses stay in use';
    const message = `no addresses for "${this.#upstream}" from the SRV records of ${this.#service.hostname}: ${serves}`;
    if (channels.warning.hasSubscribers)
      channels.warning.publish({ from: 'clients', message, cause } satisfies Warning);
  }
}

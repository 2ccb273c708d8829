import type { LookupFunction } from 'node:net';

/** Follows the addresses of one name for as long as connections to it are kept. */
export interface NameWatcher {
  /** True if connections to the name are open now: its addresses are asked for again, when their time is over, only then. */
  isUsed(): boolean;
  /**
   * Addresses have left the answer: connections to any other than these finish their running requests, and take no new ones.
   * @param addresses as `remoteAddress` of a socket has them; never empty
   */
  changed(addresses: ReadonlySet<string>): void;
}

/** Gives addresses for names: one for all transports and stores of an app. */
export interface Names {
  /**
   * For the option `lookup` of `net.connect`, `tls.connect` and of everything that hands its options on to them. It takes the options of
   * `dns.lookup`, never calls back in the same turn, and fails with `ENOTFOUND` (the name has no address) or `EAI_AGAIN` (it cannot be told now).
   *
   * @param withinMs the longest that a connection waits for an address, in milliseconds; 1 or more
   */
  lookupWithin(withinMs: number): LookupFunction;
  /** @returns ends the watch */
  watch(name: string, watcher: NameWatcher): () => void;
  /**
   * The places of a service by its SRV records (RFC 2782); callers at the same time share one question.
   * @throws Error by the promise: `ENOTFOUND` where there are none, `EAI_AGAIN` where it cannot be told now
   */
  services(name: string): Promise<readonly ServicePlace[]>;
}

/** One SRV record. */
export interface ServicePlace {
  readonly host: string;
  readonly port: number;
  /** Lower ones are used first. */
  readonly priority: number;
  /** Share in relation to others of the same priority; 0 or more. */
  readonly weight: number;
}

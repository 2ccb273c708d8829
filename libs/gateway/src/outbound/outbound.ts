import { NameResolver } from '@frontage/balancing';
import { AddressAgent } from '@frontage/clients';
import type { BffConfig } from '@frontage/config';
import type { Clock } from '@frontage/core';

/** A connection that waits longer than this for the address of its name has failed. */
const connectTimeoutMs = 2_000;

/** The way of an app to servers that are no upstreams, and the one resolver for all of it: transports, stores, issuer, collector. */
export class Outbound {
  readonly names: NameResolver;
  readonly #agents: AddressAgent[] = [];

  constructor({ dns }: BffConfig, clock: Clock) {
    this.names = new NameResolver({ ...dns, clock });
  }

  /**
   * For requests to one address, through a proxy or not.
   * @param keepAlive for requests that come often; connections are not kept for those that come minutes apart. @default false
   */
  agentFor(url: string, proxy: string | undefined, { keepAlive = false } = {}): AddressAgent {
    const agent = new AddressAgent(
      new URL(url).origin,
      { proxy, connections: 8, connectTimeoutMs, keepAlive },
      this.names,
    );
    this.#agents.push(agent);
    return agent;
  }

  close(): void {
    for (const agent of this.#agents) agent.close();
    this.names.close();
  }
}

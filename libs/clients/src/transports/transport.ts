import type { Address } from '../policy/address.js';
import type { Settle } from '../request/attempt.js';
import type { UpstreamRequest } from '../request/upstream-request.js';

/** The connections to one address, right now. */
export interface ConnectionReport {
  /** `http://10.0.0.7:8080` */
  readonly address: string;
  /** Connections that carry a request, or as many as they may. */
  readonly active: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

/**
 * Carries attempts to the addresses of one upstream. All implementations pass the suite in `transport-contract.ts`.
 * No redirect is followed; a kept connection that the upstream closed as we took it is replaced once, for idempotent methods.
 */
export interface Transport {
  /** Makes ready for calls to addresses, besides those of the upstream. Addresses that it has are left alone. */
  reach(addresses: readonly Address[]): void;
  /** Connections to these addresses are closed once the calls under way have ended. No call is sent to them after that. */
  leave(addresses: readonly Address[]): void;
  /** Starts one attempt and settles it once, in time: `request.stop` ends it and closes its connection. */
  send(request: UpstreamRequest, settle: Settle): void;
  /** Of each address that it has connections of its own to; those through a proxy are not told. */
  connections(): readonly ConnectionReport[];
  /** Lets calls under way end, then closes all connections. */
  close(): Promise<void>;
}

import type { HttpService } from '@nestjs/axios';
import type { AddressReport } from '@frontage/balancing';
import type { BreakerState, ForcedState, Pressure } from '@frontage/breaker';
import type { OperationCache } from '@frontage/caching';
import type { RequestContext } from '@frontage/context';
import type { Clock, Names, OperationInfo } from '@frontage/core';
import type { BoundOperation, ExecutorOptions } from './bound-operation.js';
import type { CircuitReport } from './policy/circuits.js';
import type { ConnectionReport } from './transports/transport.js';
import type { LineLimits } from './request/lines.js';

export interface UpstreamDependencies {
  readonly clock: Clock;
  /** Needed where `cache` names an operation. */
  readonly cache?: OperationCache;
  /** Needed where `transport` is `axios`. */
  readonly httpService?: HttpService;
  /** Gives the addresses of names, to all transports. @default the system, by `dns.lookup` */
  readonly names?: Names;
  /** That of all upstreams of the process. @default none: optional calls are sent as long as there is a permit */
  readonly pressure?: Pressure;
  /** The tier of a caller, 0 to 7; higher ones go first where calls wait. @default 0 for all */
  readonly tierOf?: (context: RequestContext) => number;
  /** From 0 up to 1, for the choice of addresses. @default Math.random */
  readonly random?: () => number;
}

/** The state of an upstream right now. */
export interface UpstreamHealth {
  readonly upstream: string;
  /** Absent without a breaker. */
  readonly breaker?: BreakerState;
  /** Calls under way and waiting; absent without a limit. */
  readonly calls?: { readonly active: number; readonly queued: number; readonly limit: number };
}

/** The runtime of one upstream: its connections, its breaker, its limits. Operations are bound to it at boot. */
export interface Upstream {
  readonly name: string;
  readonly clock: Clock;
  /** Settings of responses that are read line by line. */
  readonly lineLimits: LineLimits;
  /**
   * Compiles an operation into a function that performs it.
   * @throws Error for an operation that cannot be written, RangeError for a timeout out of range
   */
  executor(operation: OperationInfo, options?: ExecutorOptions): BoundOperation;
  /** The reason for which the responses of an operation are parsed for every caller; `undefined` if policy does not require it. */
  whyParsed(operation: OperationInfo): string | undefined;
  /** True if the operation only reads: by its method, by its contract, or by policy. */
  isRead(operation: OperationInfo): boolean;
  /**
   * Of the upstream as a whole: `open` where none of the operations that are called gets through. `undefined` where policy has no
   * breaker.
   */
  breakerState(): BreakerState | undefined;
  health(): UpstreamHealth;
  /** Its circuits: one for each operation that was bound, or one for all. Empty without a breaker. */
  circuits(): readonly CircuitReport[];
  /** Its addresses; empty where it has one alone. */
  addresses(): readonly AddressReport[];
  /** Its connections right now, by address; those through a proxy are not told. */
  connections(): readonly ConnectionReport[];
  /** Groups of addresses in which all are used, because too few of them are usable; `''` for an upstream without groups. */
  panics(): readonly string[];
  /**
   * Forces the circuit of an operation, or all circuits, open or closed for a time; `automatic` ends it.
   * @param forMs milliseconds, at least 1
   * @returns how many circuits there are
   */
  forceCircuits(operation: string | undefined, state: ForcedState | 'automatic', forMs: number): number;
  /**
   * Makes a probe of the upstream: a `HEAD` of its base address, or a `GET` of `healthPath` below it. It goes past the
   * breaker, within 1.5 s; after a good response, an open breaker permits calls again.
   */
  probe(healthPath: string | undefined): () => Promise<boolean>;
  /** Lets calls under way end, then closes all connections. */
  close(): Promise<void>;
}

/** Memory, handles and timers that the process of the BFF holds, after a full collection of garbage. */
export interface ProcessState {
  readonly pid: number;
  /** Requests under way: the permits of `limits.maxInFlight`. */
  readonly inFlight: number;
  /** Requests whose deadline is watched. */
  readonly watched: number;
  /** Connections of clients. */
  readonly connections: number;
  /** Sockets of clients, upstreams, Redis and the issuer. */
  readonly sockets: number;
  /** Everything that keeps the event loop: timers, sockets, servers. */
  readonly resources: number;
  /** Longest time for which the event loop did nothing else, since the last question. */
  readonly longestStallMs: number;
  readonly heapMiB: number;
  readonly externalMiB: number;
  readonly residentMiB: number;
}

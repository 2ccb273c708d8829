/** Faults of a connection. What is left out does not happen; several may happen together. */
export interface ConnectionFaults {
  /** Bytes that the faults hold for: responses, requests, or both. @default responses */
  readonly on?: 'requests' | 'responses' | 'both';
  /** Share of the connections that have the faults, drawn by the seed; 0 to 1. @default 1 */
  readonly share?: number;
  /** Each piece of data waits this long, in milliseconds. */
  readonly latencyMs?: number;
  /** Up to so much more or less than `latencyMs`, at random, in milliseconds. */
  readonly jitterMs?: number;
  /** At most so many bytes in a second; above 0. */
  readonly bytesPerSecond?: number;
  /** Data is sent in pieces of at most so many bytes; at least 1. */
  readonly sliceBytes?: number;
  /** Nothing passes, and the connection stays open. What came meanwhile passes once this has ended. */
  readonly noData?: boolean;
  /** After so many bytes of the connection it is closed in order (FIN), so that the rest is missing. */
  readonly truncateAfterBytes?: number;
  /** After so many bytes of the connection it is reset (RST). */
  readonly resetAfterBytes?: number;
  /** The end of one side reaches the other one so much later, in milliseconds. */
  readonly slowCloseMs?: number;
  /** Connections are refused, and open ones are reset. */
  readonly down?: boolean;
}

/** One step of a schedule. */
export interface FaultStep extends ConnectionFaults {
  /** Milliseconds that it lasts; above 0. */
  readonly forMs: number;
}

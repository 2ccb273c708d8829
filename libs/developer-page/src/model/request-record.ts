/** One attempt of a call towards a service. Times are milliseconds since the request arrived. */
export interface AttemptRecord {
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly start: number;
  readonly end: number;
  /** HTTP status of the service; 0 without a response. */
  readonly status: number;
  /** `ok`, or the reason why it failed; `cancelled` where nothing waited for it any more, `pending` where it still ran. */
  readonly outcome: string;
  /** `scheme://host:port` */
  readonly address: string;
  /** Before it, for a permit and credentials, or since the attempt before. */
  readonly waitedMs: number;
  /** It was sent while the attempt before still ran. */
  readonly isHedge: boolean;
}

/** The calls of one part of a plan to one operation. */
export interface CallRow {
  /** Name of the part in the plan; empty outside of a plan. */
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  readonly attempts: readonly AttemptRecord[];
  /** Lookups that gave a response without an attempt of this request: `hit`, `stale`, `coalesced`, `negative`. */
  readonly cache?: { readonly result: string; readonly at: number; readonly count: number };
  /** The reason why the part has no value. */
  readonly failure?: { readonly reason: string; readonly detail?: string; readonly count: number };
  /** The part that ended last of those whose values it reads. */
  readonly waitedFor?: string;
}

/** A request that has ended, without the bytes of it. */
export interface RequestRecord {
  /** Grows by one with each request of this process. */
  readonly id: number;
  readonly requestId: string;
  readonly traceId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** Template of the route: `/orders/:id`; empty where none was found. */
  readonly route: string;
  /** Path as it was asked for; the values of a query are left out. */
  readonly path: string;
  /** 0 where none was sent. */
  readonly status: number;
  /** Code of the problem, if the response was one. */
  readonly code?: string;
  readonly durationMs: number;
  /** Milliseconds after which the response would have been of no use. */
  readonly deadlineMs?: number;
  readonly missingParts: number;
  readonly clientGone: boolean;
  readonly error?: string;
  readonly rows: readonly CallRow[];
  /** Attempts beyond those that are kept. */
  readonly moreAttempts: number;
  /** The record that this one repeats. */
  readonly replayOf?: number;
  /** The reason why it cannot be sent again. */
  readonly noReplay?: string;
}

/** The bytes of a request, as far as they are kept. */
export interface RequestBytes {
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  /** The response, parsed; classified members are masked unless they were asked for. Absent where it is no JSON. */
  readonly response?: unknown;
  /** The reason why there is no response to show. */
  readonly noResponse?: string;
  /** Members that are masked. */
  readonly masked: readonly string[];
}

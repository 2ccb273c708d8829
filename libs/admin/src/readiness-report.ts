/** True if new requests are welcome, and why not. */
export interface ReadinessReport {
  readonly status: 'ok' | 'error';
  /** The app is ending. */
  readonly draining: boolean;
  /** As many requests as `limits.maxInFlight` allows have been worked on for ten seconds. */
  readonly overloaded: boolean;
  /** Responses are loaded that the app waits for. */
  readonly warming?: true;
  /** Those that policy calls `required`. */
  readonly upstreams: Readonly<Record<string, 'up' | 'down'>>;
}

/** Set if this process is one of several that serve together. */
export interface ReadinessPeers {
  /** True if new requests are welcome at all of them together; `undefined` where that cannot be found out in time. */
  areReady(): Promise<boolean | undefined>;
}

/** Validators and caches of whole responses of one screen. */
export interface ScreenConfig {
  /** Complete responses have a strong entity tag (RFC 9110 section 8.8.3). @default false */
  readonly etag: boolean;
  /** Clients may ask for the members that have changed. @default false */
  readonly deltas: boolean;
  /** A complete response is given again for so long. Absent: each request runs the plan. */
  readonly ttlMs?: number;
  /** Longest time for which a client uses a response without asking. Absent: it always asks. */
  readonly maxAgeMs?: number;
  /** Absent: a CDN is told nothing but what clients are told. */
  readonly cdn?: {
    readonly maxAgeMs: number;
    /** Header fields with the tags of the parts. @default none */
    readonly tags: readonly ('surrogate-key' | 'cache-tag' | 'cache-groups')[];
  };
}

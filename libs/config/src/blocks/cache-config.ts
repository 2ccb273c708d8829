/** The rule by which responses of one operation are kept. */
export interface CacheConfig {
  /** Absent with `follow`. */
  readonly ttlMs?: number;
  /** Responses are kept as they say themselves (RFC 9111). */
  readonly follow?: 'upstream';
  /** Fields in place of `Cache-Control` (RFC 9213), in lower case. @default none */
  readonly targets?: readonly string[];
  /** For so long after `ttlMs` a response is given at once, while it is loaded anew; in milliseconds. @default 0 */
  readonly staleWhileRevalidateMs?: number;
  /** For so long after `ttlMs` a response is given where the upstream fails; in milliseconds. @default 0 */
  readonly staleIfErrorMs?: number;
  /** A response with a larger body is not kept, in bytes. @default none is too large */
  readonly maxBytes?: number;
  /** For so long a declared 404 is kept; in milliseconds. @default 0 */
  readonly negativeMs?: number;
  /** It is loaded at the start, and again before its time is over. `wait`: the app is not ready before that, for 30 s at most. */
  readonly warm?: 'ahead' | 'wait';
  /** Those who share a response: one caller, the callers of one tenant with the same rights, or all. @default caller */
  readonly scope: 'caller' | 'tenant' | 'public';
  /** Templates of the names under which a response is invalidated. @default none */
  readonly tags?: readonly string[];
  /** Names of `forwardHeaders`, in lower case, with their known values: these alone are sent, and are part of the key. @default all */
  readonly vary?: Readonly<Record<string, readonly string[]>>;
}

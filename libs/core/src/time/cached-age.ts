/** The times for which a cached response is used, in milliseconds. */
export interface CacheTimes {
  readonly ttlMs: number;
  /** @default 0 */
  readonly staleWhileRevalidateMs?: number;
  /** @default 0 */
  readonly staleIfErrorMs?: number;
}

/** The greatest age of a response that the cache gives, in milliseconds. */
export const greatestAgeMs = ({ ttlMs, staleWhileRevalidateMs = 0, staleIfErrorMs = 0 }: CacheTimes): number =>
  ttlMs + Math.max(staleWhileRevalidateMs, staleIfErrorMs);

/** The same by a rule that may leave it to the upstream: `undefined` then, and without a rule. */
export const statedAgeMs = (rule: Partial<CacheTimes> = {}): number | undefined =>
  rule.ttlMs === undefined ? undefined : greatestAgeMs({ ...rule, ttlMs: rule.ttlMs });

/** Settings of the DNS resolver; times are in ms. */
export interface DnsConfig {
  /** `10.0.0.2`, `10.0.0.2:5353`, `[fd00::2]:53`. Absent: those of the system. */
  readonly servers?: readonly string[];
  /** @default 3_000 */
  readonly timeoutMs: number;
  /** @default 1_000 */
  readonly minTtlMs: number;
  /** @default 300_000 */
  readonly maxTtlMs: number;
  /** @default 5_000 */
  readonly negativeTtlMs: number;
  /** @default 86_400_000 */
  readonly staleForMs: number;
}

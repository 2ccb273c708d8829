import type { Clock } from '@frontage/core';

/** Options of name resolution. `bff.yaml` has the same under `dns`. */
export interface NameOptions {
  /** Addresses of name servers, with the port if it is not 53 (`10.0.0.2`, `10.0.0.2:5353`, `[fd00::2]:53`). @default those of the system (`/etc/resolv.conf`) */
  readonly servers?: readonly string[];
  /** Time for one name with all servers and repetitions, in milliseconds; 1 or more. @default 3_000 */
  readonly timeoutMs?: number;
  /** Shortest time that an answer is used, even if its records have a shorter one, in milliseconds; 1 or more. @default 1_000 */
  readonly minTtlMs?: number;
  /** Longest time that an answer is used, in milliseconds; `minTtlMs` or more. @default 300_000 */
  readonly maxTtlMs?: number;
  /** Time that an answer without addresses is used, in milliseconds; 1 or more. @default 5_000 */
  readonly negativeTtlMs?: number;
  /**
   * Time after its expiry that the last answer is used while the name servers hang or fail, in milliseconds (RFC 8767); 0 or more.
   * @default 86_400_000 (a day)
   */
  readonly staleForMs?: number;
  /** Number of names that are kept; the least recently used name is evicted first. 1 or more. @default 2_000 */
  readonly maxNames?: number;
  /** @default `/etc/resolv.conf` */
  readonly resolvConf?: string;
  /** @default `/etc/hosts`, or the file of Windows */
  readonly hostsFile?: string;
  /** @default the clock of the machine */
  readonly clock?: Clock;
}

import type { Clock } from '@frontage/core';

/** How names become addresses. `bff.yaml` gives the same under `dns`. */
export interface NameOptions {
  /** Addresses of name servers with a port where it is not 53 (`10.0.0.2`, `10.0.0.2:5353`, `[fd00::2]:53`). @default those of the system (`/etc/resolv.conf`) */
  readonly servers?: readonly string[];
  /** How long one name may take with all its servers and repetitions, in milliseconds; 1 or more. @default 3_000 */
  readonly timeoutMs?: number;
  /** An answer is used for so long at least, whatever its records say, in milliseconds; 1 or more. @default 1_000 */
  readonly minTtlMs?: number;
  /** An answer is used for so long at most, in milliseconds; `minTtlMs` or more. @default 300_000 */
  readonly maxTtlMs?: number;
  /** For so long it is believed that a name has no address, in milliseconds; 1 or more. @default 5_000 */
  readonly negativeTtlMs?: number;
  /**
   * For so long after its time the last answer serves on while the name servers hang or fail, in milliseconds (RFC 8767); 0 or more.
   * @default 86_400_000 (a day)
   */
  readonly staleForMs?: number;
  /** Names that are kept; those that were used longest ago make room. 1 or more. @default 2_000 */
  readonly maxNames?: number;
  /** @default `/etc/resolv.conf` */
  readonly resolvConf?: string;
  /** @default `/etc/hosts`, or where Windows has it */
  readonly hostsFile?: string;
  /** @default the machine's */
  readonly clock?: Clock;
}

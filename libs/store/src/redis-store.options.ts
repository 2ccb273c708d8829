import type { Names } from '@frontage/core';

export interface RedisStoreOptions {
  /** Prefix of every key. */
  readonly app: string;
  /** `redis:` or `rediss:`, with user name and password if the server needs them. */
  readonly url: string;
  /** Time for one command, in milliseconds, 1 or more. @default 50 */
  readonly timeoutMs?: number;
  /** Resolves the host name for each connection, and reports changes of its addresses. @default the lookup of the system, without reports */
  readonly names?: Names;
}

import type { TagsOf } from './invalidation/tag-template.js';
import type { CacheScope } from './cache-key.js';

/** Cache options of one operation; made at the start. */
export interface CachedOperationOptions {
  readonly upstream: string;
  readonly operation: string;
  /** The digest of its contract: `contractShape` of the operation. @default none */
  readonly shape?: string;
  /** Time that a response may be used, in milliseconds; above 0. */
  readonly ttlMs: number;
  /** For so long after `ttlMs` a response is given at once, while it is loaded anew (RFC 5861 section 3); in milliseconds. @default 0 */
  readonly staleWhileRevalidateMs?: number;
  /** For so long after `ttlMs` a response is given where its upstream fails (RFC 5861 section 4); in milliseconds. @default 0 */
  readonly staleIfErrorMs?: number;
  /** For so long it is known that there is nothing: a declared 404 is given without a call; in milliseconds. @default 0 */
  readonly negativeMs?: number;
  /** A larger response is not kept: the bytes of its body, or its estimated size where it is no JSON; above 0. @default none is too large */
  readonly maxBytes?: number;
  /** The tags of a response, under which it is invalidated. @default none */
  readonly tagsOf?: TagsOf;
  /** The upstream names the groups of its responses, under which it invalidates them (RFC 9875). @default false */
  readonly groups?: boolean;
  /** Those who share an entry. Never `public` for an upstream that gets the caller. @default 'caller' */
  readonly scope?: CacheScope;
}

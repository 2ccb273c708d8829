import type { Cancellation, Outcome, ResponseFields } from '@frontage/core';
import type { TagsOf } from '../invalidation/tag-template.js';
import type { CacheKind, Fields, ResponseHead } from './fields.js';
import type { AskedToStore } from './storable.js';

/** Options of one operation whose responses say themselves how they are kept; made at the start. */
export interface FollowedOperationOptions {
  readonly upstream: string;
  readonly operation: string;
  /** The digest of its contract: `contractShape` of the operation. @default none */
  readonly shape?: string;
  /** A larger response is not kept: the bytes of its body, or its estimated size where it is no JSON; above 0. @default none is too large */
  readonly maxBytes?: number;
  /** The tags of a response, under which it is invalidated. @default none */
  readonly tagsOf?: TagsOf;
  /** Those who share an entry. One for `caller` is a private cache, the others are shared ones. Never `public` for an upstream that gets the caller. */
  readonly scope: 'caller' | 'tenant' | 'public';
  /** Fields in place of `Cache-Control`, in lower case (RFC 9213); the first of them that is there counts. @default [] */
  readonly targets?: readonly string[];
  /** Headers that differ in each request, in lower case: a response that varies by them is not stored. */
  readonly everChanging: ReadonlySet<string>;
  /** Reads the declared headers of a response; absent where the contract declares none. */
  readonly readHeaders?: ((fields: Fields) => ResponseFields) | undefined;
  /** The contract declares `Age`. @default false */
  readonly showsAge?: boolean;
}

/** The headers that a request sends, by lower-case name; `undefined` for one that it does not send. */
export type Sent = (name: string) => string | undefined;

/** One request, as far as a cache looks at it. */
export interface Asking extends AskedToStore {
  readonly sent: Sent;
  /** Path and query as they are sent: a change of what stands there ends the use of its response. */
  readonly target: string;
  /** All headers of the client that are sent: only requests with the same ones share a load. */
  readonly forwarded: readonly (string | undefined)[];
}

/** The response to one request upstream. */
export interface Loaded {
  readonly outcome: Outcome<unknown>;
  /** Absent if none came, or if a redirect led to it. */
  readonly head: ResponseHead | undefined;
  /** The upstream said that the stored response still holds; `outcome` has no value then. */
  readonly isNotModified: boolean;
}

/** @param validators the headers of a conditional request: name, value, name, value; empty for one without condition */
export type FollowedLoad = (cancellation: Cancellation, validators: readonly string[]) => Promise<Loaded>;

/** An entry for one caller is in a private cache; one for several is in a shared one. */
export const kindOf = (scope: FollowedOperationOptions['scope']): CacheKind =>
  scope === 'caller' ? 'private' : 'shared';

import type { CallNeed } from '@frontage/breaker';
import type { BodyReader, CallScope } from '@frontage/context';
import type { CallArgs, Outcome } from '@frontage/core';
import type { RowsOfCall } from './rows/row-calls.js';

export interface ExecutorOptions {
  /** The time that one call may take, in milliseconds: at least 1. @default that of the operation in policy, or of the upstream */
  readonly timeoutMs?: number | undefined;
  /** The weight of the call where calls wait or are shed. @default 'required' for reads, 'write' for all others */
  readonly need?: CallNeed | undefined;
  /** A success settles with its headers: its value is a `Download`, and `timeoutMs` bounds how long they may take. @default false */
  readonly download?: boolean;
  /**
   * Reads the JSON body of a success, cached or not. A body that is checked against its contract is parsed anyway. @default it is parsed
   */
  readonly readBody?: BodyReader | undefined;
  /**
   * Templates of the tags whose cached responses are invalid after a call: `cart:{caller}`, `product:{body.id}`. Not looked at where the app
   * caches nothing. @default none
   */
  readonly invalidates?: readonly string[];
  /**
   * The caller judges the numbers that a double cannot hold where it reads them, as `bigNumbers: reject` says: until then there is an
   * `InexactNumber` in the place of each. @default false: any of them fails the call
   */
  readonly judgesNumbers?: boolean;
  /**
   * It asks for many rows by their keys: where policy gives its responses a time, each row is kept by itself, and a call asks for those
   * alone that are not kept. Its success has no headers then. @default responses are kept as a whole
   */
  readonly rows?: RowsOfCall;
  /** Loads a cached response anew, whether or not one is there; its value is left as it is kept. @default false */
  readonly renews?: boolean;
}

/** Options of a single call; the others are those of the binding. */
export interface CallLimits {
  /** In milliseconds; at least 1. */
  readonly timeoutMs?: number | undefined;
  /** The time for which the body of a download may be silent, in milliseconds; at least 1. @default the `timeoutMs` of the upstream */
  readonly idleTimeoutMs?: number | undefined;
}

/** Performs one operation, for plans and for everyone else. */
export type BoundOperation = (args: CallArgs, scope: CallScope, limits?: CallLimits) => Promise<Outcome<unknown>>;

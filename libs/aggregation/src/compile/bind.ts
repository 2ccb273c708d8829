import type { OperationInfo } from '@frontage/core';
import type { BodyReader, Executor } from '@frontage/context';
import type { CallNode } from '../model/nodes.js';
import type { RowsOfCall } from './rows-of-call.js';

/** The part of policy that concerns a plan. It only tightens the plan's own values. */
export interface PlanPolicy {
  /** The budget of the whole request, in milliseconds. */
  readonly deadlineMs?: number;
  /** By part name. */
  readonly calls?: Readonly<Record<string, { readonly timeoutMs?: number }>>;
}

/** The terms of a call, for the executor that performs it. */
export interface CallTerms {
  /** Public name of the part. */
  readonly part: string;
  readonly need: CallNode['need'];
  /** The call of the part itself, one of its fallbacks, or its undo. */
  readonly role: 'call' | 'fallback' | 'undo';
  /** The tighter of the timeouts that plan and policy state, in milliseconds; absent where neither states one. */
  readonly timeoutMs?: number;
  /** Templates of the tags whose cached responses are invalid after the call. @default none */
  readonly invalidates?: readonly string[];
  /** Of a `batch`: the place of its keys and rows, so that rows may be kept one by one. Absent where more of a response is read than its rows. */
  readonly rows?: RowsOfCall;
  /** Absent: the body is parsed. */
  readonly readBody?: BodyReader;
}
export type WhyParsed = (operation: OperationInfo) => string | undefined;
export type Bind = (operation: OperationInfo, terms: CallTerms) => Executor;

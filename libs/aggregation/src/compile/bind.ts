import type { OperationInfo } from '@frontage/core';
import type { BodyReader, Executor } from '@frontage/context';
import type { CallNode } from '../model/nodes.js';

/** What policy may say about a plan: it only tightens what the plan says itself. */
export interface PlanPolicy {
  /** The whole budget of a request, in milliseconds. */
  readonly deadlineMs?: number;
  /** By part name. */
  readonly calls?: Readonly<Record<string, { readonly timeoutMs?: number }>>;
}

/** What a call of a plan asks of the one who performs it. */
export interface CallTerms {
  /** Public name of the part. */
  readonly part: string;
  readonly need: CallNode['need'];
  /** Is it the call of the part itself, one that stands in for it, or the one that takes it back? */
  readonly role: 'call' | 'fallback' | 'undo';
  /** The tighter of what plan and policy say, in milliseconds; absent where neither says. */
  readonly timeoutMs?: number;
  /** Absent: the body is parsed. */
  readonly readBody?: BodyReader;
}
export type WhyParsed = (operation: OperationInfo) => string | undefined;
export type Bind = (operation: OperationInfo, terms: CallTerms) => Executor;

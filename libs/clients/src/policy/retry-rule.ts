import type { RetryKind } from './resilience.options.js';
import { statusRule, type StatusName, type StatusRule } from './status-rule.js';

/** The failures that are tried again. */
export interface RetryRule {
  readonly status: StatusRule;
  readonly connect: boolean;
  readonly reset: boolean;
}

const defaultRetryOn: readonly (RetryKind | StatusName)[] = ['5xx', 'connect', 'reset'];

/** RFC 9110 section 15.6.2: the server does not know the method, and will not know it a moment later. */
const notImplemented: ReadonlySet<number> = new Set([501]);

/** @throws TypeError for a name that is neither a kind nor a status */
export function retryRule(retryOn: readonly (RetryKind | StatusName)[] = defaultRetryOn): RetryRule {
  const statuses = retryOn.filter((name) => name !== 'connect' && name !== 'reset');
  return {
    status: statusRule(statuses, notImplemented),
    connect: retryOn.includes('connect'),
    reset: retryOn.includes('reset'),
  };
}

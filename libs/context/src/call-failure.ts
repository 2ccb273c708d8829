import type { Failure, MissingStatus, OperationInfo } from '@frontage/core';

/** The reason why a part of a request has no value: for logs and terminals, never for clients. */
export interface CallFailure {
  /** Name of the part in the plan; empty outside a plan. */
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  /** As in `_parts`. */
  readonly reason: MissingStatus;
  /** The reason in words. */
  readonly detail: string | undefined;
  /** HTTP status of the upstream; 0 without a response. */
  readonly status: number;
  /** `scheme://host:port` of the last attempt; empty where none was made. */
  readonly address: string;
  /** The number of attempts; 0 where nothing was sent. */
  readonly attempt: number;
  /** The number of times that it happened: for the items of a list. */
  count: number;
}

/** The facts about an attempt that its failure repeats. */
interface Attempt {
  readonly upstream: string;
  readonly operation: string;
  readonly part: string;
  readonly address: string;
  readonly attempt: number;
  readonly status: number;
  readonly outcome: string;
}

/** Different failures that are kept of one request; the others are only counted. */
const maxFailures = 50;

/** The failures of one request, in the order in which they became known. */
export class CallFailures {
  readonly list: CallFailure[] = [];
  /** Failures beyond the bound. */
  more = 0;

  /** Notes that a call of a part has no value. A call that was given up, because nothing waits for it, has not failed. */
  note(
    attempts: readonly Attempt[],
    part: string,
    { contract, id }: OperationInfo,
    { status: reason, detail, upstreamStatus = 0 }: Failure,
  ): void {
    const { upstream } = contract;
    // A response that violates its contract has arrived well: the violation is found where it is read.
    const isOf = (one: Attempt): boolean => one.outcome !== 'ok' || reason === 'bad_payload';
    const last = attempts.findLast(
      (one) => one.part === part && one.upstream === upstream && one.operation === id && isOf(one),
    );
    const { address = '', attempt = 0, status = upstreamStatus } = last ?? {};
    const known = this.list.find(
      (one) =>
        one.part === part &&
        one.operation === id &&
        one.upstream === upstream &&
        one.reason === reason &&
        one.detail === detail &&
        one.address === address &&
        one.attempt === attempt,
    );
    if (known !== undefined) known.count++;
    else if (this.list.length === maxFailures) this.more++;
    else this.list.push({ part, upstream, operation: id, reason, detail, status, address, attempt, count: 1 });
  }
}

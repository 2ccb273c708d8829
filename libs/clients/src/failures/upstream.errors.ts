import {
  isIndeterminate,
  ProblemError,
  type Failure,
  type MissingStatus,
  type Operation,
  type OperationInfo,
  type ProblemOptions,
  type WritesReport,
} from '@frontage/core';

/**
 * A call of a typed client failed. If no code catches it, the client gets the problem that a required call of a screen would give,
 * which says nothing of the upstream. After a change that was made, or may have been, its `code` is `GW_INDETERMINATE`; `failure.code`
 * is the cause then.
 * @typeParam Body the error body, where {@link isDeclared} has told it
 */
export class UpstreamError<Body = unknown> extends ProblemError {
  readonly operation: OperationInfo;
  /** The reason, in the words of `_parts`. */
  readonly reason: MissingStatus;
  /** The status of the upstream's response; `undefined` without a response. */
  readonly upstreamStatus: number | undefined;
  /** The error body, where the contract declares one for `upstreamStatus`. */
  readonly body: Body;
  /** From `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** For logs: may name what the client must not know. */
  readonly failure: Failure;

  /** The outcome of the changes that the request has made through typed clients, this call included, by operation id. */
  readonly writes: WritesReport | undefined;

  constructor(
    operation: OperationInfo,
    failure: Failure & { readonly declared?: { readonly body: Body } },
    writes?: WritesReport,
  ) {
    const mustLook = writes !== undefined && isIndeterminate(writes);
    super(mustLook ? 'GW_INDETERMINATE' : failure.code, problemOptions(failure, writes, mustLook));
    this.writes = writes;
    this.name = 'UpstreamError';
    this.message = `${operation.contract.upstream}.${operation.id}: ${failure.detail ?? failure.status}`;
    this.operation = operation;
    this.reason = failure.status;
    this.upstreamStatus = failure.upstreamStatus;
    // The contract says what it is where the type says more than `unknown`.
    this.body = failure.declared?.body as Body;
    this.retryAfterMs = failure.retryAfterMs;
    this.failure = failure;
  }
}

/**
 * True if an error is the response of that operation with that declared status; its `body` has the type of the contract then.
 * @param status as the contract writes it: `'404'`, `'4XX'` or `'default'`
 */
export function isDeclared<In, Out, Errors, S extends keyof Errors & string>(
  error: unknown,
  operation: Operation<In, Out, Errors>,
  status: S,
): error is UpstreamError<Errors[S]> {
  if (!(error instanceof UpstreamError) || error.failure.declared === undefined) return false;
  const { contract, id } = error.operation;
  if (contract !== operation.contract || id !== operation.id) return false;
  return declaredAs(operation, error.failure.declared.status) === status.toUpperCase();
}

/** The name under which the contract declares a status: the code wins over its range, the range over `default`. */
function declaredAs(operation: OperationInfo, status: number): string | undefined {
  const names = new Set(operation.responses.map((response) => response.status.toUpperCase()));
  return [String(status), `${Math.floor(status / 100)}XX`, 'DEFAULT'].find((name) => names.has(name));
}

/** `Retry-After` only where trying again cannot do anything twice. */
function problemOptions(failure: Failure, writes: WritesReport | undefined, mustLook: boolean): ProblemOptions {
  const retryAfterMs = mustLook
    ? undefined
    : (failure.retryAfterMs ?? (isUnsentWrite(failure, writes) ? 1_000 : undefined));
  return {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(writes !== undefined && { writes }),
  };
}

/** A change that was not sent for a reason that may pass. */
const isUnsentWrite = (failure: Failure, writes: WritesReport | undefined): boolean =>
  writes !== undefined && failure.unsent === true && failure.code !== 'GW_INVALID_INPUT';

import type { CallScope } from '@frontage/context';
import type { CallArgs, Clock, Failure, Operation, OperationInfo, Outcome, ResponseFields } from '@frontage/core';

declare const sends: unique symbol;

/** The scripted response of an upstream to a call in `runPlan`. */
export interface Reply<out T> {
  /** Milliseconds on the clock of the run until the upstream responds. */
  readonly afterMs: number;
  /** Undefined where the upstream never responds. */
  readonly respond: ((args: CallArgs, operation: OperationInfo) => Outcome<unknown>) | undefined;
  /** The reply to the next call, where the calls of a part get different ones. */
  readonly take?: () => Reply<unknown>;
  readonly [sends]?: T;
}

export interface ReplyOptions {
  /** Time that the upstream takes, in milliseconds on the clock of the run. @default 0 */
  readonly afterMs?: number;
}

export interface ValueReplyOptions extends ReplyOptions {
  /** Declared headers of the response, for `headersOf(...)`: by their names in the contract, or a function of the arguments. @default none */
  readonly headers?: ResponseFields | ((args: CallArgs) => ResponseFields);
}

/** Responds with this value, or with the result of a function of the arguments: one per item of an `each`, for example. */
export function reply<const T>(
  value: T | ((args: CallArgs) => T),
  { afterMs = 0, headers }: ValueReplyOptions = {},
): Reply<T> {
  const make = (args: CallArgs): unknown => (isFunction(value) ? value(args) : value);
  const fieldsOf = (args: CallArgs) => (typeof headers === 'function' ? headers(args) : headers);
  return {
    afterMs,
    respond: (args) => ({ ok: true, value: make(args), ...(headers !== undefined && { headers: fieldsOf(args) }) }),
  };
}
const isFunction = (x: unknown): x is (args: CallArgs) => unknown => typeof x === 'function';

/** Responds with an error status; `body` is used where the contract declares the status. */
export function failure(status: number, body?: unknown, { afterMs = 0 }: ReplyOptions = {}): Reply<never> {
  return { afterMs, respond: (_, operation) => failureOf(status, body, operation) };
}

/** Responds with exactly this outcome. */
export const outcomeReply = (outcome: Outcome<unknown>, { afterMs = 0 }: ReplyOptions = {}): Reply<never> => ({
  afterMs,
  respond: () => outcome,
});

/** A reply for each call, in the order in which they are made; those beyond the last get that one. */
export function inOrder(first: Reply<unknown>, ...others: readonly Reply<unknown>[]): Reply<unknown> {
  const replies = [first, ...others];
  let at = 0;
  return { ...first, take: () => replies[Math.min(at++, replies.length - 1)] ?? first };
}

/** Never responds: the call takes its timeout, or the rest of the plan's deadline. */
export const timeout = (): Reply<never> => ({ afterMs: Infinity, respond: undefined });

/** A reply for every call of an operation, under any part name. */
export interface OperationReply {
  readonly operation: OperationInfo;
  readonly reply: Reply<unknown>;
}
export const on = <In, Out, E>(operation: Operation<In, Out, E>, own: Reply<NoInfer<Out>>): OperationReply => ({
  operation,
  reply: own,
});

function failureOf(status: number, body: unknown, { responses }: OperationInfo): Failure {
  const isDeclared = responses.some(
    (known) =>
      known.status === String(status) || known.status === `${Math.floor(status / 100)}XX` || known.status === 'default',
  );
  const common = {
    ok: false,
    detail: `responded with status ${status}`,
    upstreamStatus: status,
    ...(isDeclared && { declared: { status, body } }),
  } as const;
  if (status === 404 && isDeclared) return { ...common, status: 'not_found', code: 'GW_NOT_FOUND' };
  if (status === 401 || status === 403) return { ...common, status: 'forbidden', code: 'GW_UPSTREAM_REFUSED' };
  return { ...common, status: 'error', code: 'GW_UPSTREAM_FAILED' };
}

const timedOut: Failure = {
  ok: false,
  status: 'timeout',
  code: 'GW_UPSTREAM_TIMEOUT',
  detail: 'no response within the timeout',
};

/** Performs one call: the reply at its time, a timeout where that is too late, and a timeout at once when the call is cancelled. */
export function perform(
  own: Reply<unknown>,
  operation: OperationInfo,
  args: CallArgs,
  scope: CallScope,
  clock: Clock,
): Promise<Outcome<unknown>> {
  return new Promise((resolve, reject) => {
    const leftMs = scope.deadlineAt - clock.now();
    const { afterMs, respond: given } = own.take?.() ?? own;
    const respond = afterMs <= leftMs ? given : undefined;
    const stop = (): void => {
      clock.clearTimer(timer);
      resolve(timedOut);
    };
    const timer = clock.setTimer(
      () => {
        scope.cancellation.offCancel(stop);
        try {
          resolve(respond === undefined ? timedOut : respond(args, operation));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      },
      respond === undefined ? leftMs : afterMs,
    );
    scope.cancellation.onCancel(stop);
  });
}

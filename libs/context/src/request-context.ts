import { Cancellation, type Failure, type MissingStatus, type OperationInfo } from '@frontage/core';
import type { TokenKey } from './token-key.js';
import { CallFailures } from './call-failure.js';
import type { Caller } from './caller.js';
import type { KeptResponses } from './kept-responses.js';
import type { RequestNotes } from './request-notes.js';

/** The record of one attempt to call an upstream, in plain numbers. It becomes a span only for requests that sampling keeps. */
export interface CallRecord {
  readonly upstream: string;
  readonly operation: string;
  readonly method: string;
  /** Name of the part in the plan; empty outside a plan. */
  readonly part: string;
  /** `scheme://host:port` that the attempt goes to. */
  readonly address: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** That of the start while the outcome is `pending`: see {@link callEnd}. */
  endedAt: number;
  /** HTTP status of the upstream; 0 without a response. */
  status: number;
  /** `ok`, or the reason why the call counts as failed; `pending` while it runs, which may be longer than its request does. */
  outcome: 'ok' | MissingStatus | 'cancelled' | 'pending';
  /** 16 hex digits: the span id sent upstream in `traceparent`. */
  spanId: string;
  /** Time before it: for a permit and credentials, or since the attempt before. In milliseconds. */
  readonly waitedMs: number;
  /** The state of its circuit breaker, which let it pass; empty without one. */
  readonly circuit: '' | 'closed' | 'open' | 'half_open';
}

/** The facts of an attempt that are known when it begins. */
export type CallStart = Pick<
  CallRecord,
  'upstream' | 'operation' | 'method' | 'part' | 'address' | 'attempt' | 'startedAt' | 'spanId' | 'waitedMs' | 'circuit'
>;

/** The record of an attempt that begins. */
export function openCall(start: CallStart): CallRecord {
  return {
    upstream: start.upstream,
    operation: start.operation,
    method: start.method,
    part: start.part,
    address: start.address,
    attempt: start.attempt,
    startedAt: start.startedAt,
    endedAt: start.startedAt,
    status: 0,
    outcome: 'pending',
    spanId: start.spanId,
    waitedMs: start.waitedMs,
    circuit: start.circuit,
  };
}

/** The time at which an attempt ended, or `now` where it still runs: an aborted request does not abort a write. */
export const callEnd = (call: CallRecord, now: number): number => (call.outcome === 'pending' ? now : call.endedAt);

/** Ids of a valid `traceparent`, in lower-case hex digits. */
export interface SenderTrace {
  readonly traceId: string;
  readonly spanId: string;
}

export type InboundHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The data of one inbound request. The first stage of the pipeline makes it, and all later code reads it. All members are present from the
 * start, so that the engine keeps one shape for the object.
 */
export class RequestContext {
  caller: Caller | undefined = undefined;
  /** Monotonic milliseconds at which the request times out; `Infinity` until the deadline stage has set it. */
  deadlineAt = Number.POSITIVE_INFINITY;
  readonly cancellation = new Cancellation();
  readonly calls: CallRecord[] = [];
  /** The reasons why parts have no value; absent until one fails. */
  failures: CallFailures | undefined = undefined;
  /** The responses that later requests get, too; absent until there is one. */
  kept: KeptResponses | undefined = undefined;
  /** Facts for spans and `Server-Timing`; absent where the app has neither. */
  notes: RequestNotes | undefined = undefined;
  /** Route template (`/orders/{id}`), never the raw path: bounded as a metric label. */
  route = '';
  /** 32 hex digits, W3C Trace Context. */
  traceId = '';
  /** 16 hex digits: the span of this request. */
  spanId = '';
  /** The span of the sender, from a valid `traceparent` of a trusted proxy. */
  parentSpanId: string | undefined = undefined;
  /** The sampled flag of the `traceparent` of a trusted proxy. */
  traceSampled = false;
  /** The flag of that `traceparent` for a random trace id. */
  traceRandom = false;
  /** Trace and span of an untrusted sender, for links and logs; never passed on. */
  senderTrace: SenderTrace | undefined = undefined;
  tracestate: string | undefined = undefined;
  /** Parts that are missing or came from a fallback; 0 for a complete response. */
  missingParts = 0;
  /** Parts of the plan that an external policy denies to the caller; absent where it denies none. */
  deniedParts: ReadonlySet<string> | undefined = undefined;
  /** Raw bearer token of the caller, set together with it, for upstreams that declare it in policy; never logged. */
  bearerToken: string | undefined = undefined;
  /** The key that this token is bound to, where this app has it. */
  tokenKey: TokenKey | undefined = undefined;

  /** Unique per request; in each log line, problem response and `x-request-id`. */
  readonly requestId: string;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly method: string;
  /** Address of the client, as far as trusted proxies name it (RELIABILITY H7). */
  readonly clientAddress: string;
  /** Inbound headers in lower case. Only headers on the allow-list of policy are sent upstream. */
  readonly headers: InboundHeaders;

  constructor(requestId: string, startedAt: number, method: string, clientAddress: string, headers: InboundHeaders) {
    this.requestId = requestId;
    this.startedAt = startedAt;
    this.method = method;
    this.clientAddress = clientAddress;
    this.headers = headers;
  }
}

/** Notes why a call of a part has no value, for the log. */
export function noteFailure(context: RequestContext, part: string, operation: OperationInfo, failure: Failure): void {
  (context.failures ??= new CallFailures()).note(context.calls, part, operation, failure);
}

/**
 * Notes that a response which arrived well is not what its contract says, found where it was read. No store keeps it for later requests
 * (RELIABILITY R4).
 */
export function noteViolation(context: RequestContext, part: string, operation: OperationInfo, failure: Failure): void {
  noteFailure(context, part, operation, failure);
  context.kept?.drop(part, operation);
}

/** Facts about a request that was refused. */
export interface Refusal {
  /** Its name in the log of security decisions: `owner.refused`. Absent: that of its status. */
  readonly event?: string | undefined;
  readonly why?: string | undefined;
}

/** Published on `channels.requestEnded`. */
export interface RequestEnded {
  readonly context: RequestContext;
  readonly endedAt: number;
  readonly status: number;
  /** Code of the problem, if the response was one. */
  readonly code: string | undefined;
  readonly clientGone: boolean;
  /** Bytes of the body of the request, as it says; absent without one, and where it does not say. */
  readonly requestBytes?: number | undefined;
  /** Bytes of the body of the response; absent where it was sent in pieces, and without a response. */
  readonly responseBytes?: number | undefined;
  /** The inner cause with its stack, for the log only. */
  readonly error: unknown;
  /** Of a request that was refused, for the log of security decisions; absent where nothing is known beside the status. */
  readonly refusal?: Refusal | undefined;
}

/** Published on `channels.callEnded`. */
export interface CallEnded {
  readonly context: RequestContext;
  readonly record: CallRecord;
}

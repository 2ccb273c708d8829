import { Cancellation, type MissingStatus } from '@frontage/core';
import type { Caller } from './caller.js';

/** One attempt towards an upstream, as it went: plain numbers, made into spans only for requests that sampling keeps. */
export interface CallRecord {
  readonly upstream: string;
  readonly operation: string;
  readonly method: string;
  /** Name of the part in the plan; empty outside a plan. */
  readonly part: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  endedAt: number;
  /** HTTP status of the upstream; 0 where none arrived. */
  status: number;
  /** `ok`, or why the call counts as failed. */
  outcome: 'ok' | MissingStatus | 'cancelled';
  /** 16 hex digits: the span id sent upstream in `traceparent`. */
  spanId: string;
}

/** Ids of a valid `traceparent`, in lower-case hex digits. */
export interface SenderTrace {
  readonly traceId: string;
  readonly spanId: string;
}

export type InboundHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * What travels with one inbound request. Made by the first stage of the pipeline, read by everyone below. One plain object with every
 * member present from the start, so that the engine keeps one shape for it.
 */
export class RequestContext {
  caller: Caller | undefined = undefined;
  /** Monotonic milliseconds after which nobody waits any longer; `Infinity` until the deadline stage has set it. */
  deadlineAt = Number.POSITIVE_INFINITY;
  readonly cancellation = new Cancellation();
  readonly calls: CallRecord[] = [];
  /** Route template (`/orders/{id}`), never the raw path: bounded as a metric label. */
  route = '';
  /** 32 hex digits, W3C Trace Context. */
  traceId = '';
  /** 16 hex digits: the span of this request. */
  spanId = '';
  /** The caller's span, where a valid `traceparent` came in from a proxy that is trusted. */
  parentSpanId: string | undefined = undefined;
  /** The sampled flag of the `traceparent` of a proxy that is trusted. */
  traceSampled = false;
  /** Its flag that says that the trace id is random. */
  traceRandom = false;
  /** What a sender that is not trusted calls its trace and span: for links and logs, never passed on. */
  senderTrace: SenderTrace | undefined = undefined;
  tracestate: string | undefined = undefined;
  /** Parts that are missing or came from a fallback; 0 for a complete answer. */
  missingParts = 0;
  /** Raw bearer token for upstreams that declare it in policy; never logged. */
  bearerToken: string | undefined = undefined;

  /** Unique per request; in every log line, problem answer and `x-request-id`. */
  readonly requestId: string;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly method: string;
  /** Address of the client as far as trusted proxies tell (RELIABILITY H7). */
  readonly clientAddress: string;
  /** Inbound headers, lower case; only what policy allow-lists ever goes upstream. */
  readonly headers: InboundHeaders;

  constructor(requestId: string, startedAt: number, method: string, clientAddress: string, headers: InboundHeaders) {
    this.requestId = requestId;
    this.startedAt = startedAt;
    this.method = method;
    this.clientAddress = clientAddress;
    this.headers = headers;
  }
}

/** Published on `channels.requestEnded`. */
export interface RequestEnded {
  readonly context: RequestContext;
  readonly endedAt: number;
  readonly status: number;
  /** Code of the problem, where the answer was one. */
  readonly code: string | undefined;
  readonly clientGone: boolean;
  /** For the log only: what went wrong inside, with its stack. */
  readonly error: unknown;
}

/** Published on `channels.callEnded`. */
export interface CallEnded {
  readonly context: RequestContext;
  readonly record: CallRecord;
}

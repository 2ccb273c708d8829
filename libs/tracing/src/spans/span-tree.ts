import { redact, type Clock } from '@frontage/core';
import { callEnd, type CallFailure, type CallRecord, type RequestEnded, type SenderTrace } from '@frontage/context';
import {
  createTraceState,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

const MAX_REDACTED = 1_000;
const notFailed: ReadonlySet<CallRecord['outcome']> = new Set(['ok', 'cancelled', 'pending']);
const REQUEST_ID = 'frontage.request_id';

/** Makes the spans of a request that has ended: one for the request, below it one per attempt towards an upstream. */
export class SpanTree {
  readonly #resource: Resource;
  readonly #clock: Clock;
  /** Texts without secrets: routes, operations and codes of an app are few, and come again with each request. */
  readonly #redacted = new Map<string, string>();
  readonly #scope: ReadableSpan['instrumentationScope'] = { name: 'frontage' };

  constructor(resource: Resource, clock: Clock) {
    this.#resource = resource;
    this.#clock = clock;
  }

  spansOf(ended: RequestEnded): ReadableSpan[] {
    const { context } = ended;
    // Records hold monotonic time; what is between it and the wall clock is taken anew each time, as the wall clock may be set.
    const epochMs = this.#clock.wallTime() - this.#clock.now();
    const traceState = context.tracestate === undefined ? undefined : createTraceState(context.tracestate);
    const contextOf = (spanId: string, isRemote = false): SpanContext => ({
      traceId: context.traceId,
      spanId,
      traceFlags: TraceFlags.SAMPLED,
      ...(traceState === undefined ? {} : { traceState }),
      ...(isRemote ? { isRemote } : {}),
    });
    const parent = context.parentSpanId === undefined ? undefined : contextOf(context.parentSpanId, true);
    const request = contextOf(context.spanId);
    return [
      this.#span({
        name: context.route === '' ? context.method : `${context.method} ${context.route}`,
        kind: SpanKind.SERVER,
        context: request,
        parent,
        startMs: epochMs + context.startedAt,
        endMs: epochMs + ended.endedAt,
        failed: ended.status >= 500,
        links: context.senderTrace === undefined ? [] : [linkTo(context.senderTrace)],
        attributes: requestAttributes(ended),
        events: (context.failures?.list ?? []).map((failure) => ({
          name: 'frontage.part.failed',
          time: toHrTime(epochMs + ended.endedAt),
          attributes: this.#attributesWithoutSecrets(failureAttributes(failure)),
        })),
      }),
      ...context.calls.map((call) =>
        this.#span({
          name: `${call.upstream}.${call.operation}`,
          kind: SpanKind.CLIENT,
          context: contextOf(call.spanId),
          parent: request,
          startMs: epochMs + call.startedAt,
          endMs: epochMs + callEnd(call, ended.endedAt),
          failed: !notFailed.has(call.outcome),
          attributes: callAttributes(call),
        }),
      ),
    ];
  }

  #span(from: {
    name: string;
    kind: SpanKind;
    context: SpanContext;
    parent: SpanContext | undefined;
    startMs: number;
    endMs: number;
    failed: boolean;
    attributes: Attributes;
    links?: Link[];
    events?: ReadableSpan['events'];
  }): ReadableSpan {
    return {
      name: this.#withoutSecrets(from.name),
      kind: from.kind,
      spanContext: () => from.context,
      ...(from.parent === undefined ? {} : { parentSpanContext: from.parent }),
      startTime: toHrTime(from.startMs),
      endTime: toHrTime(from.endMs),
      duration: toHrTime(from.endMs - from.startMs),
      status: { code: from.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
      attributes: this.#attributesWithoutSecrets(from.attributes),
      links: from.links ?? [],
      events: from.events ?? [],
      ended: true,
      resource: this.#resource,
      instrumentationScope: this.#scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }

  #attributesWithoutSecrets(attributes: Attributes): Attributes {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        // An id is another one each time: ours, or of a proxy that is trusted.
        typeof value === 'string' && name !== REQUEST_ID ? this.#withoutSecrets(value) : value,
      ]),
    );
  }

  #withoutSecrets(text: string): string {
    const known = this.#redacted.get(text);
    if (known !== undefined) return known;
    const redacted = redact(text);
    if (this.#redacted.size < MAX_REDACTED) this.#redacted.set(text, redacted);
    return redacted;
  }
}

/** To the span of a sender that is not trusted: its trace can be found from ours, and is not joined. */
function linkTo({ traceId, spanId }: SenderTrace): Link {
  return { context: { traceId, spanId, traceFlags: TraceFlags.NONE, isRemote: true } };
}

/** No path, no query, no header, no address, no subject: nothing of a person stands in a span. */
function requestAttributes({ context, status, code, clientGone }: RequestEnded): Attributes {
  return {
    'http.request.method': context.method,
    'http.response.status_code': status,
    [REQUEST_ID]: context.requestId,
    ...(context.route === '' ? {} : { 'http.route': context.route }),
    ...(code === undefined ? {} : { 'error.type': code }),
    ...(context.missingParts > 0 ? { 'frontage.missing_parts': context.missingParts } : {}),
    ...(clientGone ? { 'frontage.client_gone': true } : {}),
  };
}

function callAttributes(call: CallRecord): Attributes {
  return {
    'http.request.method': call.method,
    'frontage.upstream': call.upstream,
    'frontage.operation': call.operation,
    ...(call.part === '' ? {} : { 'frontage.part': call.part }),
    ...(call.status > 0 ? { 'http.response.status_code': call.status } : {}),
    ...(call.attempt > 1 ? { 'http.request.resend_count': call.attempt - 1 } : {}),
    ...(call.outcome === 'pending' ? { 'frontage.pending': true } : {}),
    ...(call.outcome === 'ok' || call.outcome === 'pending' ? {} : { 'error.type': call.outcome }),
  };
}

/** The reason why a part has no value, also where no attempt was made, as with an open breaker: no span of its own says so. */
function failureAttributes(failure: CallFailure): Attributes {
  return {
    'frontage.upstream': failure.upstream,
    'frontage.operation': failure.operation,
    ...(failure.part === '' ? {} : { 'frontage.part': failure.part }),
    'error.type': failure.reason,
    'frontage.attempts': failure.attempt,
    ...(failure.status > 0 ? { 'http.response.status_code': failure.status } : {}),
    ...(failure.count > 1 ? { 'frontage.count': failure.count } : {}),
  };
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}

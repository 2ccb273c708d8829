import { redact, type Clock } from '@frontage/core';
import { callEnd, newSpanId, type RequestEnded, type SenderTrace } from '@frontage/context';
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
import {
  cacheAttributes,
  callAttributes,
  failureAttributes,
  hasFailed,
  REQUEST_ID,
  requestAttributes,
} from './span-attributes.js';

const MAX_REDACTED = 1_000;

/** Makes the spans of a request that has ended: one for the request, below it one for its plan, below that one per attempt towards an upstream. */
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
    const plan = context.notes?.plan;
    const planned = plan && contextOf(newSpanId());
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
      ...(plan === undefined || planned === undefined
        ? []
        : [
            this.#span({
              name: `plan ${plan.name}`,
              kind: SpanKind.INTERNAL,
              context: planned,
              parent: request,
              startMs: epochMs + plan.startedAt,
              endMs: epochMs + (plan.endedAt ?? ended.endedAt),
              failed: false,
              attributes: {
                'frontage.plan': plan.name,
                ...(plan.endedAt === undefined ? { 'frontage.pending': true } : {}),
              },
              // A response of the cache has no attempt, and so no span.
              events: (context.notes?.cacheUses ?? []).map((use) => ({
                name: 'frontage.cache',
                time: toHrTime(epochMs + use.at),
                attributes: this.#attributesWithoutSecrets(cacheAttributes(use)),
              })),
            }),
          ]),
      ...context.calls.map((call) =>
        this.#span({
          name: `${call.upstream}.${call.operation}`,
          kind: SpanKind.CLIENT,
          context: contextOf(call.spanId),
          parent: call.part === '' ? request : (planned ?? request),
          startMs: epochMs + call.startedAt,
          endMs: epochMs + callEnd(call, ended.endedAt),
          failed: hasFailed(call),
          attributes: callAttributes(call, plan?.after.get(call.part)),
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

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}

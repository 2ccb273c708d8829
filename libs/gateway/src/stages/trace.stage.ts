import { newSpanId, newTraceId, readTraceparent } from '@frontage/context';
import type { InboundStage } from '../pipeline.js';

/** Continues the sender's trace (W3C Trace Context), or begins one where it sends none or a malformed one. */
export const traceStage: InboundStage = () => (exchange) => {
  const { context } = exchange;
  const { traceparent, tracestate } = context.headers;
  const parent = readTraceparent(traceparent, tracestate);
  context.spanId = newSpanId();
  if (parent === undefined) {
    context.traceId = newTraceId();
    return;
  }
  context.traceId = parent.traceId;
  context.parentSpanId = parent.parentSpanId;
  context.traceSampled = parent.sampled;
  context.tracestate = parent.tracestate;
};

import { isRandomTrace, newSpanId, newTraceId, readTraceparent, RequestNotes } from '@frontage/context';
import { trustedProxies } from '@frontage/throttling';
import type { InboundStage } from './stage.js';

/**
 * Continues the trace of a proxy that is trusted (W3C Trace Context), or begins one where it sends none or a malformed one. Of everybody
 * else only the ids are noted: their sampled flag would have each refused request exported, their trace id would join strangers' requests
 * into one trace, and their tracestate would reach the services.
 */
export const traceStage: InboundStage = (_route, app) => {
  const isTrusted = trustedProxies(app.config.listen.trustedProxies);
  const keepsNotes = app.config.tracing.otlp !== undefined || app.config.serverTiming !== undefined;
  return ({ context, request }) => {
    if (keepsNotes) context.notes = new RequestNotes();
    const { traceparent, tracestate } = context.headers;
    const parent = readTraceparent(traceparent, tracestate);
    context.spanId = newSpanId();
    if (parent !== undefined && isTrusted(request.socket.remoteAddress ?? '', 0)) {
      context.traceId = parent.traceId;
      context.parentSpanId = parent.parentSpanId;
      context.traceSampled = parent.sampled;
      context.traceRandom = typeof traceparent === 'string' && isRandomTrace(traceparent);
      context.tracestate = parent.tracestate;
      return;
    }
    context.traceId = newTraceId();
    if (parent !== undefined) context.senderTrace = { traceId: parent.traceId, spanId: parent.parentSpanId };
  };
};

import { isInSample, isRandomTrace, newSpanId, newTraceId, readTraceparent, RequestNotes } from '@frontage/context';
import { trustedProxies } from '@frontage/throttling';
import type { InboundStage } from './stage.js';

/**
 * Continues the trace of a proxy that is trusted (W3C Trace Context), or begins one where it sends none or a malformed one. Of everybody
 * else only the ids are noted: their sampled flag would have each refused request exported, their trace id would join strangers' requests
 * into one trace, and their tracestate would reach the services.
 */
export const traceStage: InboundStage = (_route, app) => {
  const isTrusted = trustedProxies(app.config.listen.trustedProxies);
  const { tracing, serverTiming, upstreams } = app.config;
  const keepsNotes = tracing.otlp !== undefined || serverTiming !== undefined;
  const sampleRatio = tracing.otlp === undefined ? 0 : (tracing.sampleRatio ?? 0);
  const passesBaggage = Object.values(upstreams).some(({ forwardHeaders }) => forwardHeaders.includes('baggage'));
  return ({ context, request }) => {
    if (keepsNotes) context.notes = new RequestNotes();
    const { traceparent, tracestate } = context.headers;
    const parent = readTraceparent(traceparent, tracestate);
    context.spanId = newSpanId();
    const trusted = (parent !== undefined || passesBaggage) && isTrusted(request.socket.remoteAddress ?? '', 0);
    if (parent !== undefined && trusted) {
      context.traceId = parent.traceId;
      context.parentSpanId = parent.parentSpanId;
      context.traceSampled = parent.sampled;
      context.traceRandom = typeof traceparent === 'string' && isRandomTrace(traceparent);
      context.tracestate = parent.tracestate;
      return;
    }
    context.traceId = newTraceId();
    // Known from the beginning, so that the services keep the same traces.
    context.traceSampled = isInSample(context.traceId, sampleRatio);
    if (passesBaggage && request.headers['baggage'] !== undefined && !trusted) delete request.headers['baggage'];
    if (parent !== undefined) context.senderTrace = { traceId: parent.traceId, spanId: parent.parentSpanId };
  };
};

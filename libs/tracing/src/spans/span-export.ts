import { channels, systemClock, type Warning } from '@frontage/core';
import type { RequestEnded } from '@frontage/context';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import { SpanTree } from './span-tree.js';
import type { OtlpOptions, TracingOptions } from '../options/tracing.options.js';

/** Sends the spans of requests in batches. Loaded only where spans are configured: the SDK costs 100 ms of the start. */
export class SpanExport {
  readonly #tree: SpanTree;
  readonly #processor: BatchSpanProcessor;

  constructor({ app, version, spans, clock = systemClock }: TracingOptions, exporter: SpanExporter) {
    const resource = defaultResource().merge(
      resourceFromAttributes({
        'service.name': app,
        ...(version === undefined ? {} : { 'service.version': version }),
        ...spans?.resource,
      }),
    );
    this.#tree = new SpanTree(resource, clock);
    this.#processor = new BatchSpanProcessor({
      exporter: withWarnings(exporter),
      maxQueueSize: 8_192,
      exportTimeoutMillis: 10_000,
    });
  }

  add(ended: RequestEnded): void {
    for (const span of this.#tree.spansOf(ended)) this.#processor.onEnd(span);
  }

  /** Sends the remaining spans and closes. Never rejects: spans that the collector did not accept are lost, after a warning. */
  async stop(): Promise<void> {
    await this.#processor.shutdown().catch(() => {});
  }
}

export function otlpExporter({ url, headers, agent }: OtlpOptions, timeoutMillis = 5_000): SpanExporter {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = '/v1/traces';
  return new OTLPTraceExporter({
    url: address.href,
    headers: { ...headers },
    timeoutMillis,
    ...(agent && { httpAgentOptions: () => agent }),
  });
}

/** Says once that spans are not taken, and once that they are again. An exporter that throws is one that does not take them. */
function withWarnings(exporter: SpanExporter): SpanExporter {
  let failing = false;
  const heard = (failed: boolean, cause: unknown): void => {
    if (failed !== failing && channels.warning.hasSubscribers) {
      const message = failed ? 'spans are lost: the collector does not take them' : 'the collector takes spans again';
      channels.warning.publish({ from: 'tracing', message, cause } satisfies Warning);
    }
    failing = failed;
  };
  return {
    export: (spans, done) => {
      let isDone = false;
      const end = (failed: boolean, cause?: unknown): void => {
        if (isDone) return;
        isDone = true;
        heard(failed, cause);
        done({ code: failed ? ExportResultCode.FAILED : ExportResultCode.SUCCESS });
      };
      try {
        exporter.export(spans, (result) => end(result.code !== ExportResultCode.SUCCESS, result.error));
      } catch (cause) {
        end(true, cause);
      }
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

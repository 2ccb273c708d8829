export { keepCounts, parseMetrics, renderMetrics, sumMetrics, type Metrics } from './metrics/metrics-sum.js';
export { startTracing, type Tracing } from './tracing.js';
export { type LogOptions, type OtlpOptions, type SpanOptions, type TracingOptions } from './options/tracing.options.js';

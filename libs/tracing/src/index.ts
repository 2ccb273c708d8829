export { exposition, lastLine, metricsPage, openMetricsType } from './metrics/families/exposition.js';
export { labelSet } from './metrics/families/labels.js';
export { reading, readings, type MetricData } from './metrics/families/metric-data.js';
export { keepCounts, parseMetrics, renderMetrics, sumMetrics, type Metrics } from './metrics/sum/metrics-sum.js';
export { sumTopClients, type TopClients } from './metrics/clients/top-clients.js';
export { startTracing, type Tracing } from './tracing.js';
export { type LogOptions, type OtlpOptions, type SpanOptions, type TracingOptions } from './options/tracing.options.js';
export type { AppLog, AppLogger, LogFields } from './logs/app-log.js';
export { leastLevels, maxChangedLevels, type LeastLevel, type LevelTarget, type LogLevels } from './logs/log-levels.js';

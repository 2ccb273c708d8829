import type { BffConfig, TracingConfig } from '@frontage/config';
import { isNamed } from '../access/named-callers.js';
import { readOtelEnvironment, type SpanOptions } from '@frontage/tracing';

const usualRatio = 0.05;

/** The policy with what the environment says of spans, where the policy says nothing; and what only the environment can say. */
export interface OtelTracing {
  readonly config: BffConfig & { readonly tracing: TracingConfig & { readonly sampleRatio: number } };
  readonly spans: Pick<SpanOptions, 'resource' | 'timeoutMs'>;
}

/**
 * Reads the standard variables of OpenTelemetry. Values that are not followed are told to the operator, where spans are exported.
 * @throws OtelEnvironmentError for a variable that would have spans sent where nobody takes them
 */
export function withOtelEnvironment(
  config: BffConfig,
  env: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): OtelTracing {
  const { tracing } = config;
  const { otlp, sampleRatio } = tracing;
  // An address of policy needs nothing of the environment, where another one may stand for other processes.
  const read = readOtelEnvironment(otlp === undefined && !tracing.isOff ? env : withoutReceiver(env));
  const receiver = otlp ?? (tracing.isOff || read.isDisabled ? undefined : read.otlp);
  if (receiver !== undefined) for (const line of read.warnings) say(`warning: ${line}`);
  if (otlp !== undefined && read.isDisabled)
    say('warning: the environment switches spans off, and tracing.otlp of bff.yaml wins: they are exported');
  return {
    config: {
      ...config,
      tracing: {
        ...tracing,
        ...(receiver && { otlp: receiver }),
        sampleRatio: sampleRatio ?? read.sampleRatio ?? usualRatio,
      },
    },
    spans: { resource: read.resource, ...(read.timeoutMs !== undefined && { timeoutMs: read.timeoutMs }) },
  };
}

/** Absent where policy names none. */
export function alwaysKept({ routes, ...callers }: TracingConfig['always']): Pick<SpanOptions, 'always'> {
  const named = routes.length + callers.roles.length + callers.scopes.length;
  return named === 0 ? {} : { always: { routes: new Set(routes), isCaller: (caller) => isNamed(callers, caller) } };
}

const withoutReceiver = (env: Readonly<Record<string, string | undefined>>) => ({
  ...env,
  OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined,
});

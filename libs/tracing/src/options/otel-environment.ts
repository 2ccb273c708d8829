/** The share of the names of OpenTelemetry for environment variables that holds for spans. What policy says wins over each of them. */
export interface OtelEnvironment {
  /** `OTEL_SDK_DISABLED` or `OTEL_TRACES_EXPORTER=none`: no spans, unless policy names a receiver. */
  readonly isDisabled: boolean;
  /** Of the resource of each span: `OTEL_RESOURCE_ATTRIBUTES`, and `OTEL_SERVICE_NAME` as `service.name`. */
  readonly resource: Readonly<Record<string, string>>;
  readonly otlp: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | undefined;
  /** Milliseconds. */
  readonly timeoutMs: number | undefined;
  /** The share that `OTEL_TRACES_SAMPLER` asks for, 0 to 1. */
  readonly sampleRatio: number | undefined;
  /** Values that are not followed, each a line for the operator. */
  readonly warnings: readonly string[];
}

/** A variable that would have spans sent where nobody takes them. */
export class OtelEnvironmentError extends Error {
  override readonly name = 'OtelEnvironmentError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the standard exporter that have no effect here. */
const unused = ['CERTIFICATE', 'CLIENT_KEY', 'CLIENT_CERTIFICATE'].flatMap((name) => [
  `OTEL_EXPORTER_OTLP_${name}`,
  `OTEL_EXPORTER_OTLP_TRACES_${name}`,
]);

/**
 * Reads the standard variables (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). An empty one counts as not
 * set, and a value that is not understood is left out with a warning, as the standard says.
 * @throws OtelEnvironmentError for an address that is no URL, and for a protocol other than http/protobuf
 */
export function readOtelEnvironment(env: Environment): OtelEnvironment {
  const warnings: string[] = [];
  const warn = (line: string): void => void warnings.push(line);
  const valueOf = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  const ofTraces = (name: string): readonly [name: string, value: string] | undefined => {
    const names = [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`];
    const found = names.find((one) => valueOf(one) !== undefined);
    return found === undefined ? undefined : [found, valueOf(found) ?? ''];
  };
  const pairs = (name: string): Readonly<Record<string, string>> => {
    const value = valueOf(name);
    const read = value === undefined ? {} : pairsIn(value);
    if (read === undefined) warn(`${name} is left out: expected key=value, with a comma between two`);
    return read ?? {};
  };
  for (const name of unused)
    if (valueOf(name) !== undefined) warn(`${name} has no effect: certificates are those that Node trusts`);
  const exporter = valueOf('OTEL_TRACES_EXPORTER') ?? 'otlp';
  if (exporter !== 'otlp' && exporter !== 'none')
    warn(`OTEL_TRACES_EXPORTER=${exporter} is not followed; expected otlp or none`);
  const serviceName = valueOf('OTEL_SERVICE_NAME');
  const isDisabled = valueOf('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporter === 'none';
  const url = urlOf(valueOf);
  if (url !== undefined && !isDisabled) checkProtocol(ofTraces('PROTOCOL'));
  checkPropagators(valueOf('OTEL_PROPAGATORS'), warn);
  return {
    isDisabled,
    resource: {
      ...pairs('OTEL_RESOURCE_ATTRIBUTES'),
      ...(serviceName !== undefined && { 'service.name': serviceName }),
    },
    otlp:
      url === undefined
        ? undefined
        : { url, headers: { ...pairs('OTEL_EXPORTER_OTLP_HEADERS'), ...pairs('OTEL_EXPORTER_OTLP_TRACES_HEADERS') } },
    timeoutMs: timeoutOf(ofTraces('TIMEOUT'), warn),
    sampleRatio: ratioOf(valueOf('OTEL_TRACES_SAMPLER'), valueOf('OTEL_TRACES_SAMPLER_ARG'), warn),
    warnings,
  };
}

/** The address for traces is whole; `/v1/traces` belongs below the one for all signals. */
function urlOf(valueOf: (name: string) => string | undefined): string | undefined {
  const [own, common] = [valueOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'), valueOf('OTEL_EXPORTER_OTLP_ENDPOINT')];
  const [name, text] =
    own === undefined ? ['OTEL_EXPORTER_OTLP_ENDPOINT', common] : ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', own];
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new OtelEnvironmentError(`${name} is no address such as http://collector:4318`);
  if (own === undefined) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
}

function checkProtocol(set: readonly [name: string, value: string] | undefined): void {
  if (set === undefined || set[1] === 'http/protobuf') return;
  throw new OtelEnvironmentError(
    `${set[0]}=${set[1]}: spans are sent as http/protobuf alone; set that, with the port of the receiver for it (4318), or name a receiver in tracing.otlp of bff.yaml`,
  );
}

function checkPropagators(list: string | undefined, warn: (line: string) => void): void {
  const others = (list ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'tracecontext' && one !== 'baggage');
  if (others.length > 0)
    warn(
      `OTEL_PROPAGATORS=${list}: ${others.join(', ')} is not followed; traces are continued by tracecontext, and baggage goes to upstreams with forwardHeaders: [baggage]`,
    );
}

function timeoutOf(
  set: readonly [name: string, value: string] | undefined,
  warn: (line: string) => void,
): number | undefined {
  if (set === undefined) return undefined;
  const ms = Number(set[1]);
  if (Number.isInteger(ms) && ms >= 1 && ms <= 60_000) return ms;
  warn(`${set[0]} is left out: expected whole milliseconds from 1 to 60000`);
  return undefined;
}

const parentBased = 'parentbased_';

function ratioOf(
  sampler: string | undefined,
  argument: string | undefined,
  warn: (line: string) => void,
): number | undefined {
  if (sampler === undefined) return undefined;
  const kind = sampler.startsWith(parentBased) ? sampler.slice(parentBased.length) : sampler;
  if (kind === 'always_on') return 1;
  if (kind === 'always_off') return 0;
  if (kind !== 'traceidratio') {
    warn(
      `OTEL_TRACES_SAMPLER=${sampler} is not followed; expected always_on, always_off, traceidratio, or one of these behind ${parentBased}`,
    );
    return undefined;
  }
  const ratio = Number(argument ?? 1);
  if (ratio >= 0 && ratio <= 1) return ratio;
  warn('OTEL_TRACES_SAMPLER_ARG is left out: expected a share from 0 to 1');
  return undefined;
}

/** `key=value,key=value`, both percent-encoded (W3C Baggage); undefined where it is not that. */
function pairsIn(list: string): Readonly<Record<string, string>> | undefined {
  try {
    return Object.fromEntries(
      list
        .split(',')
        .filter((one) => one.trim() !== '')
        .map((one) => {
          const at = one.indexOf('=');
          const name = decodeURIComponent(one.slice(0, Math.max(0, at)).trim());
          if (name === '') throw new TypeError('no name');
          return [name, decodeURIComponent(one.slice(at + 1).trim())];
        }),
    );
  } catch {
    return undefined;
  }
}

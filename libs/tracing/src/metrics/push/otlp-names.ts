/** The name and the unit that a metric has in the semantic conventions of OpenTelemetry. */
export interface OtlpName {
  readonly name: string;
  /** Of UCUM: `s`, `By`, `1`. */
  readonly unit: string;
}

const names: ReadonlyMap<string, string> = new Map([
  ['http_server_request_duration_seconds', 'http.server.request.duration'],
  ['http_server_request_body_size_bytes', 'http.server.request.body.size'],
  ['http_server_response_body_size_bytes', 'http.server.response.body.size'],
  ['http_server_active_requests', 'http.server.active_requests'],
  ['http_client_request_duration_seconds', 'http.client.request.duration'],
  ['http_client_open_connections', 'http.client.open_connections'],
  ['process_cpu_seconds_total', 'process.cpu.time'],
  ['process_resident_memory_bytes', 'process.memory.usage'],
  ['nodejs_eventloop_utilization_ratio', 'nodejs.eventloop.utilization'],
  ['nodejs_eventloop_lag_seconds', 'nodejs.eventloop.delay.mean'],
  ['nodejs_eventloop_lag_max_seconds', 'nodejs.eventloop.delay.max'],
  ['nodejs_eventloop_lag_p50_seconds', 'nodejs.eventloop.delay.p50'],
  ['nodejs_eventloop_lag_p90_seconds', 'nodejs.eventloop.delay.p90'],
  ['nodejs_eventloop_lag_p99_seconds', 'nodejs.eventloop.delay.p99'],
  ['nodejs_gc_duration_seconds', 'v8js.gc.duration'],
]);
const units: readonly (readonly [ending: string, unit: string])[] = [
  ['_seconds', 's'],
  ['_bytes', 'By'],
  ['_ratio', '1'],
];
const attributes: ReadonlyMap<string, string> = new Map([
  ['http_request_method', 'http.request.method'],
  ['http_route', 'http.route'],
  ['http_response_status_code', 'http.response.status_code'],
  ['http_connection_state', 'http.connection.state'],
  ['error_type', 'error.type'],
  ['server_address', 'server.address'],
  ['server_port', 'server.port'],
  ['kind', 'v8js.gc.type'],
]);
/** Attributes that are numbers. */
const numbers: ReadonlySet<string> = new Set(['http.response.status_code', 'server.port']);

/** `frontage_hedges_total` is `frontage.hedges`. @param name as Prometheus has it */
export function otlpName(name: string): OtlpName {
  const base = name.replace(/_total$/, '');
  const [ending = '', unit = '1'] = units.find(([each]) => base.endsWith(each)) ?? [];
  const plain = base.slice(0, base.length - ending.length).replace('_', '.');
  return { name: names.get(name) ?? plain, unit };
}

/** An attribute as spans have it, `frontage.upstream`. @param label as Prometheus has it */
export function otlpAttribute(label: string, value: string): readonly [name: string, value: string | number] {
  const name = attributes.get(label) ?? `frontage.${label}`;
  const number = numbers.has(name) ? Number(value) : Number.NaN;
  return [name, Number.isNaN(number) ? value : number];
}

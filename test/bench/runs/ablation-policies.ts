import type { Scenario } from '../scenarios/scenarios.js';

/** A policy that is on or off, as a part of `bff.yaml`. */
export interface AblationPolicy {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The features that the route asks for by a decorator. */
  readonly part?: 'access' | 'rate';
  /** The credential of its requests. @default a token, also where nothing asks for one */
  readonly credential?: 'api key' | 'session';
  /** Of the screen that the scenario asks for. */
  readonly screen?: Readonly<Record<string, unknown>>;
  /** Is on where everything is. */
  readonly isUsual: boolean;
}

const spansAt = (sampleRatio: number) => ({ tracing: { sampleRatio, otlp: { url: '${OTLP_URL}' } } });
const upstream = (defaults: Readonly<Record<string, unknown>>) => ({ upstreamDefaults: defaults });

/** The policies of everything-on one by one; later ones stand over earlier ones. */
export const ablationPolicies: readonly AblationPolicy[] = [
  {
    name: 'jwt',
    part: 'access',
    isUsual: true,
    config: {
      access: { jwt: { issuer: '${ISSUER_URL}', audience: 'bench-bff', jwks: '${ISSUER_URL}/jwks.json' } },
    },
  },
  {
    name: 'api key',
    part: 'access',
    credential: 'api key',
    isUsual: false,
    config: { access: { apiKeys: { file: '${API_KEYS_FILE}' } } },
  },
  {
    name: 'session',
    part: 'access',
    credential: 'session',
    isUsual: false,
    config: {
      access: {
        sessions: {
          url: 'http://127.0.0.1:${PORT}',
          providers: {
            main: { issuer: '${ISSUER_URL}', clientId: 'bench', clientSecret: 'bench', scopes: ['home:read'] },
          },
        },
      },
    },
  },
  { name: 'in-flight limit', isUsual: true, config: { limits: { maxInFlight: 10_000 } } },
  { name: 'address limit', isUsual: true, config: { addressLimit: { limit: 100_000_000, window: '1m' } } },
  {
    name: 'rate class',
    part: 'rate',
    isUsual: true,
    config: {
      rateClasses: {
        bench: [
          { per: 'user', limit: 100_000_000, window: '1m' },
          { per: 'app', limit: 100_000_000, window: '1s' },
        ],
      },
    },
  },
  {
    name: 'breaker',
    isUsual: true,
    config: upstream({ breaker: { failureRatio: 0.5, window: '10s', minimumCalls: 20, openFor: '5s' } }),
  },
  { name: 'retry', isUsual: true, config: upstream({ retry: { attempts: 2, budget: '10%' } }) },
  { name: 'bulkhead', isUsual: true, config: upstream({ concurrency: 8_192, queue: 16_384 }) },
  { name: 'tracing at 0 %', isUsual: false, config: spansAt(0) },
  { name: 'tracing at 5 %', isUsual: true, config: spansAt(0.05) },
  { name: 'tracing at 100 %', isUsual: false, config: spansAt(1) },
  { name: 'metrics', isUsual: true, config: { metrics: { enabled: true } } },
  { name: 'log', isUsual: true, config: { log: { requests: true, file: '${LOG_FILE}' } } },
  { name: 'screen tags', isUsual: false, config: {}, screen: { etag: true } },
  { name: 'screen kept', isUsual: false, config: {}, screen: { ttl: '1h' } },
];

/** The `bff.yaml` of a server with these policies; JSON is YAML. */
export function ablationConfig(
  { name }: Pick<Scenario, 'name'>,
  policies: readonly AblationPolicy[],
  transport: 'undici' | 'direct',
): string {
  const off: Readonly<Record<string, unknown>> = {
    bff: 'bench',
    listen: { port: '${PORT}', adminPort: '${ADMIN_PORT}' },
    access: 'off',
    log: { requests: false },
    metrics: { enabled: false },
    tracing: { sampleRatio: 0 },
    upstreamDefaults: { timeout: '10s', transport },
    upstreams: { [name === 'home-5' ? 'home5' : 'workload']: { urls: ['${UPSTREAM}'], connections: '${CONNECTIONS}' } },
  };
  const merged: Record<string, unknown> = { ...off };
  const plan = name === 'home-5' ? 'bench.home' : `bench.${name}`;
  for (const { config, screen } of policies) {
    const { upstreamDefaults } = merged;
    Object.assign(merged, config, screen && { screens: { [plan]: screen } }, {
      upstreamDefaults: Object.assign({}, upstreamDefaults, config['upstreamDefaults']),
    });
  }
  return JSON.stringify(merged);
}

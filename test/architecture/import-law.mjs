/**
 * The allowed imports between libs. Every other one is refused: `exports` seals a lib, `tsc -b` refuses a cycle, and this table,
 * read by `.dependency-cruiser.mjs`, refuses every other edge.
 */
export const law = {
  core: [],
  context: ['core'],
  config: ['core'],
  contracts: ['core'],
  breaker: ['core'],
  balancing: ['core'],
  // One connection and one guard for everything that is shared between processes: caching and throttling both stand on it.
  store: ['core'],
  caching: ['core', 'store'],
  auth: ['core', 'context', 'breaker'],
  sessions: ['core', 'context', 'breaker', 'store', 'auth'],
  throttling: ['core', 'context', 'store'],
  transcoder: ['core'],
  aggregation: ['core', 'context', 'transcoder'],
  tracing: ['core', 'context'],
  admin: ['core'],
  // Development only: the gateway loads it where `frontage dev` asks for it, and an installation for production does not have it.
  'developer-page': ['core', 'context', 'admin'],
  cluster: ['core', 'throttling', 'tracing', 'admin'],
  clients: ['core', 'context', 'breaker', 'balancing', 'caching'],
  gateway: [
    'core',
    'context',
    'config',
    // Admission of requests is the same kind of mechanism as the limits of calls, without Nest and on a clock.
    'breaker',
    'balancing',
    'store',
    'caching',
    'auth',
    'sessions',
    'throttling',
    'aggregation',
    'tracing',
    'admin',
    'developer-page',
    'cluster',
    'clients',
  ],
  upstreams: ['clients'],
  sandbox: ['core', 'contracts'],
  testing: ['core', 'context', 'config', 'contracts', 'aggregation', 'gateway', 'sandbox'],
  // `frontage keys` and `frontage revoke` read the policy of an app and write what its processes read; `frontage why` finds members as the
  // page of an app does.
  generator: ['core', 'contracts', 'config', 'auth', 'store', 'aggregation', 'sandbox'],
};

/** Libs that an app may import; its tests may also import `testing`. */
export const appMayImport = ['gateway', 'aggregation', 'auth', 'throttling', 'clients', 'upstreams'];

/** Libs whose mechanism must stay free of Nest: they are pure TypeScript. */
export const withoutNest = [
  'core',
  'context',
  'config',
  'contracts',
  'breaker',
  'balancing',
  'store',
  'sessions',
  'transcoder',
  'aggregation',
  'tracing',
  'admin',
  'developer-page',
  'cluster',
  'sandbox',
  'generator',
];

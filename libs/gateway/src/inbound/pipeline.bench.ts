import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { TokenVerifier } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { systemClock } from '@frontage/core';
import { RateLimiter } from '@frontage/throttling';
import { startTracing } from '@frontage/tracing';
import { test } from 'vitest';
import { policyFile } from '../fixtures/gateway-under-test.js';
import { unmatchedRoute } from '../routes/unmatched-route.js';
import { compilePipeline } from './pipeline.js';
import type { Route } from '../routes/routes.js';
import { GatewayRuntime } from '../runtime/runtime.js';
import { UpstreamRegistry } from '../outbound/upstream-registry.js';

/** Run with `npx vitest bench libs/gateway`. Measures the cost of a request from its exchange to its screen, with nothing on and with everything. */
const policy = `bff: bench
listen: { port: 0, adminPort: 0 }
access: { jwt: { issuer: 'https://id.example.test', audience: bench, jwks: 'https://id.example.test/jwks.json' } }
limits: { maxInFlight: 1000000 }
addressLimit: { limit: 100000000, window: 1m }
rateClasses:
  bench: [{ per: user, limit: 100000000, window: 1m }, { per: app, limit: 100000000, window: 1s }]
`;

class KnowsAda extends TokenVerifier {
  readonly #ada = { subject: 'ada', scopes: ['home:read'], roles: [] };
  verify() {
    return this.#ada;
  }
}

/** The table of counts has a benchmark of its own. */
const admitted = { hits: 1, admitted: true, nextFreeMs: 50, retryAfterMs: 0 };

const config = loadConfig(policyFile(policy), { env: {}, environment: 'test' });
const runtime = new GatewayRuntime({
  config,
  clock: systemClock,
  upstreams: new UpstreamRegistry(config, { clock: systemClock, httpService: new HttpService(axios.create()) }),
  limiter: new RateLimiter({
    hit: () => admitted,
    hitAll: (limits) => limits.map(() => admitted),
    increment: () => Promise.reject(new Error('not used here')),
  }),
  verifier: new KnowsAda(),
  telemetry: await startTracing({ app: 'bench', log: { level: 'silent' }, countMetrics: false }),
  closers: [],
  screens: {},
});
const open: Route = { ...unmatchedRoute, method: 'GET', path: '/home', kind: 'screen' };
const guarded: Route = {
  ...open,
  rateClass: 'bench',
  access: { allScopes: ['home:read'], anyScopes: [], anyRoles: [] },
};

const socket = new Socket();
const token = `${'h'.repeat(60)}.${'c'.repeat(240)}.${'s'.repeat(342)}`;
const ask = (): readonly [IncomingMessage, ServerResponse] => {
  const request = new IncomingMessage(socket);
  request.method = 'GET';
  request.rawHeaders.push('Host', 'bench', 'Authorization', `Bearer ${token}`);
  request.headers = { host: 'bench', authorization: `Bearer ${token}` };
  return [request, new ServerResponse(request)];
};

test('the way in', async ({ bench }) => {
  await bench('what Node makes of a request', () => void ask()).run();
  for (const [name, route] of Object.entries({ 'nothing on': open, 'everything on': guarded })) {
    const admit = compilePipeline(route, runtime);
    const bound = { route, admit, admitMatched: admit, screen: undefined, checkBody: undefined, commonHeaders: [] };
    await bench(`that, and the way in with ${name}`, () => {
      void bound.admit(runtime.openExchange(bound, ...ask()));
      // No response ends these.
      runtime.inFlight = 0;
    }).run();
  }
});

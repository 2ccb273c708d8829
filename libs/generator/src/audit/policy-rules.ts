import type { AppDescription } from '../plan/app-description.js';
import { doorFindings } from './door-rules.js';
import type { Finding, Level, RuleName } from './finding.js';

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const credentialHeaders = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);

/** The findings of the policy of an app. */
export function* policyFindings(app: AppDescription): Generator<Finding> {
  yield* appFindings(app);
  yield* doorFindings(app);
  yield* upstreamFindings(app);
}

const finding = (rule: RuleName, level: Level, path: readonly string[], message: string, fix: string): Finding => ({
  rule,
  level,
  place: { kind: 'policy', path },
  message,
  fix,
});

function* appFindings({ policy }: AppDescription): Generator<Finding> {
  const { access, addressLimit, limits, listen, rateStore } = policy;
  if (access !== undefined && addressLimit === undefined)
    yield finding(
      'no-address-limit',
      'warning',
      ['addressLimit'],
      'addressLimit is off, so each forged token costs the check of a signature',
      'add addressLimit: { limit: 3000, window: 1m }',
    );
  if (limits !== undefined && limits.maxInFlight === undefined)
    yield finding(
      'no-overload-limit',
      'warning',
      ['limits'],
      'limits.maxInFlight is not set, so an overload is not shed',
      'add limits: { maxInFlight: 1000 }',
    );
  const { adminHost = '127.0.0.1' } = listen ?? {};
  if (!loopback.has(adminHost))
    yield finding(
      'admin-port-open',
      'warning',
      ['listen', 'adminHost'],
      `the admin port listens on ${adminHost}`,
      'remove listen.adminHost, or keep the port behind the network policy of your cluster',
    );
  if (rateStore?.whenDown === 'open')
    yield finding(
      'limits-off-with-store',
      'warning',
      ['rateStore', 'whenDown'],
      'rateStore.whenDown is open, so nothing is limited while Redis is down',
      'write whenDown: local, which counts in each machine by itself',
    );
  for (const [name, issuer] of Object.entries({ jwt: access?.jwt, ...access?.issuers }))
    if (issuer?.types?.includes('none') === true && (issuer.requiredClaims?.length ?? 0) === 0)
      yield finding(
        'untyped-tokens',
        'note',
        name === 'jwt' ? ['access', 'jwt', 'types'] : ['access', 'issuers', name, 'types'],
        `tokens of ${issuer.issuer ?? name} need no typ`,
        'state requiredClaims with a claim that only access tokens of this issuer have',
      );
}

function* upstreamFindings({ policy }: AppDescription): Generator<Finding> {
  for (const [name, upstream] of Object.entries(policy.upstreams ?? {})) {
    const path = (key: string): string[] => ['upstreams', name, key];
    if (upstream.forwardAuthorization === true)
      yield finding(
        'token-forwarded',
        'warning',
        path('forwardAuthorization'),
        `the token of the user is sent to ${name}, which can use it wherever this token is accepted`,
        'give the service a token of its own (docs/policy.md, upstreams), or keep this where the service checks the audience',
      );
    const sensitive = (upstream.forwardHeaders ?? []).filter((header) => credentialHeaders.has(header.toLowerCase()));
    if (sensitive.length > 0)
      yield finding(
        'header-forwarded',
        'error',
        path('forwardHeaders'),
        `${sensitive.join(', ')} of the client is sent to ${name}`,
        `remove ${sensitive.join(', ')} from upstreams.${name}.forwardHeaders`,
      );
    if (policy.deadlineMs !== undefined && upstream.timeoutMs >= policy.deadlineMs)
      yield finding(
        'timeout-never-reached',
        'warning',
        path('timeout'),
        `a call to ${name} may take ${upstream.timeoutMs} ms, and no request of this app takes longer than ${policy.deadlineMs} ms`,
        `write upstreams.${name}.timeout: 1s, or less`,
      );
    if (upstream.breaker === undefined)
      yield finding(
        'no-breaker',
        'warning',
        path('breaker'),
        `${name} has no circuit breaker`,
        `add upstreams.${name}.breaker: { failureRatio: 0.5, window: 10s, minimumCalls: 20, openFor: 5s }`,
      );
    if (upstream.concurrency === undefined)
      yield finding(
        'no-concurrency-limit',
        'warning',
        path('concurrency'),
        `calls to ${name} are not bounded`,
        `add upstreams.${name}.concurrency: 256`,
      );
  }
}

import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppDescription, EndpointDescription, PolicyDescription } from '../plan/app-description.js';
import { auditApp, auditText, failing } from './audit.js';
import { rules, type RuleName } from './finding.js';
import { sarifLog } from './sarif.js';

const issuer = { issuer: 'https://id.example.test', types: ['at+jwt'] };
const upstream = {
  timeoutMs: 600,
  forwardHeaders: ['accept-language'],
  breaker: { failureRatio: 0.5 },
  concurrency: 256,
};
const policy: PolicyDescription = {
  access: { jwt: issuer },
  limits: { maxInFlight: 1000, maxConnections: 10_000 },
  addressLimit: { limit: 3000, windowMs: 60_000 },
  rateClasses: { interactive: [{ per: 'user' }, { per: 'app' }], shared: [{ per: 'app' }], staff: [{ per: 'role' }] },
  rateStore: { whenDown: 'local' },
  deadlineMs: 10_000,
  upstreams: { orders: upstream },
};
const scope = { allScopes: ['orders:read'], anyScopes: [], anyRoles: [] };
const order: EndpointDescription = {
  method: 'GET',
  path: '/orders/:id',
  handler: 'OrderController.show',
  access: scope,
  rateClass: 'interactive',
  screen: {
    name: 'tv.order',
    source: 'apps/tv/src/order/order.screen.ts:7:3',
    deadlineMs: 800,
    input: { caller: 'given', path: 'validated' },
    parts: {
      order: {
        kind: 'call',
        need: 'required',
        upstream: 'orders',
        operation: 'getOrder',
        path: '/orders/{id}',
        after: [],
        reads: [],
        args: { path: { id: { $ref: 'path.id' } } },
      },
    },
    fields: {},
  },
};
const app = (
  endpoint: Partial<EndpointDescription> = {},
  changed: Partial<PolicyDescription> = {},
): AppDescription => ({
  bff: 'tv',
  endpoints: [{ ...order, ...endpoint }],
  policy: { ...policy, ...changed },
});
const screen = (input: Readonly<Record<string, 'given'>>, path = '/orders/{id}'): Partial<EndpointDescription> => {
  const { parts, ...rest } = order.screen ?? ({} as never);
  return { screen: { ...rest, input, parts: { order: { ...parts['order']!, path } } } };
};
const made = Array.from({ length: 6 }, (_, i) => ({
  member: `m${i}`,
  how: 'computed' as const,
  because: 'a function makes it',
}));

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'frontage-audit-'));
  mkdirSync(join(root, 'apps/tv'), { recursive: true });
  writeFileSync(
    join(root, 'apps/tv/bff.yaml'),
    'bff: tv\nupstreams:\n  orders:\n    urls: [http://a.test]\n    forwardAuthorization: true\n',
  );
});
afterAll(() => rmSync(root, { recursive: true }));
const audit = (description: AppDescription, ignored: readonly string[] = []) =>
  auditApp(description, { root, folder: 'apps/tv', ignored });

/** An app with one fault for each rule, and a text of the finding. */
const faulty: Readonly<Record<RuleName, readonly [AppDescription, string]>> = {
  'open-write': [app({ method: 'POST', access: 'public' }), 'POST /orders/:id is @Public()'],
  'open-route-without-limit': [
    app({ access: 'public', rateClass: 'staff' }, { addressLimit: undefined, access: undefined } as never),
    'has no limit per address',
  ],
  'route-without-limit': [app({ rateClass: undefined } as never), 'interactive, shared, staff'],
  'no-address-limit': [app({}, { addressLimit: undefined } as never), 'forged token'],
  'class-without-caller-limit': [app({ rateClass: 'shared' }), 'the rate class "shared" of GET /orders/:id'],
  'caller-limit-above-app': [
    app(
      {},
      {
        rateClasses: {
          interactive: [
            { per: 'user', limit: 120, windowMs: 1_000 },
            { per: 'app', limit: 6_000, windowMs: 60_000 },
          ],
        },
      },
    ),
    'one caller may send 120 requests in 1 s and the whole app takes 6000 requests in 60 s',
  ],
  'id-without-owner': [app(screen({})), 'sends path.id to orders.getOrder (part "order")'],
  'token-forwarded': [
    app({}, { upstreams: { orders: { ...upstream, forwardAuthorization: true } } }),
    'sent to orders',
  ],
  'header-forwarded': [
    app({}, { upstreams: { orders: { ...upstream, forwardHeaders: ['Cookie'] } } }),
    'Cookie of the client',
  ],
  'no-breaker': [
    app({}, { upstreams: { orders: { timeoutMs: 600, concurrency: 2 } } }),
    'orders has no circuit breaker',
  ],
  'no-concurrency-limit': [
    app({}, { upstreams: { orders: { timeoutMs: 600, breaker: { failureRatio: 0.5 } } } }),
    'not bounded',
  ],
  'timeout-never-reached': [
    app({}, { upstreams: { orders: { ...upstream, timeoutMs: 10_000 } } }),
    'may take 10000 ms',
  ],
  'no-overload-limit': [app({}, { limits: { maxConnections: 1 } }), 'maxInFlight'],
  'no-connection-limit': [app({}, { limits: { maxInFlight: 1 } }), 'maxConnections'],
  'wide-cors': [
    app({}, { cors: { origins: ['https://*.example.test'], credentials: true } }),
    'every page below https://*.example.test',
  ],
  'no-origin-secret': [app({}, { listen: { behindCdn: {} } }), 'have the CDN send it'],
  'proxies-by-number': [app({}, { listen: { trustedProxies: 2 } }), 'is 2, whoever connects'],
  'security-header-off': [app({}, { securityHeaders: { referrerPolicy: 'off' } }), 'referrerPolicy is off'],
  'admin-port-open': [app({}, { listen: { adminHost: '0.0.0.0' } }), 'listens on 0.0.0.0'],
  'untyped-tokens': [app({}, { access: { jwt: { ...issuer, types: ['none'] } } }), 'need no typ'],
  'limits-off-with-store': [app({}, { rateStore: { whenDown: 'open' } }), 'nothing is limited'],
  'much-computed': [
    app({ screen: { ...order.screen!, view: { members: made, parsing: {} } } }),
    '6 members of GET /orders/:id are made by functions',
  ],
};

describe('frontage audit', () => {
  it('finds nothing in an app without a fault', () => {
    expect(audit(app())).toEqual([]);
    expect(auditText('tv', [])).toBe(`tv: nothing found by ${Object.keys(rules).length} rules\n`);
  });

  it.each(Object.entries(faulty))('finds %s, and nothing else', (rule, [description, text]) => {
    const findings = audit(description);
    expect(findings.map((one) => one.rule)).toEqual([rule]);
    expect(findings[0]?.message + (findings[0]?.fix ?? '')).toContain(text);
    expect(audit(description, [rule])).toEqual([]);
  });

  it.each([
    ['the caller is in the plan', app(screen({ caller: 'given' }))],
    ['the route has an owner rule', app({ ...screen({}), access: { ...scope, owner: { path: 'id' } } })],
    ['the data belongs to nobody', app(screen({}, '/products/{id}'))],
    ['the route is public', app({ ...screen({}), access: 'public' })],
  ])('does not ask for an owner where %s', (_, description) => {
    expect(audit(description)).toEqual([]);
  });

  it('asks for TLS of each origin that is not this machine, and of no other', () => {
    const origins = ['https://a.test', 'http://localhost:5173', 'http://a.test', 'https://*.b.test'];
    const found = audit(app({}, { cors: { origins, credentials: false } }));
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('http://a.test is without TLS')]);
  });

  it('asks for nothing where proxies are named, or nobody else connects', () => {
    expect(audit(app({}, { listen: { trustedProxies: ['10.0.0.0/8'] } }))).toEqual([]);
    expect(audit(app({}, { listen: { trustedProxies: 1, host: '127.0.0.1' } }))).toEqual([]);
    expect(audit(app({}, { listen: { behindCdn: { originSecret: {} } } }))).toEqual([]);
    expect(audit(app({}, { securityHeaders: { strictTransportSecurity: 'off' } }))).toEqual([]);
  });

  it.each(['/users/{id}', '/v2/customers/{customerId}/orders', '/files/{file_id}', '/policies/{id}', '/a/{basketId}'])(
    'asks for an owner of %s',
    (path) => {
      const name = /\{(\w+)\}/.exec(path)?.[1] ?? '';
      const { screen: own } = screen({}, path);
      const part = { ...own!.parts['order']!, args: { path: { [name]: { $ref: 'path.id' } } } };
      expect(audit(app({ screen: { ...own!, parts: { order: part } } }))).toHaveLength(1);
    },
  );

  it('names the line of a key in the policy, and of a screen', () => {
    const [token] = audit(faulty['token-forwarded'][0]);
    expect(token).toMatchObject({ file: 'apps/tv/bff.yaml', line: 5 });
    const [owner] = audit(faulty['id-without-owner'][0]);
    expect(owner).toMatchObject({ file: 'apps/tv/src/order/order.screen.ts', line: 7 });
  });

  it('tells errors first, and does not fail for notes', () => {
    const all = audit(
      app({ method: 'POST', access: 'public', rateClass: undefined } as never, { limits: { maxConnections: 1 } }),
    );
    expect(all.map(({ level }) => level)).toEqual(['error', 'warning', 'warning']);
    expect(failing(all)).toBe(3);
    expect(failing(audit(faulty['much-computed'][0]))).toBe(0);
    expect(auditText('tv', all)).toMatch(/\ntv: 1 error, 2 warnings\n$/);
  });

  it('refuses to ignore a rule that does not exist', () => {
    expect(() => audit(app(), ['open-wirte'])).toThrow('there is no rule "open-wirte"');
  });

  it('is explained rule by rule in docs/audit.md, with the level of each', () => {
    const page = readFileSync(new URL('../../../../docs/audit.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (\w+) +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
    expect(rows).toEqual(
      Object.entries(rules).map(([rule, reason]) => [rule, audit(faulty[rule as RuleName][0])[0]?.level, reason]),
    );
    const shown = audit(
      app({
        method: 'POST',
        path: '/watchlist',
        handler: 'WatchlistController.add',
        access: 'public',
        screen: undefined,
      } as never),
    );
    expect(page).toContain(`$ npx frontage audit tv\n${auditText('tv', shown)}\`\`\``);
  });

  it('writes SARIF 2.1.0 with a rule and a place for each finding', () => {
    const log = sarifLog(audit(faulty['token-forwarded'][0]));
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [
            {
              ruleId: 'token-forwarded',
              level: 'warning',
              locations: [
                { physicalLocation: { artifactLocation: { uri: 'apps/tv/bff.yaml' }, region: { startLine: 5 } } },
              ],
            },
          ],
        },
      ],
    });
  });
});

import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './document/config.errors.js';
import { load, least, mistakesOf, policyFiles } from './fixtures/policy-files.js';
import { bffJsonSchema, membersOf, block, properties, type SchemaNode } from './schema/json-schema.js';
import { loadConfig } from './load-config.js';

const everyKey = readFileSync(new URL('./fixtures/every-key.yaml', import.meta.url), 'utf8');
const basePolicy = fileURLToPath(new URL('../../../policy/base.yaml', import.meta.url));
const mistakes = (text: string, env: Record<string, string> = {}) => mistakesOf(() => load(least + text, { env }));
const orders = (text: string) => `upstreams:\n  orders:\n    urls: [http://orders.test]\n    ${text}\n`;

describe('a policy', () => {
  it('is complete with a name and a port; everything else has a default', () => {
    const { file, ...config } = load(least);
    expect(file).toMatch(/^\/.*bff\.yaml$/);
    expect(config).toEqual({
      bff: 'mobile',
      environment: 'development',
      listen: {
        port: 4001,
        host: '127.0.0.1',
        adminPort: 5001,
        adminHost: '127.0.0.1',
        trustedProxies: 0,
        keepAliveMs: 620_000,
      },
      limits: {
        maxBodyBytes: 1_048_576,
        maxHeaderBytes: 16_384,
        headersTimeoutMs: 10_000,
        ipv6Prefix: 64,
        requestTimeoutMs: 30_000,
        sendIdleTimeoutMs: 10_000,
        sendTimeoutMs: 60_000,
        multipart: {
          maxBodyBytes: 33_554_432,
          maxFileBytes: 16_777_216,
          maxFieldBytes: 65_536,
          maxParts: 100,
          bufferBytes: 65_536,
        },
      },
      admission: { delayMs: 25, intervalMs: 100, priorities: {} },
      rateClasses: {},
      securityHeaders: {
        contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        strictTransportSecurity: 'max-age=31536000; includeSubDomains',
        referrerPolicy: 'no-referrer',
        crossOriginResourcePolicy: 'same-origin',
      },
      rateStore: { whenDown: 'local' },
      signals: {},
      deadlineMs: 10_000,
      reserveMs: 10,
      tiers: [],
      dns: {
        timeoutMs: 3_000,
        minTtlMs: 1_000,
        maxTtlMs: 300_000,
        negativeTtlMs: 5_000,
        staleForMs: 86_400_000,
      },
      upstreams: {},
      plans: {},
      screens: {},
      screenCache: { maxBytes: 33_554_432 },
      slo: {},
      budgets: { screens: {} },
      tracing: { isOff: false, always: { routes: [], roles: [], scopes: [] }, slowMs: 1_000 },
      metrics: { enabled: true },
      log: { level: 'info', requests: true },
      shutdown: { delayMs: 0, graceMs: 10_000 },
      admin: {},
    });
  });

  it('listens on this machine only in development; its admin port always does', () => {
    expect(load(least, { environment: 'test' }).listen.host).toBe('127.0.0.1');
    expect(load(least, { environment: 'production' }).listen).toMatchObject({
      host: '0.0.0.0',
      adminHost: '127.0.0.1',
    });
  });

  it('accepts requests for a while after SIGTERM outside development, for load balancers', () => {
    expect(load(least, { environment: 'development' }).shutdown.delayMs).toBe(0);
    expect(load(least, { environment: 'production' }).shutdown.delayMs).toBe(5_000);
    expect(load(`${least}shutdown: { delay: 1s }\n`, { environment: 'development' }).shutdown.delayMs).toBe(1_000);
  });

  it('takes free ports where the port is 0', () => {
    expect(load('bff: mobile\nlisten: { port: 0 }\n').listen).toMatchObject({ port: 0, adminPort: 0 });
  });

  it('gives every key its unit', () => {
    expect(load(everyKey)).toMatchObject({
      access: {
        jwt: {
          algorithms: ['ES256'],
          clockSkewMs: 10_000,
          maxTokenAgeMs: 43_200_000,
          audience: ['mobile-bff'],
          audienceClaim: 'client_id',
          types: ['none', 'at+jwt'],
          requiredClaims: ['client_id', 'realm_access.roles'],
          scopeClaim: ['scp'],
          rolesClaim: ['groups', 'realm_access.roles'],
          tenantClaim: 'shop',
          claims: { tier: { kind: 'text', claim: 'shop.tier', required: true } },
          proxy: 'http://gate:hidden-6@proxy.test:3128',
          cacheMs: 20_000,
          jwksRefreshMs: 15_000,
          jwksMaxAgeMs: 21_600_000,
          jwksTimeoutMs: 2_000,
        },
      },
      limits: {
        maxBodyBytes: 2_097_152,
        headersTimeoutMs: 5_000,
        maxConnections: 10_000,
        maxInFlight: 500,
        maxInFlightPerCaller: 20,
        multipart: { maxBodyBytes: 67_108_864, maxFileBytes: 1_000_000 },
      },
      admission: { delayMs: 30, intervalMs: 200, priorities: { interactive: 'high' } },
      addressLists: { deny: expect.stringMatching(/\/lists\/deny\.txt$/), reloadMs: 1_000 },
      addressLimit: { limit: 100, windowMs: 60_000 },
      rateClasses: { interactive: [{ per: 'role', limit: 60, windowMs: 60_000, burst: 10, role: 'gold' }] },
      rateStore: { whenDown: 'closed' },
      usage: { path: '/my/limits' },
      signals: {
        guessing: {
          watch: 'refusals',
          per: 'user',
          share: 0.25,
          atLeast: 10,
          windowMs: 300_000,
          action: 'block',
          forMs: 3_600_000,
        },
        jump: {
          watch: 'sequence',
          per: 'address',
          route: 'POST /checkout',
          after: ['GET /cart', 'GET /offer'],
          withinMs: 600_000,
          above: 3,
          windowMs: 3_600_000,
          action: 'slow',
          forMs: 900_000,
          rateClass: 'interactive',
        },
      },
      deadlineMs: 5_000,
      reserveMs: 20,
      dns: {
        servers: ['10.0.0.2', '10.0.0.3:5353', '[fd00::2]:53'],
        timeoutMs: 2_000,
        minTtlMs: 2_000,
        maxTtlMs: 600_000,
        negativeTtlMs: 1_000,
        staleForMs: 172_800_000,
      },
      upstreams: {
        orders: {
          urls: ['https://a.orders.test/api', 'https://b.orders.test/api'],
          timeoutMs: 400,
          connectTimeoutMs: 100,
          retry: { attempts: 3, budgetRatio: 0.2, retryOn: ['5xx', '429', 'connect'] },
          hedge: { afterMs: 50, budgetRatio: 0.03 },
          breaker: {
            failureRatio: 0.25,
            windowMs: 30_000,
            minimumCalls: 10,
            openForMs: 2_000,
            mode: 'observe',
            failures: ['5xx', '429'],
            per: 'operation',
          },
          concurrency: { adaptive: { min: 4, max: 64 } },
          queue: 8,
          maxBodyBytes: 1_000_000,
          forwardHeaders: ['accept-language', 'x-shop'],
          forwardAuthorization: true,
          credentials: { header: 'x-api-key', value: 'hidden-2' },
          security: { shopKey: { value: 'hidden-8' }, login: { user: 'frontage', file: '/run/secrets/orders' } },
          transport: 'axios',
          proxy: 'http://gate:hidden-7@proxy.test:3128',
          connections: 32,
          pipelining: 1,
          bigNumbers: 'text',
          followRedirects: 2,
          validate: 'enforce',
          echo: 'x-request-id',
          cache: {
            listOrders: {
              ttlMs: 30_000,
              staleWhileRevalidateMs: 60_000,
              staleIfErrorMs: 3_600_000,
              maxBytes: 65_536,
              negativeMs: 30_000,
              warm: 'wait',
              scope: 'public',
              tags: ['orders:{caller}'],
              vary: { 'accept-language': ['en', 'de-AT'] },
            },
            getOrder: {
              follow: 'upstream',
              targets: ['bff-cache-control', 'cdn-cache-control'],
              scope: 'caller',
            },
          },
          operations: {
            getOrder: {
              timeoutMs: 200,
              urls: ['https://files.orders.test'],
              retry: { retryOn: ['503'] },
              hedge: { quantile: 0.99 },
              breaker: { failureRatio: 0.5, minimumCalls: 20, openForMs: 1_000, mode: 'enforce' },
            },
          },
          availability: 0.9995,
          required: true,
          healthPath: '/healthz',
        },
        files: { cacheGroups: true, userContext: true, credentials: { file: '/run/secrets/files', scheme: 'Bearer' } },
        granted: {
          credentials: {
            header: 'authorization',
            clientCredentials: {
              proxy: 'http://gate:hidden-0@proxy.test:3128',
              privateKeyFile: expect.stringMatching(/^\/.*\/keys\/client\.json$/),
              authentication: 'private_key_jwt',
              assertionAudience: 'https://id.example.test',
              scope: ['a', 'b'],
              audience: ['granted'],
              resource: ['https://granted.test'],
              timeoutMs: 500,
            },
          },
        },
        exchanged: {
          credentials: {
            tokenExchange: {
              proxy: 'http://gate:hidden-7@proxy.test:3128',
              clientSecret: 'hidden-0',
              authentication: 'client_secret_basic',
              assertionAudience: 'https://id.example.test/token',
              scope: [],
              maxTokens: 500,
              timeoutMs: 1_000,
            },
          },
        },
        exchangedByFile: {
          credentials: {
            clientCredentials: { clientSecretFile: expect.stringMatching(/^\/.*\/secrets\/client$/) },
          },
        },
      },
      userContext: {
        audience: 'acme.internal',
        keysFile: expect.stringMatching(/^\/.*\/keys\/context\.json$/),
        issuer: 'https://bff.acme.test',
        workload: 'shop-bff',
        lifetimeMs: 30_000,
      },
      plans: { 'mobile.home': { deadlineMs: 600, calls: { banners: { timeoutMs: 100 } } } },
      budgets: { bytes: 65_536, calls: 10, criticalPathMs: 1_000, waves: 3, screens: { 'mobile.home': { calls: 20 } } },
      tracing: { otlp: { headers: { 'x-key': 'hidden-4' } }, sampleRatio: 0.5, slowMs: 2_000 },
      metrics: {
        enabled: false,
        topClients: 20,
        otlp: {
          url: 'http://collector.test:4318/v1/metrics?key=hidden-3',
          headers: { 'x-key': 'hidden-4' },
          everyMs: 30_000,
        },
      },
      log: { level: 'debug', file: 'bff.log', requests: false },
      shutdown: { delayMs: 8_000, graceMs: 60_000 },
      admin: { token: 'hidden-5' },
    });
  });

  it('has tables that hold written keys only (A14)', () => {
    const config = load(everyKey);
    for (const table of [config.upstreams, config.plans, config.rateClasses, config.upstreams['orders']?.cache]) {
      expect(Object.getPrototypeOf(table)).toBeNull();
    }
  });

  it('has no settings for a stage that is not written or is off', () => {
    const { orders: bare } = load(least + orders('')).upstreams;
    expect(Object.keys(bare ?? {})).not.toEqual(expect.arrayContaining(['retry']));
    const text = `upstreamDefaults: { retry: { attempts: 3 }, breaker: {} }\n${orders('breaker: off')}`;
    const { orders: some } = load(least + text).upstreams;
    expect(some?.retry).toEqual({ attempts: 3, budgetRatio: 0.1, retryOn: ['5xx', 'connect', 'reset'] });
    expect(Object.keys(some ?? {})).not.toContain('breaker');
  });

  it('fits the connect timeout of the defaults into the timeout of an upstream', () => {
    const text = `upstreamDefaults: { connectTimeout: 800ms }\n${orders('timeout: 300ms')}`;
    expect(load(least + text).upstreams['orders']).toMatchObject({ timeoutMs: 300, connectTimeoutMs: 300 });
  });

  it('of the organisation is incomplete without an app', () => {
    const own = `extends: ${basePolicy}\n${least}access: { jwt: { issuer: https://id.test, audience: mobile, jwks: https://id.test/jwks.json } }\n`;
    const config = load(own + orders('timeout: 400ms'), { environment: 'production' });
    expect(Object.keys(config.rateClasses)).toEqual(['interactive', 'batch', 'write']);
    expect(config.upstreams['orders']).toMatchObject({ timeoutMs: 400, retry: { attempts: 2, budgetRatio: 0.1 } });
    expect(config.shutdown.graceMs).toBeGreaterThan(config.deadlineMs);
    expect(mistakesOf(() => load(`extends: ${basePolicy}\n${least}`))).toEqual(
      ['issuer', 'audience', 'jwks'].map((key) => expect.stringContaining(`missing key "${key}" in access.jwt`)),
    );
    expect(load(`extends: ${basePolicy}\n${least}access: off\n`).access).toBeUndefined();
  });
});

describe('a variable', () => {
  const log = (written: string, env: Record<string, string> = {}) =>
    load(`${least}log: { file: ${JSON.stringify(written)} }\n`, { env }).log.file;

  it('can be a value or a part of it', () => {
    expect(log('${DIR}/bff.${N}.log', { DIR: '/var/log', N: '1' })).toBe('/var/log/bff.1.log');
  });

  it('has a default for when it is unset or empty', () => {
    expect(log('${DIR:-/tmp}/x')).toBe('/tmp/x');
    expect(log('${DIR:-/tmp}/x', { DIR: '' })).toBe('/tmp/x');
    expect(log('a${DIR:-}b')).toBe('ab');
    expect(log('${A}${B:-}', { A: 'a', B: 'b' })).toBe('ab');
  });

  it('is written out by a doubled dollar', () => {
    expect(log('$${DIR}/$x')).toBe('${DIR}/$x');
  });

  it('is text: references in its value are not evaluated', () => {
    expect(log('${A}', { A: '${B}', B: 'b' })).toBe('${B}');
  });

  it('becomes a number or a truth value where the schema wants one, and stays text where it wants text', () => {
    const env = { PORT: '4100', ON: 'false', SHARE: '0.5', NAME: '123' };
    const text =
      'bff: mobile\nlisten: { port: "${PORT}" }\nmetrics: { enabled: "${ON}" }\ntracing: { sampleRatio: "${SHARE}" }\nlog: { file: "${NAME}" }\n';
    expect(load(text, { env })).toMatchObject({
      listen: { port: 4100 },
      metrics: { enabled: false },
      tracing: { sampleRatio: 0.5 },
      log: { file: '123' },
    });
  });

  it('that is not set is refused once', () => {
    expect(mistakes('log: { file: "${DIR}/${DIR:-x}" }\n')).toEqual([
      'bff.yaml:3:14  variable DIR is not set; set it, or write a default: ${DIR:-...}',
    ]);
    expect(mistakes('deadline: ${LONGEST}\n')).toHaveLength(1);
    expect(mistakes('log: { file: "${toString}" }\n')).toEqual([
      expect.stringContaining('variable toString is not set'),
    ]);
  });

  it('with a wrong value is named, and its value is not shown', () => {
    expect(mistakes('deadline: ${LONGEST}\n', { LONGEST: 'soon' })).toEqual([
      'bff.yaml:3:11  expected a duration such as 250ms, 5s or 1m, found a value that is not shown (from ${LONGEST})',
    ]);
  });

  it('is the only thing that is filled in: nothing is evaluated', () => {
    for (const expression of ['${1 + 1}', '${process.exit()}', '${A:=b}', '${A', '${}', '${A?x}']) {
      expect(mistakes(`log: { file: ${JSON.stringify(expression)} }\n`, { A: 'a' })).toEqual([
        expect.stringContaining('is not a variable; write ${NAME}'),
      ]);
    }
    expect(log('$(id) `id` #{x} {{x}} %x%')).toBe('$(id) `id` #{x} {{x}} %x%');
  });

  it('of a base is read only where the app does not replace the key', () => {
    const files = {
      'bff.yaml': `extends: base.yaml\n${least}log: { file: own.log }\n`,
      'base.yaml': 'log: { file: "${UNSET}" }\n',
    };
    expect(loadConfig(policyFiles(files), { env: {} }).log.file).toBe('own.log');
  });
});

describe('a mistake', () => {
  it.each([
    ['deadline: 400\n', '3:11  expected a duration such as 250ms, 5s or 1m, found 400'],
    ['deadline: 1w\n', '3:11  expected a duration such as 250ms, 5s or 1m, found "1w"'],
    ['deadline: 2h\n', '3:11  expected a duration from 1ms to 10m, found "2h"'],
    ['limits: { maxBody: 2M }\n', '3:20  expected a size such as 64KiB, 500kB or 2MiB, found "2M"'],
    [
      'limits: { maxBody: 9007199254740993 }\n',
      '3:20  expected a size such as 64KiB, 500kB or 2MiB, found 9007199254740992',
    ],
    ['limits: []\n', '3:9  expected keys and values, found a list'],
    ['limits:\n', '3:1  expected keys and values, found nothing'],
    ['metrics: { enabled: yes }\n', '3:21  expected true or false, found "yes"'],
    [
      'log: { level: wran }\n',
      '3:15  expected one of debug, info, warn, error, silent, found "wran"; did you mean "warn"?',
    ],
    ['log: { file: 7 }\n', '3:14  expected text, found 7'],
    ['redis: on\n', '3:8  expected keys and values, or "off", found "on"'],
    ['rateClasses: { a: [{ per: user, limit: 60 }] }\n', '3:20  missing key "window" in rateClasses.a[0]'],
    [
      'rateClasses: { a: [{ per: user, limit: 1e400, window: 1s }] }\n',
      '3:40  expected a whole number from 1 to 1000000000, found Infinity',
    ],
    ['rateClasses: { a: [] }\n', '3:19  expected at least one item in this list'],
    [
      'rateClasses: { a b: [{ per: user, limit: 6, window: 1s }] }\n',
      '3:16  "a b" cannot be a name here; expected a name like ^[a-zA-Z][a-zA-Z0-9_-]*$',
    ],
    ['upstreams: { orders: {} }\n', '3:14  missing key "urls" in upstreams.orders'],
    ['upstreams: { orders: { urls: http://a.test } }\n', '3:30  expected a list, found "http://a.test"'],
    [orders('retry: { attempts: 9 }'), '6:24  expected a whole number from 2 to 3, found 9'],
    [orders('retry: { tries: 3 }'), '6:14  unknown key "tries"; expected one of attempts, budget, retryOn'],
    [
      orders('retry: { retryOn: [5xx, 4x] }'),
      '6:29  expected a status such as 429, or 5xx, connect, reset, found "4x"',
    ],
    [orders('breaker: { failures: [5xx, reset] }'), '6:32  expected a status such as 429, or 5xx, found "reset"'],
    [orders('concurrency: adaptiv'), '6:18  expected a whole number from 1 to 100000, or adaptive, found "adaptiv"'],
    [orders('concurrency: { adaptive: { max: 0 } }'), '6:37  expected a whole number from 1 to 100000, found 0'],
    ['tiers: [{ roles: staff }]\n', '3:11  unknown key "roles"; did you mean "role"?'],
    [orders('hedge: { after: p40 }'), '6:21  expected a duration from 1ms to 1m, or p50 to p99, found "p40"'],
    [orders('hedge: { budget: 30% }'), '6:22  expected a share above 0, up to 20%, found "30%"'],
    [orders('breaker: on'), '6:14  expected keys and values, or "off", found "on"'],
    [orders('timeoutMs: 400'), '6:5  unknown key "timeoutMs"; did you mean "timeout"?'],
    [
      orders('cache: { listOrders: { ttl: 1m, public: true } }'),
      '6:37  "public" has a new name: write "scope: public"',
    ],
    [
      orders('cache: { listOrders: { ttl: 1m, scope: all } }'),
      '6:44  expected one of caller, tenant, public, found "all"',
    ],
    [
      orders('forwardHeaders: [authorization]'),
      '6:22  expected the name of a header field that does not belong to the connection, the body or the gateway (for the token there is "forwardAuthorization"), found "authorization"',
    ],
    [
      'upstreams: { a: { urls: [ftp://a.test] } }\n',
      '3:26  expected a URL that begins with http:// or https://, found "ftp://a.test"',
    ],
    [
      'upstreams: { a: { urls: ["http://u:pw@a.test"] } }\n',
      '3:26  expected a URL that begins with http:// or https:// and has no user name and password in it, found "http://***@a.test"',
    ],
    [
      'upstreams: { a: { urls: [http://a.test/?x=1] } }\n',
      '3:26  expected a URL that begins with http:// or https:// and ends with its path, without "?" and "#", found "http://a.test/?x=1"',
    ],
  ])('in %j is named with its position', (text, expected) => {
    const found = mistakes(text).map((line) => line.replace('bff.yaml:', ''));
    expect(found).toEqual([expected]);
  });

  it('in an algorithm says why it is refused', () => {
    const text = (algorithm: string) =>
      `access: { jwt: { issuer: a, audience: b, jwks: https://c.test, algorithms: [${algorithm}] } }\n`;
    expect(mistakes(text('none'))[0]).toContain('(a token without a signature proves nothing), found "none"');
    expect(mistakes(text('HS256'))[0]).toContain('cannot be checked against its public keys), found "HS256"');
  });

  it('never repeats a secret', () => {
    const text = 'redis: { url: "http://:s3cret@a.test" }\nadmin: { token: 33331111 }\n';
    const error = (() => {
      try {
        return load(least + text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(
      'bff.yaml:3:15  expected a URL that begins with redis:// or rediss://, found a value that is not shown',
    );
    expect(String(error)).not.toMatch(/s3cret|33331111/);
  });

  it('in the defaults of upstreams is named once, at its own position', () => {
    const text =
      'upstreamDefaults: { timeout: 1y }\nupstreams: { a: { urls: [http://a.test] }, b: { urls: [http://b.test] } }\n';
    expect(mistakes(text)).toEqual(['bff.yaml:3:30  expected a duration such as 250ms, 5s or 1m, found "1y"']);
  });
});

describe('a misspelled key', () => {
  const lines = everyKey.split('\n');
  const names = new Set([
    'interactive',
    'guessing',
    'jump',
    'partner',
    'partners',
    'staff',
    'access_type',
    'tier',
    'orders',
    'listOrders',
    'getOrder',
    'mobile.home',
    'banners',
    'x-key',
    'shopKey',
    'depot',
    'login',
    'files',
    'granted',
    'exchanged',
    'exchangedByFile',
    'stable',
    'canary',
    'accept-language',
  ]);
  const keyed = lines.flatMap((line, index) => {
    const key = /^[ -]*([\w.-]+):/.exec(line)?.[1];
    return key === undefined || names.has(key) ? [] : [{ line: index + 1, column: line.indexOf(key) + 1, key }];
  });
  const collectKeys = (node: SchemaNode, into: Set<string>): Set<string> => {
    const inner = block(node);
    for (const [key, child] of Object.entries(properties(inner))) collectKeys(child, into.add(key));
    const members = membersOf(inner);
    return members === undefined ? into : collectKeys(members, into);
  };

  it('is tested below for every key', () => {
    const known = collectKeys(bffJsonSchema(), new Set());
    expect(new Set([...keyed.map(({ key }) => key), 'extends', 'locked'])).toEqual(known);
  });

  /** The lines of the block at the top that holds a line, at their positions: the other blocks would be parsed in vain. */
  const blockAround = (line: number): readonly string[] => {
    const isTop = (text: string): boolean => /^\w/.test(text);
    const start = lines.findLastIndex((text, index) => index < line && isTop(text));
    const next = lines.findIndex((text, index) => index >= line && isTop(text));
    return lines.map((text, index) => (index >= start && (next === -1 || index < next) ? text : ''));
  };

  it('is reported at its position, with the right key', () => {
    const known = new Set(keyed.map(({ key }) => key));
    const file = policyFiles({ 'bff.yaml': '' });
    const slip = fc.record({
      at: fc.constantFrom(...keyed),
      position: fc.nat(),
      letter: fc.constantFrom('a', 'b', 'x', 'y', 'Q', '_', '0'),
    });
    fc.assert(
      fc.property(slip, ({ at, position, letter }) => {
        const cut = position % (at.key.length + 1);
        const wrong = at.key.slice(0, cut) + letter + at.key.slice(cut);
        fc.pre(!known.has(wrong));
        const written = (lines[at.line - 1] ?? '').replace(at.key, wrong);
        writeFileSync(
          file,
          blockAround(at.line)
            .with(at.line - 1, written)
            .join('\n'),
        );
        const found = mistakesOf(() => loadConfig(file, { env: {} })).find((line) => line.includes('unknown key'));
        expect(found).toMatch(
          new RegExp(`^bff\\.yaml:${at.line}:${at.column}  unknown key "${wrong}"; did you mean "\\w+"\\?$`),
        );
      }),
      { numRuns: 200 },
    );
  });
});

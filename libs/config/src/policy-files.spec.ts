import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mistakesOf, policyFiles } from './fixtures/policy-files.js';
import { loadConfig } from './load-config.js';
import { PolicyFiles } from './policy-files.js';

const app = `bff: mobile
extends: base.yaml
listen: { port: '\${MOBILE_PORT:-4001}', adminPort: 5001 }
plans:
  mobile.hom: { deadline: 1s }
`;
const base = `upstreams:
  orders: { urls: ['http://\${ORDERS_HOST:-orders}:\${ORDERS_PORT:-80}'] }
`;

describe('a mistake that an app finds in its policy', () => {
  const config = () =>
    loadConfig(policyFiles({ 'mobile/bff.yaml': app.replace('base.yaml', '../base.yaml'), 'base.yaml': base }), {
      env: {},
    });

  it('is reported with line and column, like every other mistake', () => {
    const files = new PolicyFiles(config());
    expect(
      mistakesOf(() => {
        throw files.error([
          { path: ['plans', 'mobile.hom'], want: 'key', message: 'no such plan' },
          { path: ['upstreams', 'orders'], want: 'key', message: 'is not called' },
          { path: ['upstreams', 'carts'], want: 'key', message: 'is missing' },
        ]);
      }),
    ).toEqual(['mobile/bff.yaml:5:3  no such plan', 'base.yaml:2:3  is not called', 'base.yaml:1:1  is missing']);
  });

  it('tells own settings of the app from inherited ones', () => {
    const files = new PolicyFiles(config());
    expect(files.isOwn(['plans', 'mobile.hom'])).toBe(true);
    expect(files.isOwn(['upstreams', 'orders'])).toBe(false);
  });

  it('knows the variables of a value', () => {
    const files = new PolicyFiles(config());
    expect(files.variables(['listen', 'port'])).toEqual(['MOBILE_PORT']);
    expect(files.variables(['listen', 'adminPort'])).toEqual([]);
    expect(files.variables(['upstreams', 'orders', 'urls', 0])).toEqual(['ORDERS_HOST', 'ORDERS_PORT']);
  });

  it('is found during the start without reading the files a second time', () => {
    const read = config();
    rmSync(read.file);
    expect(new PolicyFiles(read).isOwn(['plans', 'mobile.hom'])).toBe(true);
    expect(new PolicyFiles(read).shownPosition(['plans', 'mobile.hom'])).toMatch(/bff\.yaml:5:/);
  });

  it('names the file at its beginning where the policy was made in memory', () => {
    const made = { ...config(), file: join(dirname(config().file), 'there-is-none.yaml') };
    const files = new PolicyFiles(made);
    expect(files.error([{ path: ['plans', 'x'], want: 'key', message: 'no such plan' }]).issues).toMatchObject([
      { file: made.file, line: 1, column: 1, message: 'no such plan' },
    ]);
  });
});

describe('the values of a policy', () => {
  const text = `bff: mobile
extends: base.yaml
listen: { port: 1, adminPort: 2 }
redis: { url: '\${REDIS_URL}' }
upstreamDefaults: { timeout: 2s }
upstreams:
  orders:
    urls: ['\${ORDERS_URL}', 'http://127.0.0.1:2']
    timeout: 1s
  users:
    urls: ['http://127.0.0.1:3']
    credentials: { header: x-key, value: 'literal-secret' }
`;
  const env = { REDIS_URL: 'redis://:redis-secret@127.0.0.1', ORDERS_URL: 'http://ada:url-secret@127.0.0.1:1' };
  const valuesOf = () => {
    const file = policyFiles({
      'bff.yaml': text,
      'base.yaml': 'upstreamDefaults:\n  breaker: { failureRatio: 0.6 }\n',
    });
    const config = loadConfig(file, { env: { ...env, ORDERS_URL: 'http://127.0.0.1:1' } });
    const values = new PolicyFiles(config).values(env);
    return { values, at: (path: string) => values.find((value) => value.path === path) };
  };

  it('stand each with the file and the line that they are from, those of defaults at each upstream', () => {
    const { at } = valuesOf();
    const place = (path: string) => [at(path)?.value, at(path)?.file.split('/').at(-1), at(path)?.line];
    expect(place('bff')).toEqual(['mobile', 'bff.yaml', 1]);
    expect(place('upstreams.orders.timeout')).toEqual(['1s', 'bff.yaml', 9]);
    expect(place('upstreams.users.timeout')).toEqual(['2s', 'bff.yaml', 5]);
    expect(place('upstreams.users.breaker.failureRatio')).toEqual(['0.6', 'base.yaml', 2]);
    expect(place('upstreams.users.urls')).toEqual(['http://127.0.0.1:3', 'bff.yaml', 11]);
  });

  it('name the variables that they are from, and show no secret, whatever it stands in', () => {
    const { values, at } = valuesOf();
    expect(at('upstreams.orders.urls')?.written).toBe('${ORDERS_URL}, http://127.0.0.1:2');
    expect(at('upstreams.users.credentials.value')).toMatchObject({ value: '***', line: 12 });
    expect(at('redis.url')).toMatchObject({ value: '***', written: '${REDIS_URL}' });
    expect(JSON.stringify(values)).not.toMatch(/-secret/);
  });
});

describe('a policy that is only described', () => {
  const text = `bff: mobile
listen: { port: '\${PORT}', adminPort: '\${ADMIN_PORT}' }
access: { jwt: { issuer: '\${ISSUER_URL}', audience: mobile-bff, jwks: '\${ISSUER_URL}/jwks.json' } }
redis: { url: '\${REDIS_URL}' }
upstreams:
  orders: { urls: ['\${ORDERS_URL}'], required: '\${REQUIRED}', credentials: { value: 'Bearer \${TOKEN}' } }
`;

  it('needs no variable: each one gets a placeholder of the right kind, with its name where possible', () => {
    const config = loadConfig(policyFiles({ 'bff.yaml': text }), { env: {}, unset: 'placeholder' });
    expect(config).toMatchObject({
      listen: { port: 0, adminPort: 0 },
      access: { jwt: { issuer: '${ISSUER_URL}', jwks: 'https://issuer-url.unset.invalid/jwks.json' } },
      redis: { url: expect.stringMatching(/^rediss?:\/\/redis-url\.unset\.invalid$/) },
      upstreams: {
        orders: {
          urls: ['https://orders-url.unset.invalid'],
          required: false,
          credentials: { value: 'Bearer ${TOKEN}' },
        },
      },
    });
  });

  it('uses the variables that are set', () => {
    const config = loadConfig(policyFiles({ 'bff.yaml': text }), {
      env: { ORDERS_URL: 'http://orders' },
      unset: 'placeholder',
    });
    expect(config.upstreams['orders']?.urls).toEqual(['http://orders']);
  });

  it('is refused for its mistakes nevertheless', () => {
    const file = policyFiles({ 'bff.yaml': `${text}deadlin: 1s\n` });
    expect(mistakesOf(() => loadConfig(file, { env: {}, unset: 'placeholder' }))).toEqual([
      'bff.yaml:7:1  unknown key "deadlin"; did you mean "deadline"?',
    ]);
  });
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeConfig } from './describe-config.js';
import { load, least } from './fixtures/policy-files.js';

it('masks the secrets of a configuration and shows the rest unchanged', () => {
  const config = load(readFileSync(new URL('./fixtures/every-key.yaml', import.meta.url), 'utf8'));
  const proxy = 'http://***@proxy.test:3128/';
  const described = describeConfig(config);
  expect(JSON.stringify(config).match(/hidden-\d/g)).toHaveLength(31);
  expect(JSON.stringify(described)).not.toContain('hidden');
  expect(described).toEqual({
    ...config,
    access: {
      ...config.access,
      jwt: { ...config.access?.jwt, proxy },
      introspection: { ...config.access?.introspection, clientSecret: '***', proxy },
      opa: { ...config.access?.opa, token: '***', proxy },
      sessions: {
        ...config.access?.sessions,
        keys: ['***', '***'],
        providers: {
          partners: { ...config.access?.sessions?.providers['partners'], proxy },
          staff: { ...config.access?.sessions?.providers['staff'], clientSecret: '***', proxy },
        },
      },
      issuers: { partner: { ...config.access?.issuers['partner'], proxy } },
    },
    redis: { url: 'redis://***@cache.test:6379/2?***', lastGood: true },
    upstreams: {
      orders: {
        ...config.upstreams['orders'],
        credentials: { header: 'x-api-key', value: '***' },
        security: { shopKey: { value: '***' }, login: { user: 'frontage', file: '/run/secrets/orders' } },
        proxy,
        balance: { ...config.upstreams['orders']?.balance, choose: { header: 'x-release', key: '***' } },
      },
      files: { ...config.upstreams['files'], proxy },
      granted: {
        ...config.upstreams['granted'],
        credentials: {
          header: 'authorization',
          clientCredentials: { ...config.upstreams['granted']?.credentials?.clientCredentials, proxy },
        },
        proxy,
      },
      exchanged: {
        ...config.upstreams['exchanged'],
        credentials: {
          header: 'authorization',
          tokenExchange: {
            ...config.upstreams['exchanged']?.credentials?.tokenExchange,
            clientSecret: '***',
            proxy,
          },
        },
        proxy,
      },
      exchangedByFile: {
        ...config.upstreams['exchangedByFile'],
        credentials: {
          header: 'authorization',
          clientCredentials: { ...config.upstreams['exchangedByFile']?.credentials?.clientCredentials, proxy },
        },
        proxy,
      },
    },
    tracing: {
      ...config.tracing,
      otlp: { url: 'http://collector.test:4318/v1/traces?***', headers: { 'x-key': '***' }, proxy },
    },
    metrics: {
      ...config.metrics,
      otlp: { url: 'http://collector.test:4318/v1/metrics?***', headers: { 'x-key': '***' }, proxy, everyMs: 30_000 },
    },
    admin: { token: '***' },
  });
});

it('adds nothing to a configuration without secrets', () => {
  const config = load(`${least}redis: { url: redis://localhost }\nupstreams: { a: { urls: [http://a.test] } }\n`);
  expect(describeConfig(config)).toEqual(config);
});

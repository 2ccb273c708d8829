import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';

// Each test starts a whole app from its sources, with a report of coverage.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-modules-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The packages that an app has loaded when it is ready and has served no page: a report of coverage names every script. */
async function packagesOf(script: string, env: Readonly<Record<string, string>>): Promise<ReadonlySet<string>> {
  const app = new AppProcess({ script, env: { ...env, NODE_V8_COVERAGE: folder } });
  const { url } = await app.ready();
  // By then it takes signals.
  await fetch(`${url}/none`).then((response) => response.arrayBuffer());
  app.signal('SIGTERM');
  await app.ended;
  const packages = new Set<string>();
  for (const name of await readdir(folder)) {
    const { result }: { readonly result: readonly { readonly url: string }[] } = JSON.parse(
      await readFile(join(folder, name), 'utf8'),
    );
    for (const { url } of result) {
      packages.add(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? '');
      packages.add(`@frontage/${/\/libs\/([^/]+)\//.exec(url)?.[1] ?? ''}`);
    }
  }
  return packages;
}

/** The issuer's keys are fetched with them as soon as the app listens. */
const ofTheFetch = ['@nestjs/axios', 'axios', 'form-data'];

/** Modules that these apps do not use before a request comes. */
const notYet = [
  '@frontage/developer-page',
  '@nestjs/platform-express',
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/sdk-trace',
  'cache-manager',
  'class-transformer',
  'class-validator',
  'express',
  'ioredis',
  'js-yaml',
  'keyv',
  'swagger-ui-dist',
  'undici',
];

describe('an app that is ready', () => {
  it('has loaded nothing that its policy does not use or that only a page of the admin port needs', async () => {
    const names = ['ISSUER', 'USERS', 'CATALOGUE', 'INVENTORY', 'CARTS', 'ORDERS', 'SHIPPING', 'REVIEWS', 'CONTENT'];
    const urls = [...names, 'RECOMMENDATIONS'].map((name) => [`${name}_URL`, 'http://127.0.0.1:9']);
    const loaded = await packagesOf('apps/mobile/src/main.ts', {
      ...Object.fromEntries(urls),
      MOBILE_PORT: '0',
      MOBILE_ADMIN_PORT: '0',
      SHUTDOWN_DELAY: '0ms',
    });
    for (const used of ['@nestjs/core', 'fastify', 'jose', 'pino']) expect(loaded).toContain(used);
    expect(notYet.filter((name) => loaded.has(name))).toEqual([]);
  });

  it('has not loaded the check of tokens where access is off', async () => {
    const loaded = await packagesOf('test/process/fixtures/shop.main.ts', {
      SHOP_POLICY: fileURLToPath(new URL('fixtures/idle.yaml', import.meta.url)),
      SHOP_PORT: '0',
      SHOP_ADMIN_PORT: '0',
    });
    expect(loaded).toContain('fastify');
    expect(
      [...notYet, ...ofTheFetch, 'jose', 'jsonwebtoken', 'passport', 'passport-jwt'].filter((name) => loaded.has(name)),
    ).toEqual([]);
  });
});

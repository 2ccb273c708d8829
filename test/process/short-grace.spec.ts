import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const graceMs = 300;
const shop = fileURLToPath(new URL('fixtures/shop.main.ts', import.meta.url));
const ways = {
  'a process alone': { script: 'test/process/fixtures/shop.main.ts', args: [] },
  'frontage serve': { script: 'libs/generator/src/main.ts', args: ['serve', shop, '--processes', '2'] },
};

/** A collector that takes connections and never responds: the last spans wait for it for five seconds. */
let silent: Server;
const sockets = new Set<Socket>();
let folder: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo; // the address of a TCP server that listens
  folder = await mkdtemp(join(tmpdir(), 'frontage-grace-'));
  const file = join(folder, 'bff.yaml');
  await writeFile(
    file,
    `bff: shop
listen: { port: 0, adminPort: 0 }
access: off
addressLimit: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
shutdown: { delay: 0ms, grace: ${graceMs}ms }
tracing: { otlp: { url: 'http://127.0.0.1:${port}/v1/traces' }, sampleRatio: 100% }
`,
  );
  env = { SHOP_POLICY: file };
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  await rm(folder, { recursive: true });
});

describe.each(Object.entries(ways))('a grace that is shorter than the last spans take, with %s', (_, way) => {
  it('is no reason to exit with 1 where no request is under way', async () => {
    const app = new AppProcess({ ...way, env });
    const { url } = await app.ready();
    for (let sent = 0; sent < 20; sent++) await (await fetch(`${url}/who`)).text();
    const began = performance.now();
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
    // Longer than the grace, and no longer than the sinks have.
    expect(performance.now() - began).toBeGreaterThan(3_000);
    expect(performance.now() - began).toBeLessThan(graceMs + 10_000);
  });

  it('cuts a request that is under way, with 1', async () => {
    const app = new AppProcess({ ...way, env });
    const { url, adminUrl } = await app.ready();
    const slow = fetch(`${url}/slow?ms=30000`).catch((cause: unknown) => cause);
    const active = async (): Promise<boolean> =>
      / 1$/m.test(
        (await (await fetch(`${adminUrl}/metrics`)).text()).match(/^http_server_active_requests.*$/m)?.[0] ?? '',
      );
    while (!(await active()));
    const began = performance.now();
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(1);
    expect(await slow).toBeInstanceOf(Error);
    expect(performance.now() - began).toBeLessThan(graceMs + 3_000);
  });
});

import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startWorld, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mobileUpstreams } from '../faults/mobile-upstreams.js';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
let token: string;
beforeAll(async () => {
  world = await startWorld({ upstreams: mobileUpstreams });
  token = await world.token({ user: 'ada', scopes: ['home:read'] });
});
afterAll(() => world.stop());

const main = fileURLToPath(new URL('../../apps/mobile/src/main.ts', import.meta.url));

/** A port that nothing listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const serve = (env: Readonly<Record<string, string>>): AppProcess =>
  new AppProcess({
    script: 'libs/generator/src/main.ts',
    args: ['serve', main, '--processes', '2'],
    env: { ...env, MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0' },
  });

const home = (url: string): Promise<Response> =>
  fetch(`${url}/home`, { headers: { authorization: `Bearer ${token}`, connection: 'close' } });

describe('several processes', () => {
  it('start while every upstream and the issuer are down, and end in order (F26)', async () => {
    const dead = `http://127.0.0.1:${await unusedPort()}`;
    const app = serve(Object.fromEntries(Object.keys(world.env).map((name) => [name, dead])));
    const { url } = await app.ready();
    for (const path of ['/livez', '/readyz']) expect((await fetch(url + path)).status, path).toBe(200);
    expect([502, 503]).toContain((await home(url)).status);
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
  });
});

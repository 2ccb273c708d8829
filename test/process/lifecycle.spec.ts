import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { startWorld, type World } from '@frontage/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppProcess } from './app-process.js';
import { mobileUpstreams } from '../faults/mobile-upstreams.js';

let world: World;
let token: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  world = await startWorld({ upstreams: mobileUpstreams });
  token = await world.token({ user: 'ada', scopes: ['home:read', 'catalogue:read'] });
  env = { ...world.env, MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0', SHUTDOWN_DELAY: '0ms' };
});
afterEach(() => world.clearFaults());
afterAll(() => world?.stop());

interface Answered {
  readonly status: number | undefined;
  readonly body: unknown;
  readonly connection: string | undefined;
}

/** Over a connection that would be kept open, as browsers and proxies do. */
async function ask(url: string, agent: Agent): Promise<Answered> {
  const sent = request(url, { agent, headers: { authorization: `Bearer ${token}` } }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  return { status: response.statusCode, body: await json(response), connection: response.headers.connection };
}

describe('SIGTERM (F25)', () => {
  it('lets a running request end, accepts no other, and exits with 0', async () => {
    const app = new AppProcess({ env });
    const { url } = await app.ready();
    const agent = new Agent({ keepAlive: true });
    expect((await ask(`${url}/home`, agent)).status).toBe(200);
    await world.setFault('orders', { latencyMs: 200 });
    await world.resetCalls();
    const underWay = ask(`${url}/home`, agent);
    await world.untilCalls('orders', (calls) => calls.length === 1);
    const signalledAt = performance.now();
    app.signal('SIGTERM');
    // The listening socket closes before the response arrives.
    while (await accepts(url));
    const answer = await underWay;
    expect([answer.status, answer.connection]).toEqual([200, 'close']);
    expect(await app.ended).toMatchObject({ code: 0, stderr: '' });
    // Not the 72 s for which an idle connection would be kept, nor the 15 s of grace.
    expect(performance.now() - signalledAt).toBeLessThan(3000);
    agent.destroy();
  });

  it('says on the admin port that it is not ready while it drains', async () => {
    const app = new AppProcess({ env });
    const { url, adminUrl } = await app.ready();
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(200);
    // The first request of a process loads code and keys: it takes a part of the deadline.
    expect((await ask(`${url}/home`, new Agent())).status).toBe(200);
    await world.setFault('users', { latencyMs: 300 });
    await world.resetCalls();
    const underWay = ask(`${url}/home`, new Agent());
    await world.untilCalls('users', (calls) => calls.length === 1);
    app.signal('SIGTERM');
    while (await accepts(url));
    expect((await fetch(`${adminUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${adminUrl}/livez`)).status).toBe(200);
    expect((await underWay).status).toBe(200);
    expect((await app.ended).code).toBe(0);
  });

  it('does not wait for a connection on which nothing was asked: clients open them ahead', async () => {
    const app = new AppProcess({ env });
    const { url } = await app.ready();
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
    socket.destroy();
  });

  it('is forced by a second one', async () => {
    const app = new AppProcess({ env });
    const { url } = await app.ready();
    await world.setFault('users', { latencyMs: 500 });
    await world.resetCalls();
    const underWay = ask(`${url}/home`, new Agent()).catch((cause: unknown) => cause);
    await world.untilCalls('users', (calls) => calls.length === 1);
    app.signal('SIGTERM');
    while (await accepts(url));
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(1);
    expect(await underWay).toBeInstanceOf(Error);
  });
});

describe('a start', () => {
  it('needs no upstream and no issuer: readiness says so by policy, liveness does not depend on them (F26)', async () => {
    const nobody = await unusedPort();
    const down = Object.fromEntries(Object.keys(world.env).map((name) => [name, `http://127.0.0.1:${nobody}`]));
    const app = new AppProcess({ env: { ...env, ...down } });
    const { url } = await app.ready();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    // No key of the issuer is known. That is no fault of the client, so it is not told to sign in again.
    expect([502, 503]).toContain((await ask(`${url}/home`, new Agent())).status);
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
  });

  it.each([
    ['port', 'MOBILE_PORT'],
    ['admin port', 'MOBILE_ADMIN_PORT'],
  ])('on a busy %s names it, and the variable that changes it', async (_, variable) => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const app = new AppProcess({ env: { ...env, [variable]: String(port) } });
    expect(await app.ended).toEqual({
      code: 1,
      stdout: '',
      stderr: `port ${port} is in use: end what listens there, or set ${variable} to another one\n`,
    });
    busy.close();
  });

  it('with a variable that is not set ends with one line that says where it is wanted', async () => {
    const { ORDERS_URL: _, ...rest } = env;
    const { code, stderr } = await new AppProcess({ env: { ...rest, ORDERS_URL: '' } }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/apps\/mobile\/bff\.yaml:\d+:\d+ {2}.*ORDERS_URL/);
    expect(stderr).not.toContain('    at ');
  });
});

describe('--describe', () => {
  it('prints the description of the app as JSON, needs no variable, opens no port and makes no call', async () => {
    const { code, stdout, stderr } = await new AppProcess({ args: ['--describe'] }).ended;
    expect([code, stderr]).toEqual([0, '']);
    const description = JSON.parse(stdout) as { readonly endpoints: readonly Record<string, unknown>[] };
    expect(description).toMatchObject({
      formatVersion: 1,
      bff: 'mobile',
      policy: { upstreams: { orders: { urls: ['https://orders-url.unset.invalid'] } } },
    });
    expect(description.endpoints.map(({ method, path }) => `${String(method)} ${String(path)}`).toSorted()).toEqual([
      'GET /cart',
      'GET /home',
      'GET /orders/:id',
      'GET /products/:id',
      'POST /cart/items',
    ]);
    for (const { screen } of description.endpoints) expect(screen).toBeDefined();
  });
});

async function accepts(url: string): Promise<boolean> {
  return fetch(`${url}/livez`).then(
    () => true,
    () => false,
  );
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

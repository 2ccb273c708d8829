import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';
import { isReady } from './steady-clients.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const openForMs = 1_000;
const needy = fileURLToPath(new URL('./fixtures/needy.main.ts', import.meta.url));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

type Mood = 'well' | 'gone' | 'silent' | 'failing' | 'unavailable';

/** A service that can be killed and started again at the same address. */
class Service {
  mood: Mood = 'well';
  readonly asked: string[] = [];
  #server: Server | undefined;
  #port = 0;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.asked.push(`${String(request.method)} ${String(request.url)}`);
      this.#answer(request.url ?? '', response);
    }).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async become(mood: Mood): Promise<void> {
    if (mood === 'gone') await this.stop();
    else if (this.#server === undefined) await this.start();
    this.mood = mood;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
    server?.closeAllConnections();
    if (server !== undefined) await once(server, 'close');
  }

  #answer(path: string, response: ServerResponse): void {
    if (this.mood === 'silent') return;
    const status = { well: 200, failing: 500, unavailable: 503, gone: 503 }[this.mood];
    const known = path === '/' ? 404 : 200;
    response.writeHead(status === 200 ? known : status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'x-1', name: 'Ada', number: 'N-1' }));
  }
}

let folder: string;
const [users, orders] = [new Service(), new Service()];
let app: AppProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-readiness-'));
  await Promise.all([users.start(), orders.start()]);
});
afterEach(async () => {
  app?.signal('SIGKILL');
  await app?.ended;
  for (const service of [users, orders]) {
    await service.become('well');
    service.asked.length = 0;
  }
});
afterAll(async () => {
  await Promise.all([users.stop(), orders.stop()]);
  await rm(folder, { recursive: true });
});

const breaker = `{ failureRatio: 0.5, window: 10s, minimumCalls: 4, openFor: ${openForMs}ms }`;

async function start(
  how: {
    readonly users?: string;
    readonly orders?: string;
    readonly limits?: string;
    readonly processes?: number;
  } = {},
) {
  const file = join(folder, `${String(Math.random())}.yaml`);
  await writeFile(
    file,
    `bff: needy
listen: { port: 0, adminPort: 0 }
access: off
addressLimit: off
limits: { ${how.limits ?? ''} }
log: { requests: false }
upstreamDefaults: { timeout: 300ms, breaker: ${breaker} }
upstreams:
  users: { urls: ['${users.url}'], ${how.users ?? 'required: true'} }
  orders: { urls: ['${orders.url}'], ${how.orders ?? 'required: true'} }
`,
  );
  const env = { NEEDY_POLICY: file };
  app =
    how.processes === undefined
      ? new AppProcess({ script: 'test/process/fixtures/needy.main.ts', env })
      : new AppProcess({
          script: 'libs/generator/src/main.ts',
          args: ['serve', needy, '--processes', String(how.processes)],
          env,
        });
  return app.ready();
}

/** A client that heeds readiness: it asks for pages only while the app says that it is ready. */
async function callWhileReady(url: string, until: (ready: boolean) => boolean, withinMs: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const ready = await isReady(url);
    if (until(ready)) return performance.now() - began;
    if (ready) await fetch(`${url}/both`).then((response) => response.arrayBuffer());
    if (performance.now() - began > withinMs)
      throw new Error(`still ${ready ? 'ready' : 'not ready'} after ${withinMs} ms`);
    await pause(20);
  }
}

describe('an app whose policy says that an upstream is required', () => {
  it.each([
    ['gone', 1_000],
    ['gone', 4_000],
    ['silent', 3_000],
    ['unavailable', 3_000],
  ] as const)(
    'is ready again within openFor + 2 s where it was %s for %i ms, with a client that heeds readiness (F30)',
    async (mood, outageMs) => {
      const { url } = await start();
      await callWhileReady(url, (ready) => ready, 3_000);
      await users.become(mood);
      await callWhileReady(url, (ready) => !ready, 20_000);
      await pause(outageMs);
      expect(await isReady(url)).toBe(false);
      await users.become('well');
      expect(await callWhileReady(url, (ready) => ready, 20_000)).toBeLessThan(openForMs + 2_000);
      // And it serves: the breaker lets calls pass.
      expect((await fetch(`${url}/both`)).status).toBe(200);
    },
  );

  it('waits for the last of several', async () => {
    const { url, adminUrl } = await start();
    await Promise.all([users.become('gone'), orders.become('gone')]);
    await callWhileReady(url, (ready) => !ready, 20_000);
    // Both of them: the calls of the second may not have been made when the first one opened.
    await users.become('well');
    await pause(openForMs + 2_000);
    await callWhileReady(url, (ready) => !ready, 20_000);
    expect(await (await fetch(`${adminUrl}/readyz`)).json()).toMatchObject({
      upstreams: { users: 'up', orders: 'down' },
    });
    await orders.become('well');
    expect(await callWhileReady(url, (ready) => ready, 20_000)).toBeLessThan(openForMs + 2_000);
  });

  it('probes no more often than once per openFor, and with safe methods only', async () => {
    const { url } = await start();
    await users.become('unavailable');
    await callWhileReady(url, (ready) => !ready, 20_000);
    users.asked.length = 0;
    await pause(3 * openForMs + openForMs / 2);
    expect(users.asked.length).toBeGreaterThanOrEqual(2);
    expect(users.asked.length).toBeLessThanOrEqual(4);
    expect(new Set(users.asked)).toEqual(new Set(['HEAD /']));
  });

  it('requests the path of the policy, below the base address, and accepts only 2xx', async () => {
    const { url } = await start({ users: 'required: true, healthPath: "/health/ready?deep=1"' });
    await callWhileReady(url, (ready) => ready, 3_000);
    expect(users.asked[0]).toBe('GET /health/ready?deep=1');
    await users.become('failing');
    await callWhileReady(url, (ready) => !ready, 20_000);
    await pause(2 * openForMs);
    expect(await isReady(url)).toBe(false);
    await users.become('well');
    expect(await callWhileReady(url, (ready) => ready, 20_000)).toBeLessThan(openForMs + 2_000);
  });

  it('starts without it, and is not ready before it responds', async () => {
    await users.become('gone');
    const { url } = await start();
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await isReady(url)).toBe(false);
    await users.become('well');
    expect(await callWhileReady(url, (ready) => ready, 20_000)).toBeLessThan(openForMs + 2_000);
  });

  it('gives the same readiness in all processes, and is ready again as soon', async () => {
    const { url, adminUrl } = await start({ processes: 2 });
    await callWhileReady(url, (ready) => ready, 5_000);
    await users.become('gone');
    await callWhileReady(url, (ready) => !ready, 20_000);
    const voices = await Promise.all([...Array.from({ length: 6 }, () => isReady(url)), isReady(adminUrl)]);
    expect(new Set(voices)).toEqual(new Set([false]));
    await users.become('well');
    expect(await callWhileReady(url, (ready) => ready, 20_000)).toBeLessThan(openForMs + 2_000);
    expect(await isReady(adminUrl)).toBe(true);
  });
});

describe('an app whose policy says of no upstream that it is required', () => {
  it('stays ready while they fail, since no other process would do better', async () => {
    const { url } = await start({ users: 'required: false', orders: 'required: false' });
    await users.become('gone');
    for (let call = 0; call < 20; call++) expect((await fetch(`${url}/both`)).status).toBeGreaterThanOrEqual(500);
    expect(await isReady(url)).toBe(true);
    expect(users.asked).toEqual([]);
  });
});

describe('the response of readiness', () => {
  it('names no upstream on the public port; the admin port does', async () => {
    await users.become('gone');
    const { url, adminUrl } = await start();
    const outside = await fetch(`${url}/readyz`);
    expect([outside.status, await outside.json()]).toEqual([503, { status: 'error' }]);
    const inside = await fetch(`${adminUrl}/readyz`);
    expect([inside.status, await inside.json()]).toEqual([
      503,
      { status: 'error', draining: false, overloaded: false, upstreams: { users: 'down', orders: 'up' } },
    ]);
  });
});

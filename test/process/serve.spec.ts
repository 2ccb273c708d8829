import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';

const policy = (more = ''): string => `bff: shop
listen: { port: '\${SHOP_PORT}', adminPort: '\${SHOP_ADMIN_PORT}' }
access: off
addressLimit: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
shutdown: { grace: 5s }
${more}`;

// Some tests start three processes one after the other, on whatever is left of the machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const shop = fileURLToPath(new URL('./fixtures/shop.main.ts', import.meta.url));

let folder: string;
let file: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-serve-'));
  file = join(folder, 'bff.yaml');
  await writeFile(file, policy());
  env = { SHOP_POLICY: file, SHOP_PORT: '0', SHOP_ADMIN_PORT: '0' };
});
afterAll(() => rm(folder, { recursive: true }));

const serve = (processes: number, more: Readonly<Record<string, string>> = {}): AppProcess =>
  new AppProcess({
    script: 'libs/generator/src/main.ts',
    args: ['serve', shop, '--processes', String(processes)],
    env: { ...env, ...more },
  });

interface Answered {
  readonly status: number | undefined;
  readonly pid: number;
  readonly rateLimit: string | undefined;
}

async function ask(url: string, agent: Agent): Promise<Answered> {
  const sent = request(url, { agent }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { pid } = (await json(response)) as { readonly pid: number };
  return { status: response.statusCode, pid, rateLimit: response.headers['ratelimit'] as string | undefined };
}

interface ProcessRow {
  readonly number?: number;
  readonly pid: number;
  readonly state: string;
  readonly uptimeSeconds: number;
  readonly restarts?: number;
  readonly rssBytes: number | null;
}

async function rows(adminUrl: string): Promise<readonly ProcessRow[]> {
  const page = (await (await fetch(`${adminUrl}/processes`)).json()) as { readonly processes: readonly ProcessRow[] };
  return page.processes;
}

/** Repeats a request until the response matches. */
async function until<T>(read: () => Promise<T> | T, fits: (value: T) => boolean, withinMs = 40_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms; last: ${JSON.stringify(value)}`);
    await pause(10);
  }
}

/** Leaves the processor to the processes that the test waits for. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const allReady = (now: readonly ProcessRow[]): boolean => now.every(({ state }) => state === 'ready');

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** One connection to each process. */
async function connectionToEach(url: string, pids: readonly number[]): Promise<ReadonlyMap<number, Agent>> {
  const agents = new Map<number, Agent>();
  while (agents.size < pids.length) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { pid } = await ask(`${url}/who`, agent);
    if (agents.has(pid)) agent.destroy();
    else agents.set(pid, agent);
  }
  return agents;
}

describe('frontage serve', () => {
  let app: AppProcess;
  let url: string;
  let adminUrl: string;
  beforeAll(async () => {
    app = serve(2);
    const ready = await app.ready();
    expect(ready).toEqual({ ready: true, url: expect.any(String), adminUrl: expect.any(String), processes: 2 });
    ({ url, adminUrl } = ready);
  });
  afterAll(() => app?.signal('SIGKILL'));

  it('serves in the given number of processes, behind one port, and reports them', async () => {
    const now = await rows(adminUrl);
    expect(now).toEqual(
      [1, 2].map((number) => ({
        number,
        restarts: 0,
        pid: expect.any(Number),
        state: 'ready',
        uptimeSeconds: expect.any(Number),
        rssBytes: expect.any(Number),
      })),
    );
    const pids = now.map(({ pid }) => pid);
    const agents = await connectionToEach(url, pids);
    expect(new Set(agents.keys())).toEqual(new Set(pids));
    for (const agent of agents.values()) agent.destroy();
  });

  it('has one admin port with the responses of one process', async () => {
    for (const [path, type] of [
      ['/livez', 'application/json'],
      ['/readyz', 'application/json'],
      ['/openapi.json', 'application/json'],
      ['/describe', 'application/json'],
      ['/docs', 'text/html; charset=utf-8'],
      ['/docs/favicon-32x32.png', 'image/png'],
    ]) {
      const page = await fetch(adminUrl + path);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 200, type]);
    }
    expect(await (await fetch(`${adminUrl}/describe`)).json()).toMatchObject({ bff: 'shop' });
    expect((await fetch(`${adminUrl}/elsewhere`)).status).toBe(404);
  });

  it('lists the breakers, the addresses and the log levels of every process, and hands on what an operator changes', async () => {
    expect(await (await fetch(`${adminUrl}/addresses`)).json()).toEqual({
      processes: [1, 2].map((number) => ({ number, addresses: [] })),
    });
    expect(await (await fetch(`${adminUrl}/breakers`)).json()).toEqual({
      processes: [1, 2].map((number) => ({ number, breakers: [] })),
    });
    const post = async (
      body: unknown,
      headers: Readonly<Record<string, string>> = {},
      path = '/breakers',
    ): Promise<[number, unknown]> => {
      const response = await fetch(adminUrl + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return [response.status, await response.json().catch(() => undefined)];
    };
    // The responses of the processes, which know their upstreams: this app has none.
    expect(await post({ upstream: 'orders', state: 'open' })).toEqual([
      404,
      { detail: 'there is no breaker of orders; GET /breakers lists them' },
    ]);
    expect(await post({ upstream: 'orders', state: 'half' })).toEqual([
      400,
      { detail: '"state" takes one of open, closed, automatic' },
    ]);
    expect((await post({ upstream: 'orders', state: 'open' }, { origin: 'http://evil.test' }))[0]).toBe(415);
    const level = { logger: 'Orders', level: 'debug' };
    expect(await post(level, {}, '/log-levels')).toEqual([200, { ...level, forSeconds: 600 }]);
    expect(await (await fetch(`${adminUrl}/log-levels`)).json()).toMatchObject({
      processes: [1, 2].map((number) => ({ number, changed: [level] })),
    });
  });

  it('counts a rate limit over all processes, and gives the whole of it to one connection', async () => {
    const pids = (await rows(adminUrl)).map(({ pid }) => pid);
    const [one, other] = (await connectionToEach(url, pids)).values();
    if (one === undefined || other === undefined) throw new Error('unreachable: there are two');
    for (let index = 0; index < 50; index++) await ask(`${url}/counted`, one);
    let own = 0;
    const left = async (): Promise<number> => {
      own++;
      return Number(/;r=(\d+);/.exec((await ask(`${url}/counted`, other)).rateLimit ?? '')?.[1]);
    };
    await until(left, (free) => free === 100_000 - 50 - own);
    one.destroy();
    other.destroy();
  });

  it('keeps the old processes where the new version does not start, and says why', async () => {
    const before = await rows(adminUrl);
    await writeFile(file, policy('colour: red\n'));
    app.signal('SIGUSR2');
    await until(
      () => app.said,
      (said) => said.includes('colour'),
    );
    expect(app.said).toMatch(
      /^the replacement is given up, and the 2 processes that serve stay: process \d+ did not start:\n[^]*bff\.yaml:7:1 {2}unknown key "colour"/,
    );
    await writeFile(file, policy());
    const after = await until(() => rows(adminUrl), allReady);
    expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
  });

  it('replaces one process after the other on SIGHUP: under load not one request fails, and no count is lost', async () => {
    const before = await rows(adminUrl);
    const old = new Set(before.map(({ pid }) => pid));
    const countOf = async (): Promise<number> => {
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      return Number(
        /^http_server_request_duration_seconds_count\{.*http_route="\/who".*\} (\d+)$/m.exec(text)?.[1] ?? 0,
      );
    };
    const connections = await connectionToEach(url, [...old]);
    const countedBefore = await countOf();
    const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const seen = new Set<number>();
    const failed: unknown[] = [];
    let answered = 0;
    const done = new AbortController();
    const load = agents.map(async (agent, index) => {
      while (!done.signal.aborted) {
        // Half of them without a pause, half with connections that are idle in between.
        if (index % 2 === 0) await pause(5 * index);
        try {
          const { status, pid } = await ask(`${url}/who`, agent);
          if (status !== 200) failed.push(status);
          seen.add(pid);
          answered++;
        } catch (cause) {
          failed.push(cause);
        }
      }
    });
    // Longer than the time until its process is told to end: the request still ends there.
    const first = before[0]?.pid ?? 0;
    const slow = ask(`${url}/slow?ms=2500`, connections.get(first) ?? new Agent());
    app.signal('SIGHUP');
    const after = await until(
      () => rows(adminUrl),
      (now) => allReady(now) && now.length === 2 && now.every(({ pid }) => !old.has(pid)),
    );
    await until(
      () => [...seen],
      () => [...before, ...after].every(({ pid }) => seen.has(pid)),
    );
    done.abort();
    await Promise.all(load);
    expect(failed).toEqual([]);
    expect(await slow).toMatchObject({ status: 200, pid: first });
    // The counts of ended processes are included.
    await until(countOf, (count) => count === countedBefore + answered);
    expect(after.map(({ restarts }) => restarts)).toEqual([0, 0]);
    for (const agent of [...agents, ...connections.values()]) agent.destroy();
  });

  it('replaces a process that crashes', async () => {
    const before = await rows(adminUrl);
    await expect(ask(`${url}/crash`, new Agent())).rejects.toThrow();
    const after = await until(
      () => rows(adminUrl),
      (now) => allReady(now) && now.some(({ restarts }) => restarts === 1),
    );
    const gone = before.find(({ pid }) => !after.some((row) => row.pid === pid));
    expect(app.said).toContain(`the shop burns\nprocess ${gone?.pid} ended with code 3; another one takes its place\n`);
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expect(metrics).toContain('\nfrontage_process_restarts_total 1\n');
    expect(metrics).toContain('\nfrontage_processes{state="ready"} 2\n');
  });

  it('lets running requests end on SIGTERM, is not ready meanwhile, and exits with 0', async () => {
    const pids = (await rows(adminUrl)).map(({ pid }) => pid);
    const slow = ask(`${url}/slow?ms=600`, new Agent());
    await until(
      async () => (await fetch(`${adminUrl}/metrics`)).text(),
      (text) => text.includes('\nhttp_server_active_requests 1\n'),
    );
    app.signal('SIGTERM');
    await until(
      async () => (await fetch(`${adminUrl}/readyz`)).status,
      (status) => status === 503,
    );
    expect((await fetch(`${adminUrl}/livez`)).status).toBe(200);
    expect((await slow).status).toBe(200);
    expect((await app.ended).code).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('a primary', () => {
  it('that is killed leaves no process behind; a second signal cuts running requests', async () => {
    const [killed, cut] = [serve(1), serve(1)];
    const [{ adminUrl }, other] = await Promise.all([killed.ready(), cut.ready()]);
    const pids = (await rows(adminUrl)).map(({ pid }) => pid);
    killed.signal('SIGKILL');
    const slow = ask(`${other.url}/slow?ms=4000`, new Agent()).catch((cause: unknown) => cause);
    await until(
      async () => (await fetch(`${other.adminUrl}/metrics`)).text(),
      (text) => text.includes('\nhttp_server_active_requests 1\n'),
    );
    cut.signal('SIGINT');
    await until(
      async () => (await fetch(`${other.adminUrl}/readyz`)).status,
      (status) => status === 503,
    );
    cut.signal('SIGINT');
    expect((await cut.ended).code).toBe(1);
    expect(await slow).toBeInstanceOf(Error);
    await until(
      () => pids.filter(isAlive),
      (alive) => alive.length === 0,
    );
  });

  it('exits with 1 where no process gets ready, and prints their messages once', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const inUse = (variable: string): object => ({
      code: 1,
      stdout: '',
      stderr: `port ${port} is in use: end what listens there, or set ${variable} to another one\n`,
    });
    const taken = serve(2, { SHOP_PORT: String(port) });
    const adminTaken = serve(1, { SHOP_ADMIN_PORT: String(port) });
    expect(await taken.ended).toEqual(inUse('SHOP_PORT'));
    expect(await adminTaken.ended).toEqual(inUse('SHOP_ADMIN_PORT'));
    busy.close();
  });
});

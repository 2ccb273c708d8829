import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const requests = 3_000;
const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const policy = (log: string, collector: number): string => `bff: shop
listen: { port: 0, adminPort: 0 }
access: off
admission: off
addressLimit: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
shutdown: { delay: 0ms, grace: 9s }
tracing: { otlp: { url: 'http://127.0.0.1:${collector}/v1/traces' }, sampleRatio: 100% }
metrics: { otlp: { url: 'http://127.0.0.1:${collector}/v1/metrics', every: 1s } }
${log}`;

/** A collector that takes connections and never responds. */
let silent: Server;
const sockets = new Set<Socket>();
let refused = 0;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-sinks-'));
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  refused = portOf(gone);
  gone.close();
});
let child: Pick<ChildProcess, 'kill'> | undefined;
afterEach(() => child?.kill('SIGKILL'));
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  await rm(folder, { recursive: true });
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port; // the address of a TCP server that listens

interface Served {
  readonly statuses: ReadonlySet<number>;
  readonly code: number | null;
  readonly endedAfterMs: number;
}

/** Serves many requests with these sinks, and ends. Of standard output, the line that says where it serves is read, and nothing else. */
async function serve(log: string, collector: number): Promise<Served> {
  const file = join(folder, 'shop.yaml');
  await writeFile(file, policy(log, collector));
  const { NODE_OPTIONS: _, npm_command: __, ...inherited } = process.env;
  const hook = source('register-decorators.mjs');
  const running = spawn(
    process.execPath,
    ['--conditions=@frontage/source', '--import', hook, source('fixtures/shop.main.ts')],
    { cwd: workspaceRoot, env: { ...inherited, SHOP_POLICY: file }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  child = running;
  const exited = once(running, 'exit').then(([code]: (number | null)[]) => code ?? null);
  running.stdout.setEncoding('utf8');
  const [first] = await once(running.stdout, 'data');
  running.stdout.pause();
  const { url } = JSON.parse(String(first)) as { readonly url: string };
  const statuses = new Set<number>();
  const ask = async (): Promise<void> => {
    const response = await fetch(`${url}/who`);
    await response.text();
    statuses.add(response.status);
  };
  for (let sent = 0; sent < requests; sent += 30) await Promise.all(Array.from({ length: 30 }, ask));
  const began = performance.now();
  running.kill('SIGTERM');
  const code = await exited;
  return { statuses, code, endedAfterMs: performance.now() - began };
}

const sinks: readonly (readonly [string, string, () => number])[] = [
  ['standard output that nobody reads and a collector that never responds', '', () => portOf(silent)],
  ['standard output that nobody reads and a collector that is gone', '', () => refused],
  ['a full disk and a collector that never responds', 'log: { file: /dev/full }\n', () => portOf(silent)],
];

describe('sinks that take nothing (R5, F37)', () => {
  it.skipIf(!existsSync('/dev/full')).each(sinks)('%s cost no request and no exit', async (_, log, collector) => {
    const { statuses, code, endedAfterMs } = await serve(log, collector());
    expect([...statuses]).toEqual([200]);
    expect(code).toBe(0);
    // Within the grace: one second for connections, five for the last spans and metrics, one for the log.
    expect(endedAfterMs).toBeLessThan(9_000);
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSandbox, type Sandbox } from '@frontage/sandbox';
import { sourceArguments } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from '../process/app-process.js';
import type { LoadOrder, Sender, Sent } from './fixtures/load-generator.js';

/** `OVERLOAD_SECONDS=120 npx vitest run test/faults/overload.spec.ts` keeps the load up for longer. */
const seconds = Number(process.env['OVERLOAD_SECONDS'] ?? 6);
vi.setConfig({ testTimeout: 60_000 + 2_000 * seconds, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'overload-'));
const policy = (issuer: string): string => `bff: busy
listen: { port: 0, adminPort: 0 }
log: { level: silent }
access: { jwt: { issuer: '${issuer}', audience: busy, jwks: '${issuer}/jwks.json' } }
tiers: [{ role: paying }]
admission: { priorities: { export: low } }
rateClasses:
  interactive: [{ per: app, limit: 100000000, window: 1h }]
  export: [{ per: app, limit: 100000000, window: 1h }]
`;

let issuer: Sandbox;
let app: AppProcess;
let url: string;
const tokens = { paying: '', modest: '', greedy: '' };

beforeAll(async () => {
  issuer = await createSandbox({ contracts: [], behaviours: {} });
  for (const subject of Object.keys(tokens) as (keyof typeof tokens)[])
    tokens[subject] = await issuer.issueToken({
      subject,
      roles: subject === 'paying' ? ['paying'] : [],
      scopes: ['page:read'],
      audience: 'busy',
    });
  const file = join(folder, 'bff.yaml');
  writeFileSync(file, policy(`${issuer.url}/issuer`));
  app = new AppProcess({ script: 'test/faults/fixtures/busy.main.ts', env: { BUSY_POLICY: file } });
  ({ url } = await app.ready());
});
afterAll(async () => {
  app.signal('SIGTERM');
  await app.ended;
  await issuer.close();
  rmSync(folder, { recursive: true });
});

/** Sends the load from a process of its own. */
async function load<Names extends string>(
  forSeconds: number,
  senders: readonly (Sender & { readonly name: Names })[],
): Promise<Readonly<Record<Names, Sent>>> {
  const script = fileURLToPath(new URL('fixtures/load-generator.ts', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, sourceArguments(script), { stdio: ['pipe', 'pipe', 'inherit'], env });
  // Below the process that asks for health: the time that this one waits for a core is no time of the gateway.
  if (child.pid !== undefined) setPriority(child.pid, 15);
  const order: LoadOrder = { port: Number(new URL(url).port), seconds: forSeconds, senders };
  child.stdin.end(JSON.stringify(order));
  return JSON.parse(await text(child.stdout)) as Readonly<Record<Names, Sent>>;
}

const sender = <Name extends keyof typeof tokens>(name: Name, rate: number, connections: number, path = '/page') => ({
  name,
  path,
  token: tokens[name],
  rate,
  connections,
});

const success = ({ good, due }: Sent): number => good / due;

/** Seconds of CPU that the app has used so far, from the tenth of `/proc/<pid>/stat`. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${app.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Other processes share the machine: figures are those of a second in which the app has a core for itself. */
async function measured<T>(
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly cpu: number; readonly share: number }> {
  const [at, before] = [performance.now(), cpuSeconds()];
  const result = await act();
  const cpu = cpuSeconds() - before;
  return { result, cpu, share: Math.min(1, (cpu * 1_000) / (performance.now() - at)) };
}

/** Shedding begins within this time; before it, every page that has come already is in the way of what comes next. */
const ONSET_MS = 1_000;

/** Asks for health every 50 ms over connections of its own, until it is stopped; the figures are those after the onset. */
function watchHealth(): { readonly stop: () => Promise<number[]> } {
  const took: number[] = [];
  const began = performance.now();
  const ended = new AbortController();
  const work = (async () => {
    while (!ended.signal.aborted) {
      const at = performance.now();
      const { status } = await fetch(`${url}/livez`);
      if (status !== 200) throw new Error(`health said ${status}`);
      if (at - began > ONSET_MS) took.push(performance.now() - at);
      await pause(50);
    }
  })();
  return {
    stop: async () => {
      ended.abort();
      await work;
      return took.toSorted((a, b) => a - b);
    },
  };
}

/** Requests per second of CPU for two clients that wait for their responses: all of the CPU is used, and nothing waits for long. */
async function peak(): Promise<{ readonly perCpuSecond: number; readonly perSecond: number }> {
  await load(1, [sender('modest', 0, 2)]);
  const { result, cpu } = await measured(() => load(3, [sender('modest', 0, 2)]));
  return { perCpuSecond: result.modest.good / cpu, perSecond: result.modest.good / 3 };
}

describe('under ten times the load that a process can serve (F24)', () => {
  it('it serves who matters, sheds the rest quickly, says so with a jittered Retry-After, and is well again at once', async () => {
    const { perCpuSecond, perSecond: most } = await peak();
    const health = watchHealth();
    const { result, cpu, share } = await measured(() =>
      load(seconds, [
        sender('paying', most * 0.3, 16),
        sender('modest', most * 0.1, 8),
        sender('greedy', most * 9.6, 64),
      ]),
    );
    const { paying, modest, greedy } = result;
    const took = await health.stop();
    const goodput = (paying.good + modest.good + greedy.good) / cpu;
    const after = await load(3, [sender('paying', most * 0.2, 8), sender('modest', most * 0.2, 8)]);
    const figures = {
      peak: Math.round(most),
      goodput: goodput / perCpuSecond,
      'share of a core': share,
      paying: success(paying),
      modest: success(modest),
      greedy: success(greedy),
      'p99 of paying, ms': Math.round(paying.p99),
      'p95 of health, ms': Math.round(took[Math.floor(took.length * 0.95)] ?? 0),
      'worst of health, ms': Math.round(took.at(-1) ?? 0),
      after: [success(after.paying), success(after.modest)],
      'p99 after': [Math.round(after.paying.p99), Math.round(after.modest.p99)],
      'retry-after': greedy.retryAfter.toSorted((a, b) => a - b),
    };
    process.stdout.write(`overload: ${JSON.stringify(figures)}\n`);
    expect(figures['retry-after']).toEqual([1, 2, 3]);
    expect(figures.paying).toBeGreaterThan(figures.greedy);
    expect(figures.modest).toBeGreaterThan(figures.greedy);
    expect(figures.greedy).toBeLessThan(0.2);
    // The figures of a process that has no core for itself are those of the processes beside it.
    if (share < 0.7) return;
    expect(figures.goodput).toBeGreaterThan(0.8);
    expect(figures.paying).toBeGreaterThan(0.95);
    expect(figures.modest).toBeGreaterThan(0.7);
    // The process that asks for health needs a part of the other core at that moment.
    if (share > 0.95) expect(figures['p95 of health, ms']).toBeLessThan(100);
    // Within the first seconds after the load, nobody is turned away any longer.
    expect(Math.min(...figures.after)).toBeGreaterThan(0.9);
  });
});

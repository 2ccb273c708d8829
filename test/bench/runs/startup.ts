import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { scenarios } from '../scenarios/scenarios.js';
import { spread, type Spread } from '../statistics.js';
import { freePorts, serverCore, startPinned } from './child.js';
import type { Support } from './support.js';
import { policyEnvironment, serverEnvironment } from './targets.js';
import { startUpstreams } from './upstreams.js';

export interface StartupResult {
  readonly name: string;
  /** From the start of the process until it said that it is ready. */
  readonly ms: Spread;
  /** To importing Nest and Fastify, within the same turn. */
  readonly ratio: Spread;
}

const turns = 10;
const bench = join(import.meta.dirname, '..');
const workspace = join(bench, '../../..');

/** The time until one BFF is ready, beside the time of the import that no Nest app on Fastify can do without. */
export async function measureStartup(
  support: Support,
  folder: string,
  progress: (text: string) => void,
): Promise<StartupResult[]> {
  const [home] = scenarios;
  if (home === undefined) return [];
  const upstreams = await startUpstreams(home, 0);
  const world = { scenario: home, support, folder, upstreamUrl: upstreams.url, upstreamConnections: 64 };
  const start = async (script: string, mode = 'nothing-on', more: NodeJS.ProcessEnv = {}): Promise<number> => {
    const [port = 0, adminPort = 0] = await freePorts(2);
    return untilReady(script, {
      ...serverEnvironment(world, port),
      ...policyEnvironment(mode, bench),
      ADMIN_PORT: String(adminPort),
      LOG_FILE: join(folder, 'startup.log'),
      ...more,
    });
  };
  progress('packing mobile');
  const packed = join(folder, 'mobile');
  const command = [join(workspace, 'libs/generator/bin/frontage.js'), 'pack', 'mobile', '--out', packed];
  execFileSync(process.execPath, command, { cwd: workspace, stdio: ['ignore', 'ignore', 'inherit'] });
  const cache = { NODE_COMPILE_CACHE: join(folder, 'code') };
  const mobile = join(workspace, 'apps/mobile/dist/main.js');
  const starts = [
    { name: 'importing Nest and Fastify', run: () => start('import-nest') },
    { name: 'nothing-on', run: () => start('frontage') },
    { name: 'everything-on', run: () => start('frontage', 'everything-on') },
    { name: 'nothing-on, as frontage serve', run: () => start('frontage', 'nothing-on', cache) },
    { name: 'everything-on, as frontage serve', run: () => start('frontage', 'everything-on', cache) },
    { name: 'mobile', run: () => untilReadyLine(mobile, {}) },
    { name: 'mobile, as frontage serve', run: () => untilReadyLine(mobile, cache) },
    { name: 'mobile, packed', run: () => untilReadyLine(join(packed, 'main.js'), {}) },
  ];
  const times = starts.map((): number[] => []);
  try {
    // The first turn reads files that no process has read before.
    for (let turn = 0; turn <= turns; turn++) {
      progress(`start, turn ${turn} of ${turns}`);
      for (const [i, { run }] of starts.entries()) {
        const ms = await run();
        if (turn > 0) times[i]?.push(ms);
      }
    }
  } finally {
    upstreams.stop();
  }
  return starts.map(({ name }, i) => ({
    name,
    ms: spread(times[i] ?? []),
    ratio: spread((times[i] ?? []).map((ms, turn) => ms / (times[0]?.[turn] ?? Number.NaN))),
  }));
}

/** The process sends a message once it is ready. */
async function untilReady(script: string, env: NodeJS.ProcessEnv): Promise<number> {
  const began = performance.now();
  const command = [process.execPath, join(bench, 'servers', `${script}.js`)];
  const child: ChildProcess = startPinned(serverCore, command, env, 'ipc');
  await once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  const ms = performance.now() - began;
  // With the signal it writes what it compiled, where it has a place for that.
  child.kill('SIGTERM');
  await once(child, 'exit');
  return ms;
}

/** An app of the workspace, which prints a line once it is ready. Its services are not there, and it does not call them. */
async function untilReadyLine(script: string, more: NodeJS.ProcessEnv): Promise<number> {
  const addresses = ['ISSUER', ...services].map((name) => [`${name}_URL`, 'http://127.0.0.1:9']);
  const env = { ...Object.fromEntries(addresses), MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0', SHUTDOWN_DELAY: '0ms' };
  const began = performance.now();
  const child = startPinned(serverCore, [process.execPath, script], { ...env, ...more }, 'ignore', 'pipe');
  if (child.stdout === null) throw new Error('unreachable: stdout is a pipe');
  await once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(30_000) });
  const ms = performance.now() - began;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return ms;
}

const services = [
  'USERS',
  'CATALOGUE',
  'INVENTORY',
  'CARTS',
  'ORDERS',
  'SHIPPING',
  'REVIEWS',
  'RECOMMENDATIONS',
  'CONTENT',
];

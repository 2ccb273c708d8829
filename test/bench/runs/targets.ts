import type { ChildProcess } from 'node:child_process';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { memoryFlags } from '@frontage/core';
import type { Target } from '../load/closed-loop.js';
import { treeUsage, usageOf, type Usage } from '../load/probe.js';
import type { Scenario } from '../scenarios/scenarios.js';
import { answering, freePorts, serverCore, startPinned } from './child.js';
import type { Support } from './support.js';
import type { Bytes } from './upstreams.js';

/** One thing to measure, independent of the server. */
export interface Setting {
  readonly scenario: Scenario;
  readonly bytes: Bytes;
  readonly latencyMs: number;
}

export interface World {
  readonly scenario: Scenario;
  readonly upstreamUrl: string;
  readonly support: Support;
  /** For the logs of the servers. */
  readonly folder: string;
  /** Connections of each server to its upstream. */
  readonly upstreamConnections: number;
}

/** The servers that are compared. */
export interface Server {
  readonly name: string;
  /** The headers of its requests. @default the token */
  readonly headersOf?: (started: Started, support: Support) => Promise<Readonly<Record<string, string>>>;
  start(world: World): Promise<Started>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adminUrl?: string | undefined;
  /** True if `servers/probe.ts` is in it. */
  readonly hasProbe: boolean;
  /** Headers that it needs beside the token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A server of others: the screen in its response, whose values are those of ours in an order of its own. */
  readonly screenIn?: (body: unknown) => unknown;
}

export interface Running extends Target, Omit<Started, 'headers'> {
  readonly name: string;
}

/** A server of the folder `servers/` of a checkout. */
export function ownServer(
  name: string,
  script: string,
  mode?: string,
  bench = join(import.meta.dirname, '..'),
): Server {
  return scriptServer(
    name,
    join(bench, 'servers', `${script}.js`),
    mode === undefined ? undefined : policyEnvironment(mode, bench),
  );
}

/** A Frontage app whose policy is in a file of its own. @param env `CONFIG` and `PARTS` @param headersOf see {@link Server} */
export const configuredServer = (name: string, env: NodeJS.ProcessEnv, headersOf?: Server['headersOf']): Server => ({
  ...scriptServer(name, join(import.meta.dirname, '../servers/frontage.js'), env),
  ...(headersOf && { headersOf }),
});

/** @param policy of an app of ours, which has an admin port */
function scriptServer(name: string, script: string, policy: NodeJS.ProcessEnv | undefined): Server {
  return {
    name,
    start: async (world) => {
      const [port = 0, adminPort = 0] = await freePorts(2);
      const probe = ['--import', join(import.meta.dirname, '../servers/probe.js')];
      const child = startPinned(
        serverCore,
        [process.execPath, ...(policy === undefined ? [] : ourFlags()), ...probe, script],
        {
          ...serverEnvironment(world, port),
          LOG_FILE: join(world.folder, `${name.replaceAll(' ', '-')}.log`),
          ADMIN_PORT: String(adminPort),
          ...policy,
        },
        'ipc',
      );
      // Otherwise the first listener gets it and takes it for a reply to its own question.
      child.on('message', () => {});
      const adminUrl = policy === undefined ? undefined : `http://127.0.0.1:${adminPort}`;
      return { child, url: `http://127.0.0.1:${port}${world.scenario.path}`, adminUrl, hasProbe: true };
    },
  };
}

/** The flags that `frontage serve` gives to a process. */
const ourFlags = (): string[] =>
  memoryFlags({
    processes: 1,
    hasPrimary: false,
    constrainedBytes: process.constrainedMemory(),
    totalBytes: totalmem(),
    given: [process.env['NODE_OPTIONS'] ?? ''],
  });

/** The settings of every server. */
export function serverEnvironment(world: World, port: number): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    SCENARIO: world.scenario.name,
    PORT: String(port),
    UPSTREAM: world.upstreamUrl,
    CONNECTIONS: String(world.upstreamConnections),
    ISSUER_URL: world.support.issuerUrl,
    OTLP_URL: world.support.otlpUrl,
    API_KEYS_FILE: world.support.apiKeysFile,
  };
}

/** The name of the server of the other commit in a comparison. */
export const nameOfTheirs = (name: string): string => `${name} (theirs)`;

/** A Frontage app under `frontage serve`; its processes share the core. */
export function servedBy(processes: number, mode: string): Server {
  const bench = join(import.meta.dirname, '..');
  const command = join(bench, '../../../libs/generator/bin/frontage.js');
  return {
    name: `${mode}, ${processes} ${processes === 1 ? 'process' : 'processes'}`,
    start: async (world) => {
      const [port = 0, adminPort = 0] = await freePorts(2);
      const script = join(bench, 'servers/frontage.js');
      const child = startPinned(
        serverCore,
        [process.execPath, command, 'serve', script, '--processes', String(processes)],
        {
          ...serverEnvironment(world, port),
          ...policyEnvironment(mode, bench),
          LOG_FILE: join(world.folder, `${mode}-${processes}.log`),
          ADMIN_PORT: String(adminPort),
        },
      );
      return { child, url: `http://127.0.0.1:${port}${world.scenario.path}`, hasProbe: false };
    },
  };
}

export const policyEnvironment = (mode: string, bench: string): NodeJS.ProcessEnv => ({
  MODE: mode,
  CONFIG: join(bench, '../servers', `${mode}.yaml`),
});

const bare = ownServer('bare', 'bare');
const nothingOn = ownServer('nothing-on', 'frontage', 'nothing-on');
export const everythingOn = ownServer('everything-on', 'frontage', 'everything-on');
const nestAxios = ownServer('nest-axios', 'nest-axios');

/** The same over the general client: `transport: undici`. */
const overUndici: readonly Server[] = [
  ownServer('nothing-on, undici', 'frontage', 'nothing-on-undici'),
  ownServer('everything-on, undici', 'frontage', 'everything-on-undici'),
];

/** Ratios are to the first one of each list. */
export const ours: readonly Server[] = [bare, nothingOn, everythingOn];
export const withNest: readonly Server[] = [...ours, nestAxios];
/** Beside it one whose policy lets identical reads share one call. */
export const withShared: readonly Server[] = [
  ...ours,
  ownServer('everything-on, shared', 'frontage', 'everything-on-shared'),
  nestAxios,
];
/** The servers that `--profile` measures. */
export const profiled: readonly Server[] = [...ours, ...overUndici];
export const usual: readonly Server[] = [...ours, ...overUndici, nestAxios];
export const all: readonly Server[] = [
  ...usual,
  ownServer('bare-request', 'bare-request'),
  ownServer('fastify-undici', 'fastify-undici'),
];

/**
 * Starts the servers and waits until all return the same response.
 * @param bytesRepeat whether those of the upstreams do; otherwise the responses cannot be compared
 */
export async function startTargets(world: World, chosen: readonly Server[], bytesRepeat = true): Promise<Running[]> {
  const running: Running[] = [];
  try {
    for (const server of chosen) {
      const started = await server.start(world);
      const own = await server.headersOf?.(started, world.support);
      const headers = own ?? { authorization: `Bearer ${world.support.token}`, ...started.headers };
      const target = { name: server.name, ...started, headers };
      running.push(target);
      await answering(target.url, target.child, target.headers);
    }
    if (bytesRepeat) await checkSameAnswer(world.scenario, running);
    return running;
  } catch (cause) {
    stopTargets(running);
    throw cause;
  }
}

export function stopTargets(running: readonly Running[]): void {
  // Those that have processes below them end them in order.
  for (const { child, hasProbe } of running) child.kill(hasProbe ? 'SIGKILL' : 'SIGTERM');
}

/** CPU time of the whole server so far, in microseconds, and its resident memory. */
export const usageNow = async ({ child, hasProbe }: Running): Promise<UsageSoFar> =>
  hasProbe ? usageOf(child) : treeUsage(child.pid ?? 0);

type UsageSoFar = Pick<Usage, 'cpuUs' | 'rssBytes'> & Partial<Pick<Usage, 'systemUs'>>;

/** A benchmark of servers with different responses would be meaningless. The bytes of the upstreams repeat during this check. */
async function checkSameAnswer(scenario: Scenario, running: readonly Running[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const { name, url, child, headers } of running.filter(({ screenIn }) => screenIn === undefined))
    seen.set((await answering(url, child, headers)).toString('latin1'), name);
  if (seen.size > 1) throw new Error(`${scenario.name}: these answer differently: ${[...seen.values()].join(', ')}`);
  const [[ours = 'null'] = []] = seen;
  const expected: unknown = JSON.parse(Buffer.from(ours, 'latin1').toString());
  for (const { name, url, child, headers, screenIn } of running) {
    if (screenIn === undefined) continue;
    const body: unknown = JSON.parse((await answering(url, child, headers)).toString());
    if (!isDeepStrictEqual(screenIn(body), expected))
      throw new Error(`${scenario.name}: ${name} answers with other values: ${JSON.stringify(body).slice(0, 500)}`);
  }
}

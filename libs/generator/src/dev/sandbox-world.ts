import { totalmem } from 'node:os';
import { join } from 'node:path';
import { memoryFlags } from '@frontage/core';
import { maxPort, portIsFree, type Processes } from './processes.js';
import { listUpstreams, urlVariable, type AppFolder, type PortSetting } from '../workspace/workspace.js';

/** The sandbox as it runs: where it is, and the environment that points a BFF at it. */
export interface SandboxWorld {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The port of the sandbox where SANDBOX_PORT says no other. */
export const defaultSandboxPort = 4100;

/** The port of the sandbox; `SANDBOX_PORT` moves it. @throws Error where that is no port */
export function sandboxPort(env: NodeJS.ProcessEnv): PortSetting {
  const port = Number(env['SANDBOX_PORT'] ?? defaultSandboxPort);
  if (Number.isInteger(port) && port >= 0 && port <= maxPort) return { port, variable: 'SANDBOX_PORT' };
  throw new Error(
    `SANDBOX_PORT is ${JSON.stringify(env['SANDBOX_PORT'])}: a port from 0 (a free one) to ${maxPort} is expected`,
  );
}

/**
 * @param command what was typed, for the example
 * @throws Error naming the first port that is taken, and the variable that moves it
 */
export async function checkPorts(
  command: string,
  ports: readonly (readonly [who: string, setting: PortSetting])[],
): Promise<void> {
  for (const [who, { port, variable }] of ports) {
    // What is no port is refused by who reads it, with file and line.
    if (!Number.isInteger(port) || port <= 0 || port > maxPort || (await portIsFree(port))) continue;
    const other = port > maxPort - 10_000 ? port - 10_000 : port + 10_000;
    const cure =
      variable === undefined
        ? 'write another one into its bff.yaml.'
        : `choose another one with ${variable}:\n  ${variable}=${other} ${command}`;
    throw new Error(`Port ${port} is in use, and ${who} needs it. End what listens there, or ${cure}`);
  }
}

/** Starts the sandbox and gives the variables with which every upstream's address, and the token issuer's, point at it. */
export async function startSandbox(root: string, processes: Processes, env: NodeJS.ProcessEnv): Promise<SandboxWorld> {
  const { port } = sandboxPort(env);
  const started = await processes.start({
    name: 'sandbox',
    script: join(root, 'libs/sandbox/dist/main.js'),
    cwd: root,
    env: { ...env, SANDBOX_PORT: String(port), SANDBOX_STDIN: 'open' },
  });
  const url = String(started.ready['url']);
  const addresses = listUpstreams(root).map((name) => [urlVariable(name), `${url}/${name}`]);
  // No load balancer stands before what is developed, and an app goes with the command that started it.
  const ends = { SHUTDOWN_DELAY: env['SHUTDOWN_DELAY'] ?? '0ms', FRONTAGE_ENDS_WITH: 'parent' };
  return { url, env: { ...env, ...ends, ...Object.fromEntries(addresses), ISSUER_URL: `${url}/issuer` } };
}

/** The flags of Node with which an app runs as it does in production. */
export const appFlags = (apps: number): string[] =>
  memoryFlags({
    processes: apps,
    hasPrimary: true,
    constrainedBytes: process.constrainedMemory(),
    totalBytes: totalmem(),
    given: [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''],
  });

/** What runs an app once it is built. */
export function appScript(app: AppFolder): string {
  return join(app.folder, 'dist/main.js');
}

import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { memoryFlags } from '@frontage/core';
import { maxPort, portIsFree, type Processes } from './processes.js';
import { sandboxScript } from '../workspace/layout.js';
import { sandboxNames, urlVariable, type AppFolder, type PortSetting } from '../workspace/workspace.js';

/** The running sandbox: its address, and the environment that makes a BFF use it. */
export interface SandboxWorld {
  readonly url: string;
  /** @param app its name: its own upstreams come before shared ones of the same name */
  envFor(app: string): NodeJS.ProcessEnv;
}

/** The port of the sandbox without SANDBOX_PORT. */
export const defaultSandboxPort = 4100;

/** The port of the sandbox; `SANDBOX_PORT` changes it. @throws Error where that is no port */
export function sandboxPort(env: NodeJS.ProcessEnv): PortSetting {
  const port = Number(env['SANDBOX_PORT'] ?? defaultSandboxPort);
  if (Number.isInteger(port) && port >= 0 && port <= maxPort) return { port, variable: 'SANDBOX_PORT' };
  throw new Error(
    `SANDBOX_PORT is ${JSON.stringify(env['SANDBOX_PORT'])}: a port from 0 (a free one) to ${maxPort} is expected`,
  );
}

/**
 * @param command the command line, for the example
 * @throws Error that names the first port in use, and the variable that changes it
 */
export async function checkPorts(
  command: string,
  ports: readonly (readonly [who: string, setting: PortSetting])[],
): Promise<void> {
  for (const [who, { port, variable }] of ports) {
    // An invalid port is refused by the reader of bff.yaml, with file and line.
    if (!Number.isInteger(port) || port <= 0 || port > maxPort || (await portIsFree(port))) continue;
    const other = port > maxPort - 10_000 ? port - 10_000 : port + 10_000;
    const cure =
      variable === undefined
        ? 'write another one into its bff.yaml.'
        : `choose another one with ${variable}:\n  ${variable}=${other} ${command}`;
    throw new Error(`Port ${port} is in use, and ${who} needs it. End what listens there, or ${cure}`);
  }
}

/**
 * Starts the sandbox.
 * @param real variables with the addresses of real upstreams, which the sandbox does not replace
 * @returns its address, and for an app the variables that set its other upstreams and the token issuer to it
 */
export async function startSandbox(
  root: string,
  processes: Processes,
  env: NodeJS.ProcessEnv,
  real: Readonly<Record<string, string>> = {},
): Promise<SandboxWorld> {
  const { port } = sandboxPort(env);
  const started = await processes.start({
    name: 'sandbox',
    script: sandboxOf(root),
    cwd: root,
    env: { ...env, SANDBOX_PORT: String(port), SANDBOX_STDIN: 'open' },
  });
  const url = String(started.ready['url']);
  // In development no load balancer needs time, and an app ends with the command that started it.
  const ends = { SHUTDOWN_DELAY: env['SHUTDOWN_DELAY'] ?? '0ms', FRONTAGE_ENDS_WITH: 'parent' };
  // Frontends may ask for states of a screen: X-Frontage-Scenario.
  const states = { FRONTAGE_SCENARIOS: 'on' };
  const page = { FRONTAGE_DEVELOPER_PAGE: url };
  const envFor = (app: string): NodeJS.ProcessEnv => {
    const addresses = [...sandboxNames(root, app)].map(([name, served]) => [urlVariable(name), `${url}/${served}`]);
    return {
      ...env,
      ...ends,
      ...states,
      ...page,
      ...publicUrl(app, env),
      ...Object.fromEntries(addresses),
      ISSUER_URL: `${url}/issuer`,
      ...real,
    };
  };
  return { url, envFor };
}

/** Browsers find an app at another port where a variable says so: its logins lead there. */
function publicUrl(app: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const prefix = urlVariable(app).replace(/_URL$/, '');
  const port = env[`${prefix}_PORT`];
  return port === undefined ? {} : { [`${prefix}_PUBLIC_URL`]: `http://localhost:${port}` };
}

/** @throws Error where the workspace has no sandbox, or it is not built */
export function sandboxOf(root: string): string {
  const script = sandboxScript(root);
  if (script === undefined) throw new Error('@frontage/sandbox is missing: run `npm install` first');
  if (!existsSync(script)) throw new Error(`${relative(root, script)} is missing: run \`npm run build\` first`);
  return script;
}

/** The flags of Node for an app: its memory as in production, and messages that name places in the sources. */
export const appFlags = (apps: number): string[] => [
  '--enable-source-maps',
  ...memoryFlags({
    processes: apps,
    hasPrimary: true,
    constrainedBytes: process.constrainedMemory(),
    totalBytes: totalmem(),
    given: [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''],
  }),
];

/** The built main script of an app. */
export function appScript(app: AppFolder): string {
  return join(app.folder, 'dist/main.js');
}

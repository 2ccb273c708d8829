import { join } from 'node:path';
import { portIsFree, type Processes } from './processes.js';
import { listUpstreams, urlVariable, type AppFolder, type PortSetting } from './workspace.js';

/** The sandbox as it runs: where it is, and the environment that points a BFF at it. */
export interface SandboxWorld {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
}

const defaultPort = 4100;

/** The port of the sandbox; `SANDBOX_PORT` moves it. */
export function sandboxPort(env: NodeJS.ProcessEnv): PortSetting {
  return { port: Number(env['SANDBOX_PORT'] ?? defaultPort), variable: 'SANDBOX_PORT' };
}

/** @throws Error naming the first port that is taken, and the variable that moves it */
export async function checkPorts(ports: readonly (readonly [who: string, setting: PortSetting])[]): Promise<void> {
  for (const [who, { port, variable }] of ports) {
    if (port !== 0 && !(await portIsFree(port))) {
      const cure =
        variable === undefined
          ? 'write another one into its bff.yaml'
          : `choose another one with ${variable}, for example: ${variable}=${port + 10_000} npm start`;
      throw new Error(`Port ${port} is in use, and ${who} needs it. End what listens there, or ${cure}`);
    }
  }
}

/** Starts the sandbox and gives the variables with which every upstream's address, and the token issuer's, point at it. */
export async function startSandbox(root: string, processes: Processes, env: NodeJS.ProcessEnv): Promise<SandboxWorld> {
  const { port } = sandboxPort(env);
  const started = await processes.start({
    name: 'sandbox',
    script: join(root, 'libs/sandbox/dist/main.js'),
    cwd: root,
    env: { ...env, SANDBOX_PORT: String(port) },
  });
  const url = String(started.ready['url']);
  const addresses = listUpstreams(root).map((name) => [urlVariable(name), `${url}/${name}`]);
  return { url, env: { ...env, ...Object.fromEntries(addresses), ISSUER_URL: `${url}/issuer` } };
}

/** Starts a built app against the sandbox. */
export function appScript(app: AppFolder): string {
  return join(app.folder, 'dist/main.js');
}

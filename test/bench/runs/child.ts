import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** The server under test has this core for itself; upstreams and load share the other. */
export const serverCore = '0';
export const otherCore = '1';

const children = new Set<ChildProcess>();

/** Every end of this process also ends its child processes. */
export function endChildrenWithMe(): void {
  process.once('exit', () => {
    for (const child of children) child.kill();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}

/** Starts a command on one core. Its standard error is passed on. */
export function startPinned(
  core: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
  ipc: 'ipc' | 'ignore' = 'ignore',
  output: 'pipe' | 'ignore' = 'ignore',
): ChildProcess {
  const child = spawn('taskset', ['-c', core, ...command], {
    stdio: ['ignore', output, 'inherit', ipc],
    env: { ...process.env, ...env },
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Ports on which no process listens now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Waits until `url` responds, and returns the response. @throws Error when the process ended, or the response is no success */
export async function answering(
  url: string,
  child: ChildProcess,
  headers: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with code ${child.exitCode}`);
    const response = await fetch(url, { headers }).catch(() => undefined);
    if (response?.ok === true) return Buffer.from(await response.arrayBuffer());
    if (response !== undefined && response.status !== 503)
      throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not answer within 30 s`);
}

import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { totalmem } from 'node:os';
import { AdminServer } from '@frontage/admin';
import { describeError, memoryFlags, whenParentEnds } from '@frontage/core';
import { primaryActions, primaryRoutes } from './primary-admin.js';
import { ProcessPool } from './process-pool.js';
import { workerVariable, type WorkerReady } from './worker-messages.js';
import { WorkerFailed } from './worker-process.js';

export interface ServeOptions {
  /** Absolute path of the app's built `main.js`. */
  readonly script: string;
  /** The number of processes that serve, 1 or more. */
  readonly processes: number;
  /** A process that does not serve within this time is given up, in milliseconds. @default 60_000 */
  readonly startWithinMs?: number;
  /** Goes on where the process that started this one ends: for start scripts. @default false */
  readonly outliveParent?: boolean;
  write(text: string): void;
  writeError(text: string): void;
}

/**
 * Runs an app in several processes behind one port, and makes this process their primary, until SIGTERM or SIGINT, or until the process
 * that started this one has ended: requests under way end, a second signal cuts them. SIGHUP and SIGUSR2 replace one process after the other. The app's `main.ts` is what it always is.
 * @returns the exit code
 */
export async function serveProcesses(options: ServeOptions): Promise<number> {
  const { script, processes, startWithinMs = 60_000 } = options;
  const writeError = (text: string): void => options.writeError(text);
  // The request log goes straight to our standard output; what goes wrong passes through us, who tell why a start failed.
  const memory = memoryFlags({
    processes,
    hasPrimary: true,
    constrainedBytes: process.constrainedMemory(),
    totalBytes: totalmem(),
    given: [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''],
  });
  cluster.setupPrimary({
    exec: script,
    args: [],
    execArgv: [...process.execArgv, ...memory],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const env = { [workerVariable]: randomBytes(32).toString('hex') };
  const pool = new ProcessPool({ processes, startWithinMs, env, writeError });
  let admin: AdminServer | undefined;
  const ended = untilSignal(pool, options.outliveParent === true);
  const run = async (): Promise<number> => {
    const { ready, complete } = await pool.start();
    admin = adminOf(pool, ready);
    const adminUrl = await listenAdmin(admin, ready);
    for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => void pool.replace());
    await complete;
    if (!pool.isStopping()) {
      options.write(`${JSON.stringify({ ready: true, url: ready.url, adminUrl, processes })}\n`);
    }
    return ended;
  };
  try {
    return await run();
  } catch (cause) {
    if (pool.isStopping()) return await ended;
    writeError(`${cause instanceof WorkerFailed ? cause.message : describeError(cause).message}\n`);
    await pool.stop();
    return 1;
  } finally {
    await admin?.close();
  }
}

function untilSignal(pool: ProcessPool, outliveParent: boolean): Promise<number> {
  return new Promise((resolve) => {
    const stop = (): void => {
      if (!pool.isStopping()) void pool.stop().then((inOrder) => resolve(inOrder ? 0 : 1));
      else {
        pool.kill();
        resolve(1);
      }
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    if (!outliveParent) whenParentEnds(() => pool.isStopping() || stop());
    // Until there is something to replace they are no reason to end.
    process.on('SIGHUP', () => undefined);
    process.on('SIGUSR2', () => undefined);
  });
}

/** The processes know the token, which the primary does not read. */
function adminOf(pool: ProcessPool, { admin }: WorkerReady): AdminServer | undefined {
  if (admin === undefined) return undefined;
  const { actions, token, isOpen } = admin;
  return new AdminServer(primaryRoutes(pool), {
    actions: primaryActions(pool, actions),
    isOpen,
    ...(token !== undefined && { token }),
  });
}

async function listenAdmin(server: AdminServer | undefined, { admin }: WorkerReady): Promise<string | undefined> {
  if (admin === undefined || server === undefined) return undefined;
  try {
    return await server.listen(admin.port, admin.host);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause;
    throw new Error(`port ${admin.port} is in use: end what listens there, or ${admin.otherPort}`, { cause });
  }
}

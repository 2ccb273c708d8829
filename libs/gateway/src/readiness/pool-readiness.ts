import type { ReadinessReport } from './readiness.js';
import type { ProcessPool } from '../process-pool.js';
import type { WorkerProcess } from '../worker-process.js';

/** What the primary says of all its processes. */
export interface PoolReadiness {
  readonly status: 'ok' | 'error';
  /** All are ending. */
  readonly draining: boolean;
  /** Those that serve, by their number; null where one does not answer. */
  readonly processes: Readonly<Record<string, ReadinessReport | null>>;
}

/** Several processes are ready where one is: what comes in is handed to each in turn, and one that is replaced takes none. */
export async function areReady(pool: ProcessPool): Promise<boolean> {
  if (pool.isStopping()) return false;
  try {
    await Promise.any(
      serving(pool).map(async ({ worker }) => {
        if ((await reportOf(worker))?.status !== 'ok') throw new Error('not ready');
      }),
    );
    // They may have begun to end meanwhile.
    return !pool.isStopping();
  } catch {
    return false;
  }
}

/** The same with the reasons, for operators. */
export async function poolReadiness(pool: ProcessPool): Promise<PoolReadiness> {
  const reports = await Promise.all(
    serving(pool).map(async ({ number, worker }) => [String(number), (await reportOf(worker)) ?? null] as const),
  );
  const isReady = !pool.isStopping() && reports.some(([, report]) => report?.status === 'ok');
  return {
    status: isReady ? 'ok' : 'error',
    draining: pool.isStopping(),
    processes: Object.fromEntries(reports),
  };
}

const serving = (pool: ProcessPool): ProcessPool['places'] =>
  pool.places.filter(({ worker }) => worker.state === 'ready');

async function reportOf(worker: WorkerProcess): Promise<ReadinessReport | undefined> {
  const body = (await worker.ask('/readyz'))?.page?.body;
  // The other end is this package: what it sends under this path has this shape.
  return body === undefined ? undefined : (JSON.parse(body) as ReadinessReport);
}

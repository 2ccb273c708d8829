import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadinessReport } from '@frontage/admin';
import type { WorkerProcess } from './worker-process.js';

/** Longest wait for the reply of a process, in milliseconds; short, because health checks have short timeouts. */
const reportWithinMs = 300;

/** The processes that are asked. */
export interface AskedPool {
  readonly places: readonly { readonly number: number; readonly worker: WorkerProcess }[];
  isStopping(): boolean;
}

/** The report of the primary about all its processes. */
export interface PoolReadiness {
  readonly status: 'ok' | 'error';
  /** All are ending. */
  readonly draining: boolean;
  /** Serving processes by their number; null for one that does not reply. */
  readonly processes: Readonly<Record<string, ReadinessReport | null>>;
}

/**
 * Several processes are ready where one of them takes requests: what comes in is handed to each in turn, and one that is replaced takes
 * none. A required upstream that one of them has found away counts for all: the others may only not have called it yet.
 */
export async function poolReadiness(pool: AskedPool): Promise<PoolReadiness> {
  const serving = pool.places.filter(({ worker }) => worker.state === 'ready');
  const reports = await Promise.all(
    serving.map(async ({ number, worker }) => [String(number), (await reportOf(worker)) ?? null] as const),
  );
  // They may have begun to end meanwhile.
  const draining = pool.isStopping();
  const isReady = !draining && areReady(reports.flatMap(([, report]) => report ?? []));
  return { status: isReady ? 'ok' : 'error', draining, processes: Object.fromEntries(reports) };
}

function areReady(reports: readonly ReadinessReport[]): boolean {
  const areThere = reports.every(({ upstreams }) => Object.values(upstreams).every((state) => state === 'up'));
  return areThere && reports.some(({ draining, overloaded }) => !draining && !overloaded);
}

async function reportOf(worker: WorkerProcess): Promise<ReadinessReport | undefined> {
  const late = new AbortController();
  const timeout = sleep(reportWithinMs, undefined, { signal: late.signal }).catch(() => undefined);
  const reply = await Promise.race([worker.ask('/readyz'), timeout]);
  late.abort();
  // The other end is this package: what it sends under this path has this shape.
  return reply?.page === undefined ? undefined : (JSON.parse(reply.page.body) as ReadinessReport);
}

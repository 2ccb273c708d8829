import { jsonPage, readinessPage, type AdminAction, type AdminPage, type AdminRoute } from '@frontage/admin';
import {
  exposition,
  labelSet,
  lastLine,
  metricsPage,
  parseMetrics,
  reading,
  readings,
  renderMetrics,
  sumMetrics,
  sumTopClients,
  type MetricData,
  type TopClients,
} from '@frontage/tracing';
import { poolReadiness } from './pool-readiness.js';
import type { ProcessPool } from './process-pool.js';
import { pageOf, type WorkerProcess } from './worker-process.js';

/** The admin port of several processes: one process responds for all if all responses are the same, and figures are added up. */
export function primaryRoutes(pool: ProcessPool): ReadonlyMap<string, AdminRoute> {
  const askOne: AdminRoute = async (path) => {
    const reply = await pool.serving?.ask(path);
    return reply === undefined ? noProcess : pageOf(reply);
  };
  return new Map<string, AdminRoute>([
    ['/livez', () => jsonPage({ status: 'ok' })],
    ['/readyz', async () => readinessPage(await poolReadiness(pool))],
    ['/metrics', (_path, accept) => poolMetrics(pool, accept)],
    ['/processes', () => processesPage(pool)],
    ['/breakers', () => listsOf(pool, 'breakers')],
    ['/addresses', () => listsOf(pool, 'addresses')],
    ['/clients', () => clientsPage(pool)],
    ['/log-levels', () => listsOf(pool, 'log-levels')],
    ['/openapi.json', askOne],
    ['/docs', askOne],
    ['/docs/*', askOne],
    ['/describe', askOne],
  ]);
}

const noProcess: AdminPage = {
  contentType: 'text/plain; charset=utf-8',
  status: 503,
  body: 'No process serves right now; /processes says more\n',
};

/** What an operator changes is changed in every process that serves. A process that starts later begins as policy says. */
export function primaryActions(pool: ProcessPool, paths: readonly string[]): ReadonlyMap<string, AdminAction> {
  const actOnAll = async (path: string, body: unknown): Promise<AdminPage> => {
    const replies = await Promise.all(servingOf(pool).map(({ worker }) => worker.act(path, body)));
    const pages = replies.map((reply) => (reply === undefined ? noReply : (pageOf(reply) ?? noReply)));
    return pages.find(({ status = 200 }) => status >= 400) ?? pages[0] ?? noProcess;
  };
  return new Map(paths.map((path) => [path, (body: unknown) => actOnAll(path, body)]));
}

const servingOf = (pool: ProcessPool) =>
  pool.places.filter(({ worker }) => worker.state === 'ready' || worker.state === 'draining');

const noReply: AdminPage = {
  contentType: 'text/plain; charset=utf-8',
  status: 504,
  body: 'A process did not reply in time: send it again\n',
};

/** A page of each process, which has its own state. */
async function listsOf(pool: ProcessPool, name: 'breakers' | 'addresses' | 'log-levels'): Promise<AdminPage> {
  const lists = servingOf(pool).map(async ({ number, worker }) => {
    const text = (await worker.ask(`/${name}`))?.page?.body;
    return { number, ...(text === undefined ? { [name]: null } : (JSON.parse(text) as object)) };
  });
  return jsonPage({ processes: await Promise.all(lists) });
}

async function clientsPage(pool: ProcessPool): Promise<AdminPage | undefined> {
  const texts = await Promise.all(
    servingOf(pool).map(async ({ worker }) => {
      const page = (await worker.ask('/clients'))?.page;
      return page?.status === 200 ? page.body : undefined;
    }),
  );
  // A process writes what it reads of itself here.
  const reports = texts.flatMap((text) => (text === undefined ? [] : (JSON.parse(text) as TopClients)));
  return reports.length === 0 ? undefined : jsonPage(sumTopClients(reports));
}

async function poolMetrics(pool: ProcessPool, accept: string | undefined): Promise<AdminPage> {
  const reporting = (): readonly WorkerProcess[] => pool.places.map(({ worker }) => worker).concat(pool.leaving);
  await Promise.all(
    reporting().map(async (worker) => {
      if (worker.state === 'starting' || worker.state === 'ended') return;
      const text = (await worker.ask('/metrics'))?.page?.body;
      // Its last report is more recent.
      if (text !== undefined && worker.isAlive) worker.metrics = parseMetrics(text, worker.name);
    }),
  );
  const sum = sumMetrics([
    { metrics: pool.kept, process: undefined },
    ...pool.places
      .filter(({ worker }) => worker.state !== 'ended')
      .map(({ number, worker }) => ({ metrics: worker.metrics, process: String(number) })),
    ...pool.leaving.map(({ metrics }) => ({ metrics, process: undefined })),
  ]);
  const own = ownMetrics(pool);
  return metricsPage(accept, (format) => renderMetrics(sum, format) + exposition(own, format) + lastLine(format));
}

/** Data that only the primary has. */
function ownMetrics(pool: ProcessPool): readonly MetricData[] {
  const workers = [...pool.places.map(({ worker }) => worker), ...pool.leaving];
  const count = (state: WorkerProcess['state']): number => workers.filter((worker) => worker.state === state).length;
  const restarts = pool.places.reduce((sum, place) => sum + place.restarts, 0);
  return [
    readings(
      'gauge',
      'frontage_processes',
      'Processes of the app, by what they do.',
      (['starting', 'ready', 'draining'] as const).map((state) => [labelSet([['state', state]]), count(state)]),
    ),
    reading('counter', 'frontage_process_restarts_total', 'Processes that were started again after a crash.', restarts),
  ];
}

async function processesPage(pool: ProcessPool): Promise<AdminPage> {
  const describe = async (worker: WorkerProcess) => ({
    pid: worker.pid,
    state: worker.state,
    uptimeSeconds: Math.round((performance.now() - worker.startedAt) / 1_000),
    // Null if it does not serve or does not reply.
    rssBytes:
      worker.state === 'ready' || worker.state === 'draining' ? ((await worker.ask(''))?.rssBytes ?? null) : null,
  });
  return jsonPage({
    primary: { pid: process.pid, rssBytes: process.memoryUsage.rss() },
    processes: await Promise.all([
      ...pool.places.map(async ({ number, restarts, worker }) => ({ number, restarts, ...(await describe(worker)) })),
      // Replaced, or about to replace: their places are counted above.
      ...pool.leaving.map((worker) => describe(worker)),
    ]),
  });
}

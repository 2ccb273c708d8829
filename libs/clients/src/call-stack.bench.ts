/**
 * Measures the time that the call stack adds to a call: `npx tsc -b libs/clients && node libs/clients/src/call-stack.bench.ts`. The upstream is a process
 * of its own on loopback; the figures are medians of interleaved rounds, and the baseline (bare `Pool.dispatch` with one handler class and
 * `JSON.parse`) runs in every round. On two cores, load and upstream share the machine: read the ratios.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { Pool, type Dispatcher } from 'undici';
import { RequestContext, type CallScope, type Executor } from '@frontage/context';
import { SchemaTable, systemClock, type OperationInfo } from '@frontage/core';
import { createUpstream } from '@frontage/clients';

const responseBody = JSON.stringify({
  items: Array.from({ length: 20 }, (_, index) => ({
    id: `p-${index}`,
    title: `Product ${index}`,
    price: 19.9 + index,
    rating: 4.5,
  })),
});

const operation: OperationInfo = {
  contract: { upstream: 'bench', title: 'Bench', version: '1', schemas: new SchemaTable([]) },
  id: 'listProducts',
  method: 'GET',
  path: '/shops/{shopId}/products',
  parameters: [
    { name: 'shopId', in: 'path', required: true },
    { name: 'limit', in: 'query' },
  ],
  responses: [{ status: '200', media: 'application/json' }],
};

async function run(): Promise<void> {
  const upstream = fork(new URL(import.meta.url), ['upstream'], { execArgv: process.execArgv });
  const { port } = await new Promise<{ port: number }>((resolve) => upstream.once('message', resolve));
  const url = `http://127.0.0.1:${port}`;
  const bare = bareCall(new Pool(url, { connections: 16, pipelining: 1 }));
  const common = { urls: [url], connections: 16, timeoutMs: 1_000 };
  const plain = createUpstream('bench', common, { clock: systemClock });
  const direct = createUpstream('bench', { ...common, transport: 'direct' }, { clock: systemClock });
  const urls = ['a', 'b', 'c'].map((prefix) => `${url}/${prefix}`);
  const balanced = createUpstream('bench', { ...common, urls, transport: 'direct' }, { clock: systemClock });
  const together = createUpstream('bench', { ...common, transport: 'direct', pipelining: 5 }, { clock: systemClock });
  const full = createUpstream(
    'bench',
    {
      ...common,
      retry: { attempts: 2 },
      breaker: { minimumCalls: 20 },
      hedge: {},
      concurrency: { adaptive: {} },
      forwardHeaders: ['accept-language'],
      credentials: { header: 'x-api-key', value: 'secret' },
    },
    { clock: systemClock },
  );
  const contenders = {
    bare,
    'deadline only': throughStack(plain.executor(operation)),
    direct: throughStack(direct.executor(operation)),
    'direct, balanced': throughStack(balanced.executor(operation)),
    'direct, pipelined': throughStack(together.executor(operation)),
    'all stages': throughStack(full.executor(operation)),
  };
  const cpuMicros: Record<string, number[]> = {};
  for (let round = 0; round < 12; round++) {
    for (const [name, call] of Object.entries(contenders)) {
      const before = process.cpuUsage();
      await load(call, round < 2 ? 2_000 : 6_000);
      const { user, system } = process.cpuUsage(before);
      if (round >= 2) (cpuMicros[name] ??= []).push((user + system) / 6_000);
    }
  }
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  const baseline = median(cpuMicros['bare'] ?? []);
  for (const [name, values] of Object.entries(cpuMicros)) {
    const micros = median(values);
    process.stdout.write(
      `${name.padEnd(17)} ${micros.toFixed(1)} us CPU per call, bare x ${(micros / baseline).toFixed(2)}\n`,
    );
  }
  upstream.kill();
  process.exit(0);
}

/** Five calls at a time, as one screen makes them, 12 screens at once. */
async function load(call: (scope: CallScope) => Promise<unknown>, calls: number): Promise<void> {
  let left = calls / 5;
  const screens = Array.from({ length: 12 }, async () => {
    while (left-- > 0) {
      const scope = scopeOf();
      await Promise.all([call(scope), call(scope), call(scope), call(scope), call(scope)]);
    }
  });
  await Promise.all(screens);
}

function scopeOf(): CallScope {
  const context = new RequestContext('request-1', systemClock.now(), 'GET', '127.0.0.1', { 'accept-language': 'en' });
  context.traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  return { context, part: 'products', deadlineAt: systemClock.now() + 800, cancellation: context.cancellation };
}

function throughStack(execute: Executor): (scope: CallScope) => Promise<unknown> {
  return async (scope) => {
    const outcome = await execute({ path: { shopId: 'shop-1' }, query: { limit: 20 } }, scope);
    if (!outcome.ok) throw new Error(outcome.detail);
    return outcome.value;
  };
}

class Collect implements Dispatcher.DispatchHandler {
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: Error) => void;
  #bytes: Buffer | undefined;

  constructor(resolve: (value: unknown) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}
  onResponseStart(): void {}
  onResponseData(_controller: Dispatcher.DispatchController, data: Buffer): void {
    this.#bytes = this.#bytes === undefined ? data : Buffer.concat([this.#bytes, data]);
  }
  onResponseEnd(): void {
    this.#resolve(JSON.parse((this.#bytes ?? Buffer.alloc(0)).toString('utf8')));
  }
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

function bareCall(pool: Pool): () => Promise<unknown> {
  return () =>
    new Promise((resolve, reject) => {
      pool.dispatch({ path: '/shops/shop-1/products?limit=20', method: 'GET' }, new Collect(resolve, reject));
    });
}

if (process.argv[2] === 'upstream') {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(responseBody) });
    response.end(responseBody);
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
} else {
  await run();
}

import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Histogram } from '../tune/histogram.js';
import { readMetrics, sumOf, type Samples } from '../tune/metrics-text.js';
import type { OpenLoopOptions, OpenLoopResult } from './open-loop.js';
import type { Tried } from './search.js';

const attempts = 'http_client_request_duration_seconds';

/** The work of the app in a step, by its own metrics. */
export interface AppStep {
  /** Share of a core. */
  readonly cpu: number;
  /** CPU time of one request, in ms. */
  readonly cpuMs: number;
  /** 99 of 100 turns of the event loop were this late or less, in ms. */
  readonly loopDelayMs: number;
  readonly shedRequests: number;
  readonly rateLimited: number;
  /** By upstream. */
  readonly shedCalls: ReadonlyMap<string, number>;
  /** By `orders.listOrders`. */
  readonly operations: ReadonlyMap<string, OperationCost>;
}

/** The calls of an operation in a step. */
export interface OperationCost {
  readonly callsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of the attempts that did not end well. */
  readonly failed: number;
}

export interface LoadStep extends Tried {
  readonly seconds: number;
  readonly app: AppStep;
  /** Share of all cores of the machine that was used, by everything that runs. */
  readonly machine: number;
}

interface StepOptions extends OpenLoopOptions {
  readonly metricsUrl: string;
}

/** Sends requests at one rate, from a process of its own, and compares the metrics of the app before and after. */
export async function loadStep({ metricsUrl, ...options }: StepOptions): Promise<LoadStep> {
  const before = await metricsOf(metricsUrl);
  const coresBefore = coreTimes();
  const begun = performance.now();
  const result = await inProcess(options);
  const elapsed = (performance.now() - begun) / 1000;
  const machine = busyShare(coresBefore, coreTimes());
  const after = await metricsOf(metricsUrl);
  return {
    rate: options.rate,
    seconds: options.seconds,
    result,
    machine,
    app: appStep(before, after, result, elapsed),
  };
}

async function metricsOf(url: string): Promise<Samples> {
  const samples = readMetrics(await (await fetch(url)).text());
  if (samples === undefined) throw new Error(`${url} has no metrics`);
  return samples;
}

function inProcess(options: OpenLoopOptions): Promise<OpenLoopResult> {
  return new Promise((resolve, reject) => {
    // A process that was forked has no parameters of the debugger or of a test runner.
    const child = fork(fileURLToPath(new URL('open-loop-main.js', import.meta.url)), [JSON.stringify(options)], {
      execArgv: [],
    });
    let result: OpenLoopResult | undefined;
    child.once('message', (message) => (result = message as OpenLoopResult));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (result === undefined) reject(new Error(`the load generator ended with code ${code ?? 'none'}`));
      else resolve(result);
    });
  });
}

function appStep(before: Samples, after: Samples, { requests }: OpenLoopResult, elapsed: number): AppStep {
  const grown = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    Math.max(0, sumOf(after, name, labels) - sumOf(before, name, labels));
  const cpuSeconds = grown('process_cpu_seconds_total');
  const upstreams = new Set(
    (after.get('frontage_shed_calls_total') ?? []).flatMap(({ labels }) => labels['upstream'] ?? []),
  );
  return {
    cpu: cpuSeconds / elapsed,
    cpuMs: (cpuSeconds * 1000) / Math.max(1, requests),
    loopDelayMs: 1000 * sumOf(after, 'nodejs_eventloop_lag_p99_seconds'),
    shedRequests: grown('frontage_shed_requests_total'),
    rateLimited: grown('frontage_rate_limited_requests_total'),
    shedCalls: new Map(
      [...upstreams]
        .map((upstream) => [upstream, grown('frontage_shed_calls_total', { upstream })] as const)
        .filter(([, count]) => count > 0),
    ),
    operations: operationsIn(before, after, requests),
  };
}

function operationsIn(before: Samples, after: Samples, requests: number): ReadonlyMap<string, OperationCost> {
  const pairs = new Map(
    (after.get(`${attempts}_count`) ?? []).map(
      ({ labels }) => [`${labels['upstream']}.${labels['operation']}`, labels] as const,
    ),
  );
  return new Map(
    [...pairs].flatMap(([name, { upstream, operation }]) => {
      const fits = (labels: Readonly<Record<string, string>>): boolean =>
        labels['upstream'] === upstream && labels['operation'] === operation;
      const read = (good: boolean): Histogram => {
        const chosen = (labels: Readonly<Record<string, string>>): boolean =>
          fits(labels) && (!good || labels['error_type'] === undefined);
        return Histogram.read(after, attempts, chosen).since(Histogram.read(before, attempts, chosen));
      };
      const [all, ok] = [read(false), read(true)];
      if (all.count === 0) return [];
      return [
        [
          name,
          {
            callsPerRequest: all.count / Math.max(1, requests),
            p50Ms: all.quantileMs(0.5),
            p99Ms: all.quantileMs(0.99),
            failed: 1 - ok.count / all.count,
          },
        ] as const,
      ];
    }),
  );
}

interface CoreTimes {
  readonly idle: number;
  readonly all: number;
}

function coreTimes(): CoreTimes {
  const times = cpus().map(({ times }) => times);
  const idle = times.reduce((sum, one) => sum + one.idle, 0);
  return { idle, all: times.reduce((sum, one) => sum + one.user + one.nice + one.sys + one.idle + one.irq, 0) };
}

const busyShare = (before: CoreTimes, after: CoreTimes): number =>
  after.all === before.all ? 0 : 1 - (after.idle - before.idle) / (after.all - before.all);

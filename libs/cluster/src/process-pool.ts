import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, saidText, sinksWithinMs } from '@frontage/core';
import { keepCounts, parseMetrics, type Metrics } from '@frontage/tracing';
import { poolReadiness } from './pool-readiness.js';
import type { DrainTimes, PrimaryMessage, WorkerReady } from './worker-messages.js';
import { howItEnded, WorkerFailed, WorkerProcess } from './worker-process.js';

const firstDelayMs = 100;
const longestDelayMs = 10_000;

/** A process that crashes after this time did not crash because of its start: its place starts again with the shortest delay. */
const stableAfterMs = 60_000;

/** Time of a drain beyond `shutdown.grace`, after which the process is killed. */
const afterGraceMs = sinksWithinMs + 1_000;

/** The time for which a place stays empty after its n-th crash in a row: 0.1 s, 0.2 s, 0.4 s, ... 10 s. */
export const restartDelayMs = (crashes: number): number =>
  Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(30, crashes - 1));

/** A place for one process: what stands in it changes, its number does not. */
export interface ProcessPlace {
  /** From 1. */
  readonly number: number;
  worker: WorkerProcess;
  /** The number of times that it was filled again after a crash. */
  restarts: number;
  crashes: number;
}

export interface PoolOptions {
  readonly processes: number;
  readonly env: NodeJS.ProcessEnv;
  /** Longest time until a process serves; after it the process is given up. */
  readonly startWithinMs: number;
  writeError(text: string): void;
}

/** The processes that serve one app: each place is kept filled, and all are replaced without a gap. */
export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #places: ProcessPlace[];
  readonly #leaving = new Set<WorkerProcess>();
  readonly #stop = new AbortController();
  #shutdown: DrainTimes = { delayMs: 0, graceMs: 0 };
  #replacing = Promise.resolve();
  #nextReplacing: Promise<void> | undefined;
  /** Counts of ended processes. */
  kept: Metrics = new Map();

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.processes }, (_, index) => ({
      number: index + 1,
      worker: this.#fork(),
      restarts: 0,
      crashes: 0,
    }));
  }

  get places(): readonly Readonly<ProcessPlace>[] {
    return this.#places;
  }

  /** Replaced processes that still finish running requests. */
  get leaving(): readonly WorkerProcess[] {
    return [...this.#leaving];
  }

  isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** One that serves. */
  get serving(): WorkerProcess | undefined {
    return this.#places.find(({ worker }) => worker.state === 'ready')?.worker;
  }

  /**
   * Resolves once at least one process serves; `complete` once all do.
   * @throws WorkerFailed where none does, with what they said, each thing once
   */
  async start(): Promise<{ readonly ready: WorkerReady; readonly complete: Promise<unknown> }> {
    const starts = await Promise.allSettled(this.#places.map(({ worker }) => worker.ready));
    const first = starts.find((start) => start.status === 'fulfilled');
    if (first === undefined) {
      const reasons = starts.flatMap((start) => (start.status === 'rejected' ? [messageOf(start.reason)] : []));
      throw new WorkerFailed([...new Set(reasons)].join('\n'));
    }
    this.#shutdown = first.value.shutdown;
    const complete = this.#places.map(async (place, index) => {
      const start = starts[index];
      if (start?.status !== 'rejected') return this.#watch(place, place.worker);
      this.#warn(place.worker, start.reason);
      return this.#refill(place);
    });
    return { ready: first.value, complete: Promise.all(complete) };
  }

  /**
   * Replaces one process after the other: a new one serves before the old one stops. The first that does not come to serve ends it, and
   * the old ones stay. Asked again meanwhile, it does all of it once more.
   */
  replace(): Promise<void> {
    this.#nextReplacing ??= this.#replacing.then(() => {
      this.#nextReplacing = undefined;
      this.#replacing = this.#replaceAll();
      return this.#replacing;
    });
    return this.#nextReplacing;
  }

  /** Ends all of them. Resolves with whether every request under way could end. */
  async stop(): Promise<boolean> {
    this.#stop.abort();
    const ends = this.#all().map((worker) => this.#end(worker, 'stop'));
    return (await Promise.all(ends)).every(Boolean);
  }

  kill(): void {
    for (const worker of this.#all()) worker.kill();
  }

  #all(): readonly WorkerProcess[] {
    return [...this.#places.map(({ worker }) => worker), ...this.#leaving].filter(({ state }) => state !== 'ended');
  }

  #fork(): WorkerProcess {
    const { env, startWithinMs } = this.#options;
    const worker = new WorkerProcess(
      env,
      startWithinMs,
      (message, from) => this.#tellOthers(message, from),
      async () => (await poolReadiness(this)).status === 'ok',
    );
    void worker.ended.then(() => this.#keep(worker));
    return worker;
  }

  #keep({ name, metrics, lastWords }: WorkerProcess): void {
    try {
      this.kept = keepCounts(this.kept, lastWords === undefined ? metrics : parseMetrics(lastWords, name));
    } catch (cause) {
      this.#options.writeError(`what ${name} counted is left out of /metrics: ${messageOf(cause)}\n`);
    }
  }

  #tellOthers(message: PrimaryMessage, from: WorkerProcess): void {
    for (const worker of this.#all()) if (worker !== from) worker.send(message);
  }

  /** Fills the place again when its process ends by itself. */
  #watch(place: ProcessPlace, worker: WorkerProcess): void {
    void worker.ended.then((end) => {
      if (place.worker !== worker || this.isStopping()) return undefined;
      this.#options.writeError(`${worker.name} ${howItEnded(end).slice('it '.length)}; another one takes its place\n`);
      if (performance.now() - worker.startedAt >= stableAfterMs) place.crashes = 0;
      return this.#refill(place);
    });
  }

  async #refill(place: ProcessPlace): Promise<void> {
    while (!this.isStopping()) {
      place.crashes++;
      await this.#pause(restartDelayMs(place.crashes));
      // A replacement may have filled it meanwhile.
      if (this.isStopping() || place.worker.state !== 'ended') return;
      place.restarts++;
      const worker = (place.worker = this.#fork());
      try {
        await worker.ready;
        this.#watch(place, worker);
        return;
      } catch (cause) {
        await worker.ended;
        if (!this.isStopping()) this.#warn(worker, cause);
      }
    }
  }

  async #replaceAll(): Promise<void> {
    for (const place of this.#places) {
      if (this.isStopping()) return;
      // An empty place is being filled with what is new anyway.
      if (place.worker.state !== 'ready') continue;
      const next = this.#fork();
      this.#leaving.add(next);
      try {
        await next.ready;
      } catch (cause) {
        if (!this.isStopping()) this.#giveUp(next, cause);
        return;
      } finally {
        this.#leaving.delete(next);
      }
      if (this.isStopping()) return;
      await this.#handOver(place, next);
    }
  }

  async #handOver(place: ProcessPlace, next: WorkerProcess): Promise<void> {
    const old = place.worker;
    place.worker = next;
    place.crashes = 0;
    this.#watch(place, next);
    this.#leaving.add(old);
    const inTime = await this.#end(old, 'replaced');
    this.#leaving.delete(old);
    if (!inTime && !this.isStopping())
      this.#options.writeError(`${old.name} was replaced and cut off: its requests took longer than shutdown.grace\n`);
  }

  async #end(worker: WorkerProcess, how: 'replaced' | 'stop'): Promise<boolean> {
    const { delayMs, graceMs } = this.#shutdown;
    const cut = setTimeout(() => worker.kill(), (how === 'stop' ? delayMs : 0) + graceMs + afterGraceMs);
    const began = worker.state;
    worker.drain(how);
    const { code } = await worker.ended;
    clearTimeout(cut);
    return code === 0 || began === 'starting' || worker.lastWords !== undefined;
  }

  #giveUp(next: WorkerProcess, cause: unknown): void {
    const stay = this.#places.filter(({ worker }) => worker.state === 'ready').length;
    this.#options.writeError(
      `the replacement is given up, and the ${stay} ${stay === 1 ? 'process that serves stays' : 'processes that serve stay'}: `,
    );
    this.#warn(next, cause);
  }

  #warn(worker: WorkerProcess, cause: unknown): void {
    this.#options.writeError(`${worker.name} did not start:\n${messageOf(cause)}\n`);
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

const messageOf = (cause: unknown): string =>
  cause instanceof WorkerFailed ? saidText(cause.message) : describeError(cause).message;

import cluster, { type Worker } from 'node:cluster';
import type { AdminPage, ReadinessPeers } from '@frontage/admin';
import { cutAfter, errorText } from '@frontage/core';
import type { AdmittedHits, RatePeers } from '@frontage/throttling';
import {
  isOurs,
  workerVariable,
  type DrainTimes,
  type PrimaryMessage,
  type WorkerMessage,
  type WorkerReady,
} from './worker-messages.js';

/** Longest wait for the primary before this process responds by itself; short, because health checks have short timeouts. */
const primaryWithinMs = 500;

/** Questions of the primary to an app that serves. */
export interface WorkerApp {
  readonly ready: WorkerReady;
  readonly drain: { begin(times: DrainTimes): Promise<void> };
  /** The number of requests under way. */
  readonly underWay: () => number;
  page(path: string): AdminPage | undefined | Promise<AdminPage | undefined>;
  /** The response to a request of an operator that changes something. */
  act(path: string, body: unknown): AdminPage | undefined | Promise<AdminPage | undefined>;
  close(): Promise<void>;
}

/** The way from one worker of `frontage serve` to its primary. */
export class WorkerLink implements RatePeers, ReadinessPeers {
  #hear: ((hits: AdmittedHits) => void) | undefined;
  #hearMarks: ((marks: readonly string[] | 'all', isPending: boolean) => void) | undefined;
  #app: WorkerApp | undefined;
  #ending = false;
  readonly #asked = new Map<number, (ready: boolean | undefined) => void>();
  #nextId = 0;

  constructor() {
    process.on('message', (message: unknown) => {
      if (isOurs<PrimaryMessage>(message)) this.#receive(message);
    });
    // A terminal and a service manager signal every process: the first one that gets the signal ends in order, and the primary waits for it.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.#end('stop'));
    // Those are for the primary alone.
    for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
    cluster.worker?.once('disconnect', () => this.#outlive(cluster.worker));
  }

  areReady(): Promise<boolean | undefined> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const reply = (ready: boolean | undefined): void => {
        clearTimeout(late);
        this.#asked.delete(id);
        resolve(ready);
      };
      const late = setTimeout(reply, primaryWithinMs, undefined);
      this.#asked.set(id, reply);
      this.#send({ frontage: 'areReady', id });
    });
  }

  tell(hits: AdmittedHits): void {
    this.#send({ frontage: 'hits', hits });
  }

  listen(hear: (hits: AdmittedHits) => void): void {
    this.#hear = hear;
  }

  /** Tells the other workers which cached responses are not true any more, by their marks. */
  tellMarks(marks: readonly string[] | 'all', isPending: boolean): void {
    this.#send({ frontage: 'invalidated', marks, isPending });
  }

  /** Hears {@link tellMarks} of the other workers. */
  listenToMarks(hear: (marks: readonly string[] | 'all', isPending: boolean) => void): void {
    this.#hearMarks = hear;
  }

  /** Tells the primary that this app serves, and replies to it from then on. */
  serve(app: WorkerApp): void {
    this.#app = app;
    this.#send({ frontage: 'ready', ready: app.ready });
  }

  #receive(message: PrimaryMessage): void {
    if (message.frontage === 'hits') this.#hear?.(message.hits);
    else if (message.frontage === 'invalidated') this.#hearMarks?.(message.marks, message.isPending);
    else if (message.frontage === 'ask') void this.#reply(message.id, (app) => app.page(message.path));
    else if (message.frontage === 'act') void this.#reply(message.id, (app) => app.act(message.path, message.body));
    else if (message.frontage === 'areReady') this.#asked.get(message.id)?.(message.ready);
    else void this.#end(message.frontage);
  }

  async #reply(id: number, make: (app: WorkerApp) => ReturnType<WorkerApp['page']>): Promise<void> {
    const text = { contentType: 'text/plain; charset=utf-8', status: 500 };
    const app = this.#app;
    const page = await Promise.resolve(app && make(app)).catch((cause: unknown) => ({
      ...text,
      body: `${errorText(cause)}\n`,
    }));
    const sent = page && {
      contentType: page.contentType,
      status: page.status ?? 200,
      ...(typeof page.body === 'string'
        ? { body: page.body, encoding: 'utf8' as const }
        : { body: page.body.toString('base64'), encoding: 'base64' as const }),
    };
    this.#send({ frontage: 'page', id, page: sent, rssBytes: process.memoryUsage.rss() });
  }

  /** `replaced`: others accept what comes, so nothing new is waited for. */
  async #end(how: 'replaced' | 'stop'): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const app = this.#app;
    if (app === undefined) process.exit(0);
    const { graceMs } = app.ready.shutdown;
    const delayMs = how === 'stop' ? app.ready.shutdown.delayMs : 0;
    cutAfter(delayMs + graceMs, app.underWay);
    try {
      await app.drain.begin({ delayMs, graceMs });
      await app.close();
      if (!process.connected) process.exit(0);
      const metrics = await app.page('/metrics');
      this.#send({ frontage: 'farewell', metrics: String(metrics?.body ?? '') }, () => process.exit(0));
    } catch (cause) {
      process.stderr.write(`shutdown failed: ${errorText(cause)}\n`);
      process.exit(1);
    }
  }

  /** The primary has gone without a word, and with it the socket that accepts: what is under way ends in order. */
  #outlive(worker: Worker | undefined): void {
    // node:cluster would end this process at once.
    if (worker !== undefined) worker.exitedAfterDisconnect = true;
    void this.#end('replaced');
  }

  #send(message: WorkerMessage, sent: () => void = () => undefined): void {
    if (process.connected) process.send?.(message, undefined, undefined, sent);
  }
}

/** In a worker of `frontage serve`: the key with which all workers hash callers for the log. */
export const sharedHashKey = (): string | undefined => (cluster.isWorker ? process.env[workerVariable] : undefined);

/** Set where this process is a worker of `frontage serve`. */
export const workerLink = (): WorkerLink | undefined => (sharedHashKey() === undefined ? undefined : new WorkerLink());

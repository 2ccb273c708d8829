import cluster from 'node:cluster';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import type { AdmittedHits, RatePeers } from '@frontage/throttling';
import type { AdminPage } from './admin.server.js';
import {
  isOurs,
  workerVariable,
  type PrimaryMessage,
  type WorkerMessage,
  type WorkerReady,
} from './worker-messages.js';

/** For how long the connections of a worker that is replaced may still bring a request, which is answered with `connection: close`. */
const lingerMs = 1_000;

/** What the primary may ask of an app that serves. */
export interface WorkerApp {
  readonly ready: WorkerReady;
  readonly server: HttpServer;
  page(path: string): AdminPage | undefined | Promise<AdminPage | undefined>;
  close(): Promise<void>;
}

/** The way from one worker of `frontage serve` to its primary. */
export class WorkerLink implements RatePeers {
  #hear: ((hits: AdmittedHits) => void) | undefined;
  #app: WorkerApp | undefined;
  #ending = false;

  constructor() {
    process.on('message', (message: unknown) => {
      if (isOurs<PrimaryMessage>(message)) this.#receive(message);
    });
    // A terminal and a service manager tell every process: whoever hears it first ends in order, and the primary knows how long to wait.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.#end(0));
    // Those are for the primary alone.
    for (const signal of ['SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  }

  tell(hits: AdmittedHits): void {
    this.#send({ frontage: 'hits', hits });
  }

  listen(hear: (hits: AdmittedHits) => void): void {
    this.#hear = hear;
  }

  /** Tells the primary that this app serves, and answers it from then on. */
  serve(app: WorkerApp): void {
    this.#app = app;
    this.#send({ frontage: 'ready', ready: app.ready });
  }

  #receive(message: PrimaryMessage): void {
    if (message.frontage === 'hits') this.#hear?.(message.hits);
    else if (message.frontage === 'ask') void this.#answer(message.id, message.path);
    else void this.#end(message.frontage === 'replaced' ? lingerMs : 0);
  }

  async #answer(id: number, path: string): Promise<void> {
    const text = { contentType: 'text/plain; charset=utf-8', status: 500 };
    const page = await Promise.resolve(this.#app?.page(path)).catch((cause: unknown) => ({
      ...text,
      body: `${String(cause)}\n`,
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

  async #end(waitMs: number): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const app = this.#app;
    if (app === undefined) process.exit(0);
    setTimeout(() => process.exit(1), app.ready.graceMs).unref();
    try {
      if (waitMs > 0) await untilConnectionsEnd(app.server, Math.min(waitMs, app.ready.graceMs / 2));
      await app.close();
      const metrics = await app.page('/metrics');
      this.#send({ frontage: 'farewell', metrics: String(metrics?.body ?? '') }, () => process.exit(0));
    } catch (cause) {
      process.stderr.write(`shutdown failed: ${String(cause)}\n`);
      process.exit(1);
    }
  }

  #send(message: WorkerMessage, sent: () => void = () => undefined): void {
    // Where the primary has gone, this process goes too: node:cluster sees to that.
    process.send?.(message, undefined, undefined, sent);
  }
}

/** Where this process is a worker of `frontage serve`: the key with which all of them hash callers for the log. */
export const sharedHashKey = (): string | undefined => (cluster.isWorker ? process.env[workerVariable] : undefined);

/** Set where this process is a worker of `frontage serve`. */
export const workerLink = (): WorkerLink | undefined => (sharedHashKey() === undefined ? undefined : new WorkerLink());

/**
 * Stops accepting and closes no connection: each may bring one more request, and is told with its answer that it was the last. So nobody
 * sends a request into a connection that is being closed. Resolves when none is left, or after `withinMs`.
 */
function untilConnectionsEnd(server: HttpServer, withinMs: number): Promise<void> {
  server.prependListener('request', (_, response) => {
    response.shouldKeepAlive = false;
  });
  return new Promise((resolve) => {
    const late = setTimeout(resolve, withinMs);
    // Not the method of the HTTP server, which closes idle connections.
    Server.prototype.close.call(server, () => {
      clearTimeout(late);
      resolve();
    });
  });
}

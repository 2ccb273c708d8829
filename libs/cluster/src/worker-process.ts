import cluster, { type Worker } from 'node:cluster';
import type { AdminPage } from '@frontage/admin';
import type { Metrics } from '@frontage/tracing';
import { isOurs, type PrimaryMessage, type SentPage, type WorkerMessage, type WorkerReady } from './worker-messages.js';

const keptLines = 50;

/** Longest wait for the reply of a busy process; the report is made without it. */
const replyWithinMs = 2_000;

/** A process that has said that it is done exits within this time, or is ended. */
const exitWithinMs = 500;

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to standard error. */
  readonly said: string;
}

interface WorkerReply {
  readonly page: SentPage | undefined;
  readonly rssBytes: number;
}

/** One process that serves the app, as the primary sees it. */
export class WorkerProcess {
  readonly startedAt = performance.now();
  /** Resolves once it serves; rejects with {@link WorkerFailed} where it ends first, or takes too long. */
  readonly ready: Promise<WorkerReady>;
  readonly ended: Promise<WorkerEnd>;
  state: 'starting' | 'ready' | 'draining' | 'ended' = 'starting';
  /** As last asked. */
  metrics: Metrics = new Map();
  /** Its final counts, if it ended in order. */
  lastWords: string | undefined;
  readonly #worker: Worker;
  readonly #asked = new Map<number, (reply: WorkerReply | undefined) => void>();
  readonly #said: string[] = [];
  #becameReady: ((ready: WorkerReady) => void) | undefined;
  #nextId = 0;

  /**
   * @param startWithinMs what takes longer is ended
   * @param onNews gets what it admitted and what it invalidated, for the others
   * @param areReady whether new requests are welcome at any of them
   */
  constructor(
    env: NodeJS.ProcessEnv,
    startWithinMs: number,
    onNews: (message: PrimaryMessage, from: WorkerProcess) => void,
    areReady: () => Promise<boolean>,
  ) {
    this.#worker = cluster.fork(env);
    this.#worker.on('message', (message: unknown) => {
      if (!isOurs<WorkerMessage>(message)) return;
      if (message.frontage === 'ready') this.#becameReady?.(message.ready);
      else if (message.frontage === 'hits' || message.frontage === 'invalidated') onNews(message, this);
      else if (message.frontage === 'areReady') void this.#tellReadiness(message.id, areReady);
      else if (message.frontage === 'page') this.#asked.get(message.id)?.(message);
      else this.#farewell(message.metrics);
    });
    this.#worker.process.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    // The last message may come after the exit: it is waited for.
    const silent = new Promise<void>((resolve) => this.#worker.once('disconnect', resolve));
    this.ended = new Promise((resolve) => {
      this.#worker.on('error', (cause: Error) => {
        // A process that could not be made has no end of its own. A failed send to an ended process can be ignored.
        if (this.#worker.process.pid === undefined) {
          this.state = 'ended';
          resolve({ code: null, signal: null, said: cause.message });
        }
      });
      this.#worker.process.once('close', (code: number | null, signal: string | null) => {
        void silent.then(() => {
          this.state = 'ended';
          for (const reply of this.#asked.values()) reply(undefined);
          resolve({ code, signal, said: this.#said.join('').trimEnd() });
        });
      });
    });
    this.ready = new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.kill();
        reject(new WorkerFailed(`it did not serve within ${startWithinMs / 1000} s`));
      }, startWithinMs);
      this.#becameReady = (ready) => {
        clearTimeout(late);
        if (this.state === 'starting') this.state = 'ready';
        process.stderr.write(this.#said.join(''));
        resolve(ready);
      };
      void this.ended.then((end) => {
        clearTimeout(late);
        reject(new WorkerFailed(end.said === '' ? howItEnded(end) : end.said));
      });
    });
    // Waiting callers get the rejection; without a caller it is ignored.
    this.ready.catch(() => undefined);
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.state !== 'ended';
  }

  get name(): string {
    return `process ${this.pid}`;
  }

  send(message: PrimaryMessage): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
  }

  /** A page of its admin port; `undefined` if it does not reply in time. */
  ask(path: string): Promise<WorkerReply | undefined> {
    return this.#question((id) => ({ frontage: 'ask', id, path }));
  }

  /** The response of its admin port to a request that changes something; `undefined` if it does not reply in time. */
  act(path: string, body: unknown): Promise<WorkerReply | undefined> {
    return this.#question((id) => ({ frontage: 'act', id, path, body }));
  }

  #question(message: (id: number) => PrimaryMessage): Promise<WorkerReply | undefined> {
    const id = this.#nextId++;
    if (!this.#worker.isConnected()) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const reply = (given: WorkerReply | undefined): void => {
        clearTimeout(late);
        this.#asked.delete(id);
        resolve(given);
      };
      const late = setTimeout(reply, replyWithinMs, undefined);
      this.#asked.set(id, reply);
      this.send(message(id));
    });
  }

  /** Makes it end by itself: `replaced` lets its connections run out first, `stop` closes them as they become idle. */
  drain(how: 'replaced' | 'stop'): void {
    if (this.state === 'ended') return;
    // A process that does not serve yet has nothing to finish, and may not read messages.
    if (this.state === 'starting') this.#worker.process.kill('SIGTERM');
    else this.send({ frontage: how });
    this.state = 'draining';
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  async #tellReadiness(id: number, areReady: () => Promise<boolean>): Promise<void> {
    this.send({ frontage: 'areReady', id, ready: await areReady() });
  }

  /** Nothing of it is left to be done. A thread that blocks in a write without a reader would keep the process from exiting. */
  #farewell(metrics: string): void {
    this.lastWords = metrics;
    const cut = setTimeout(() => this.kill(), exitWithinMs);
    void this.ended.then(() => clearTimeout(cut));
  }

  /** Until it serves its words are kept, to be told as the reason where it does not. */
  #hear(text: string): void {
    if (this.state !== 'starting') process.stderr.write(text);
    this.#said.push(text);
    if (this.#said.length > keptLines) this.#said.shift();
  }
}

/** The reason why a process did not serve, in its own words where it had any. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed';
}

export const howItEnded = ({ code, signal }: Pick<WorkerEnd, 'code' | 'signal'>): string =>
  signal === null ? `it ended with code ${String(code)}` : `it was ended by ${signal}`;

export const pageOf = ({ page }: WorkerReply): AdminPage | undefined =>
  page && { contentType: page.contentType, status: page.status, body: Buffer.from(page.body, page.encoding) };

import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { nearestRank } from '../statistics.js';
import { ResponseReader } from './response-reader.js';
import type { Target } from './closed-loop.js';
import { Schedule } from './schedule.js';

export interface OpenLoop extends Target {
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Opened before the first request. More are opened when all are busy. @default 32 */
  readonly connections?: number;
  /** Beyond them requests wait for one that is free. @default 1024 */
  readonly mostConnections?: number;
}

export interface OpenLoopResult {
  readonly requests: number;
  /** Responses per second, over the time in which requests were meant to be sent. */
  readonly achievedRate: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Unsuccessful responses, and broken connections. */
  readonly failed: number;
  /** Requests without a response at the end of the time; their latency so far is counted. */
  readonly unanswered: number;
  /** The delay after their intended time with which the generator got to 99 % of the requests: the generator adds it to the latencies. */
  readonly latenessP99Ms: number;
  /** The generator was late itself: believe the latencies only as upper bounds. */
  readonly isGeneratorTheLimit: boolean;
}

const defaultMostConnections = 1024;
/** The time that the last responses may take. */
const graceMs = 5000;
const tolerableLatenessMs = 1;

/**
 * Sleeps to a fraction of a millisecond, which timers of an event loop cannot, and takes no time of a core that it shares with the
 * upstreams, which a busy loop would.
 */
const pacemaker = `
  const { parentPort, workerData: { distanceMs } } = require('node:worker_threads');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let at = performance.now(); ; at += distanceMs) {
    const wait = at - performance.now();
    if (wait > 0) Atomics.wait(cell, 0, 0, wait);
    parentPort.postMessage(performance.timeOrigin + at);
  }`;

/** Sends at a constant rate over keep-alive connections, and measures from when a request was meant to be sent. */
export async function openLoop(options: OpenLoop): Promise<OpenLoopResult> {
  const { rate, seconds } = options;
  const run = new Run(options);
  await run.open(options.connections ?? 32);
  const worker = new Worker(pacemaker, { eval: true, workerData: { distanceMs: 1000 / rate } });
  try {
    return await new Promise<OpenLoopResult>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (epochMs: number) => {
        run.begin(new Schedule(epochMs - performance.timeOrigin, rate, seconds), resolve);
        worker.on('message', () => run.sendDue());
      });
    });
  } finally {
    await worker.terminate();
    run.close();
  }
}

/** One connection and the intended time of the request that is on it; -1 while it is free. */
interface Line {
  readonly socket: Socket;
  readonly reader: ResponseReader;
  sinceMs: number;
}

class Run {
  readonly #host: string;
  readonly #port: number;
  readonly #request: Buffer;
  readonly #seconds: number;
  readonly #mostConnections: number;
  readonly #lines = new Set<Line>();
  /** First in, first out: none rests until the server closes it. */
  readonly #free: Line[] = [];
  /** Intended times of requests for which there is no connection. */
  readonly #waiting: number[] = [];
  #latencies = new Float64Array(0);
  #lateness = new Float64Array(0);
  #answered = 0;
  #due = 0;
  #failed = 0;
  #schedule: Schedule | undefined;
  #finish: ((result: OpenLoopResult) => void) | undefined;

  constructor({ url, headers, seconds, mostConnections = defaultMostConnections }: OpenLoop) {
    const { hostname, port, pathname, search } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#seconds = seconds;
    this.#mostConnections = mostConnections;
    const fields = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
    this.#request = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1');
  }

  async open(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => new Promise<void>((resolve) => this.#connect(resolve))));
  }

  begin(schedule: Schedule, finish: (result: OpenLoopResult) => void): void {
    this.#schedule = schedule;
    this.#finish = finish;
    this.#latencies = new Float64Array(schedule.count);
    this.#lateness = new Float64Array(schedule.count);
    setTimeout(() => this.#end(), this.#seconds * 1000 + graceMs).unref();
    this.sendDue();
  }

  sendDue(): void {
    const now = performance.now();
    for (let at = this.#schedule?.due(now); at !== undefined; at = this.#schedule?.due(now)) {
      this.#lateness[this.#due++] = now - at;
      const line = this.#free.shift();
      if (line !== undefined) this.#send(line, at);
      else {
        this.#waiting.push(at);
        if (this.#lines.size < this.#mostConnections) this.#connect(() => {});
      }
    }
  }

  close(): void {
    for (const { socket } of this.#lines) socket.destroy();
  }

  #connect(connected: () => void): void {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    const line: Line = { socket, reader: new ResponseReader(), sinceMs: -1 };
    this.#lines.add(line);
    socket.once('connect', () => {
      connected();
      this.#release(line);
    });
    socket.on('data', (bytes) => {
      const status = line.reader.read(bytes);
      if (status === undefined) return;
      if (status < 200 || status > 299) this.#failed++;
      this.#record(line);
      this.#release(line);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#lost(line));
  }

  #send(line: Line, intendedMs: number): void {
    line.sinceMs = intendedMs;
    line.socket.write(this.#request);
  }

  #release(line: Line): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#send(line, waiting);
    else this.#free.push(line);
  }

  #record(line: Line): void {
    this.#latencies[this.#answered++] = performance.now() - line.sinceMs;
    line.sinceMs = -1;
    if (this.#answered === this.#schedule?.count) this.#end();
  }

  #lost(line: Line): void {
    this.#lines.delete(line);
    const place = this.#free.indexOf(line);
    if (place !== -1) this.#free.splice(place, 1);
    if (line.sinceMs < 0) return;
    this.#failed++;
    this.#record(line);
  }

  #end(): void {
    const finish = this.#finish;
    if (finish === undefined) return;
    this.#finish = undefined;
    const now = performance.now();
    const open = [...this.#lines].filter(({ sinceMs }) => sinceMs >= 0).map(({ sinceMs }) => sinceMs);
    const unanswered = [...open, ...this.#waiting];
    const latencies = Float64Array.from([
      ...this.#latencies.subarray(0, this.#answered),
      ...unanswered.map((since) => now - since),
    ]).sort();
    const lateness = this.#lateness.subarray(0, this.#due).sort();
    const latenessP99Ms = nearestRank(lateness, 0.99);
    finish({
      requests: this.#schedule?.count ?? 0,
      achievedRate: this.#answered / this.#seconds,
      p50Ms: nearestRank(latencies, 0.5),
      p90Ms: nearestRank(latencies, 0.9),
      p99Ms: nearestRank(latencies, 0.99),
      maxMs: latencies.at(-1) ?? Number.NaN,
      failed: this.#failed,
      unanswered: unanswered.length,
      latenessP99Ms,
      isGeneratorTheLimit: latenessP99Ms > tolerableLatenessMs,
    });
  }
}

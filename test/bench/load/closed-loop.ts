import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Round {
  readonly requests: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Unsuccessful responses, and broken or timed out connections. */
  readonly failed: number;
}

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ClosedLoop {
  readonly seconds: number;
  readonly connections: number;
  readonly core: string;
}

/** One round of closed-loop load by wrk: every connection sends its next request when it has the response. */
export async function closedLoop(target: Target, { seconds, connections, core }: ClosedLoop): Promise<Round> {
  const headers = Object.entries(target.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const wrk = ['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', ...headers];
  const { stdout } = await run('taskset', ['-c', core, ...wrk, target.url]);
  return readWrk(stdout);
}

export function readWrk(output: string): Round {
  return {
    requests: Number(/(\d+) requests in/.exec(output)?.[1]),
    rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    p50Ms: percentile(output, 50),
    p99Ms: percentile(output, 99),
    failed: failures(output),
  };
}

function failures(output: string): number {
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0);
  const [, ...broken] = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? [];
  return broken.reduce((sum, count) => sum + Number(count), refused);
}

function percentile(output: string, rank: number): number {
  const [, value, unit] = new RegExp(`\\b${rank}%\\s+([\\d.]+)(us|ms|s|m)\\b`).exec(output) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit ?? ''] ?? Number.NaN;
  return Number(value) * factor;
}

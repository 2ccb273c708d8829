import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Round {
  readonly requests: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server per request, in microseconds. */
  readonly cpuUs: number;
}

export interface Target {
  readonly url: string;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** One round of closed-loop load: wrk with 64 connections on its own core. @throws Error when any answer was not 2xx */
export async function load(target: Target, seconds: number, cpu: string): Promise<Round> {
  const headers = Object.entries(target.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const before = cpuTimeUs(target.pid);
  const { stdout } = await run('taskset', [
    '-c',
    cpu,
    'wrk',
    '-t1',
    '-c64',
    `-d${seconds}s`,
    '--latency',
    ...headers,
    target.url,
  ]);
  const used = cpuTimeUs(target.pid) - before;
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${target.url} failed under load:\n${stdout}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return {
    requests,
    rps: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50Ms: percentile(stdout, 50),
    p99Ms: percentile(stdout, 99),
    cpuUs: used / requests,
  };
}

function percentile(output: string, rank: number): number {
  const [, value, unit] = new RegExp(`${rank}%\\s+([\\d.]+)(us|ms|s)`).exec(output) ?? [];
  const factor = unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1;
  return Number(value) * factor;
}

/** User and system time of a process so far; Linux counts it in hundredths of a second. */
function cpuTimeUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

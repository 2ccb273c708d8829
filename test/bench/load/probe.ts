import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process used so far, from itself. */
export interface Usage {
  /** User and system time. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
}

/** Between `count` and `counted`. */
export interface Counted {
  /** On the JavaScript heap; the bytes of buffers are elsewhere. */
  readonly allocatedBytes: number;
  readonly gcUs: number;
  readonly collections: number;
}

export const usageOf = (child: ChildProcess): Promise<Usage> => ask(child, 'usage');
/** After a full collection. */
export const collected = (child: ChildProcess): Promise<Usage> => ask(child, 'collect');
export const startCounting = (child: ChildProcess): Promise<Usage> => ask(child, 'count');
export const endCounting = (child: ChildProcess): Promise<Counted> => ask(child, 'counted');

async function ask<T>(child: ChildProcess, question: string): Promise<T> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(10_000) });
  child.send(question);
  // The other end is `servers/probe.ts`, which is typed by the same interfaces.
  return ((await answer) as [T])[0];
}

/**
 * User and system time of a process and of all below it, for those that cannot be asked. Linux counts it in hundredths of a second.
 */
export function treeCpuUs(pid: number): number {
  const parents = new Map<number, { readonly parent: number; readonly cpuUs: number }>();
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), statOf(entry));
  }
  const isBelow = (id: number): boolean => {
    for (let at: number | undefined = id; at !== undefined && at > 1; at = parents.get(at)?.parent) {
      if (at === pid) return true;
    }
    return false;
  };
  return [...parents].reduce((sum, [id, { cpuUs }]) => (isBelow(id) ? sum + cpuUs : sum), 0);
}

function statOf(pid: string): { readonly parent: number; readonly cpuUs: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { parent: Number(fields[1]), cpuUs: (Number(fields[11]) + Number(fields[12])) * 10_000 };
  } catch {
    // It ended meanwhile.
    return { parent: 0, cpuUs: 0 };
  }
}

/** Resident memory of a process, in bytes, for those that cannot be asked. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

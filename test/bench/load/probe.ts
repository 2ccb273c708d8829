import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** The resources that a process used so far, as the process reports them. */
export interface Usage {
  /** User and system time. */
  readonly cpuUs: number;
  /** The part of it in the kernel. */
  readonly systemUs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Held by V8 for young objects, garbage included. */
  readonly youngBytes: number;
  /** Held by V8 for all other objects. */
  readonly oldBytes: number;
}

/** Between `count` and `counted`. */
export interface Counted {
  /** On the JavaScript heap; the bytes of buffers are elsewhere. */
  readonly allocatedBytes: number;
  readonly gcUs: number;
  readonly collections: number;
}

/** Between `profile` and `profiled`. */
export interface Costs {
  /** Time in which the process was not idle. */
  readonly busyUs: number;
  /** The dearest first; time in the function itself, not in what it calls. */
  readonly functions: readonly { readonly name: string; readonly selfUs: number }[];
}

export const usageOf = (child: ChildProcess): Promise<Usage> => ask(child, 'usage');
/** After a full collection. */
export const collected = (child: ChildProcess): Promise<Usage> => ask(child, 'collect');
export const startCounting = (child: ChildProcess): Promise<Usage> => ask(child, 'count');
export const endCounting = (child: ChildProcess): Promise<Counted> => ask(child, 'counted');
export const startProfile = (child: ChildProcess): Promise<Usage> => ask(child, 'profile');
export const endProfile = (child: ChildProcess): Promise<Costs> => ask(child, 'profiled');

async function ask<T>(child: ChildProcess, question: string): Promise<T> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(10_000) });
  child.send(question);
  // The other end is `servers/probe.ts`, which is typed by the same interfaces.
  return ((await answer) as [T])[0];
}

/**
 * CPU time and resident memory of a process and of all below it, for those that cannot be asked. Linux counts the time in hundredths of
 * a second.
 */
export function treeUsage(pid: number): Pick<Usage, 'cpuUs' | 'rssBytes'> {
  const all = new Map<number, Stat>();
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) all.set(Number(entry), statOf(entry));
  }
  const isBelow = (id: number): boolean => {
    for (let at: number | undefined = id; at !== undefined && at > 1; at = all.get(at)?.parent) {
      if (at === pid) return true;
    }
    return false;
  };
  const tree = [...all].filter(([id]) => isBelow(id)).map(([, stat]) => stat);
  return {
    cpuUs: tree.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
    rssBytes: tree.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

interface Stat {
  readonly parent: number;
  readonly cpuUs: number;
  readonly rssBytes: number;
}

const pageBytes = 4096;

function statOf(pid: string): Stat {
  try {
    // proc_pid_stat(5): what follows the name, which may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? [];
    const [parent = 0, user = 0, system = 0, pages = 0] = [fields[1], fields[11], fields[12], fields[21]];
    return { parent, cpuUs: (user + system) * 10_000, rssBytes: pages * pageBytes };
  } catch {
    // It ended meanwhile.
    return { parent: 0, cpuUs: 0, rssBytes: 0 };
  }
}

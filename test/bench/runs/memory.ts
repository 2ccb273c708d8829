import { closedLoop } from '../load/closed-loop.js';
import { pinnedOpenLoop } from '../load/pinned-open-loop.js';
import { collected } from '../load/probe.js';
import { scenarios } from '../scenarios/scenarios.js';
import { fitLine } from '../statistics.js';
import { otherCore } from './child.js';
import type { Support } from './support.js';
import { everythingOn, startTargets, stopTargets, usageNow, type Running } from './targets.js';
import { startUpstreams } from './upstreams.js';

export interface MemorySample {
  readonly minutes: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Held by V8 for young objects, and for all others. */
  readonly youngBytes: number;
  readonly oldBytes: number;
  /** Of buffers. */
  readonly externalBytes: number;
}

export interface Growth {
  readonly meanBytes: number;
  readonly bytesPerMinute: number;
  /** Standard error of the growth. */
  readonly error: number;
  /** Undefined where there are too few samples to say. */
  readonly isFlat: boolean | undefined;
}

export interface MemoryResult {
  readonly rate: number;
  /** Resident, twenty seconds after the start and without a request. */
  readonly idleBytes: number;
  /** Requests that got no success. */
  readonly failed: number;
  readonly samples: readonly MemorySample[];
  readonly connections: number;
  readonly heap: Growth;
  readonly rss: Growth;
  readonly young: Growth;
  readonly old: Growth;
  readonly external: Growth;
}

const sampleSeconds = 15;

/** As many all the time: with more, each peak of the load would be a peak of memory. */
const connections = 64;

/** The rate of the load, or half of the peak where that is less. */
const mostRate = 2_000;
/** The time in which nothing is asked of it, after its start. */
const idleSeconds = 20;

/** 2,000 requests/s, or half of its peak, for so many minutes, bytes that differ, everything on; the heap is read after a full collection. */
export async function measureMemory(
  minutes: number,
  support: Support,
  folder: string,
  progress: (text: string) => void,
): Promise<MemoryResult> {
  const [home] = scenarios;
  if (home === undefined) throw new Error('there is no scenario');
  const upstreams = await startUpstreams(home, 0);
  let targets: Running[] = [];
  try {
    const world = { scenario: home, support, folder, upstreamUrl: upstreams.url, upstreamConnections: 64 };
    targets = await startTargets(world, [everythingOn]);
    await upstreams.vary();
    const [target] = targets;
    if (target === undefined) throw new Error('nothing was started');
    await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000));
    const { rssBytes: idleBytes } = await usageNow(target);
    const { rps } = await closedLoop(target, { seconds: 5, connections, core: otherCore });
    const rate = Math.min(mostRate, rps / 2);
    const samples: MemorySample[] = [];
    const state = { isOver: false };
    const load = pinnedOpenLoop(
      { ...target, rate, seconds: minutes * 60, connections, mostConnections: connections },
      otherCore,
    ).finally(() => (state.isOver = true));
    const began = performance.now();
    const sampling = async (): Promise<void> => {
      for (let i = 1; !state.isOver; i++) {
        const due = began + i * sampleSeconds * 1000;
        await Promise.race([load, new Promise((resolve) => setTimeout(resolve, due - performance.now()))]);
        const usage = await collected(target.child);
        samples.push({ ...usage, minutes: (performance.now() - began) / 60_000 });
        progress(`memory: ${samples.length * sampleSeconds} of ${minutes * 60} s`);
      }
    };
    const [{ failed }] = await Promise.all([load, sampling()]);
    const growth = (bytes: (sample: MemorySample) => number): Growth =>
      growthOf(samples.map((sample) => [sample.minutes, bytes(sample)]));
    return {
      rate,
      idleBytes,
      connections,
      failed,
      samples,
      heap: growth(({ heapBytes }) => heapBytes),
      rss: growth(({ rssBytes }) => rssBytes),
      young: growth(({ youngBytes }) => youngBytes),
      old: growth(({ oldBytes }) => oldBytes),
      external: growth(({ externalBytes }) => externalBytes),
    };
  } finally {
    stopTargets(targets);
    upstreams.stop();
  }
}

const fewest = 8;
/** In ten minutes, as a share of the mean. */
const tolerableGrowth = 0.03;

/** The first quarter is left out: a process takes its basic memory in that time. */
export function growthOf(points: ReadonlyArray<readonly [minutes: number, bytes: number]>): Growth {
  const settled = points.slice(Math.floor(points.length / 4));
  const { slope, error, meanY } = fitLine(settled);
  // A slope within two standard errors of zero cannot be told from zero.
  const isGrowing = slope > 2 * error && slope * 10 > tolerableGrowth * meanY;
  return {
    meanBytes: meanY,
    bytesPerMinute: slope,
    error,
    isFlat: settled.length < fewest ? undefined : !isGrowing,
  };
}

// Loaded before a server (`--import`): reports the resources of the process on request, and does nothing in between.
import { GCProfiler, getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Costs, Counted, Usage } from '../load/probe.js';
import { endProfile, startProfile } from './cpu-profile.js';

let profiler: GCProfiler | undefined;
let heapAtStart = 0;

process.on('message', (question) => {
  const answer = decoderFor(question);
  if (answer !== undefined) process.send?.(answer);
});
// A server does not outlive the benchmark, however that ended.
process.on('disconnect', () => process.exit());

function decoderFor(question: unknown): Usage | Counted | Costs | undefined {
  if (question === 'usage') return usage();
  if (question === 'count') return startCounting();
  if (question === 'counted') return counted();
  if (question === 'profile') {
    startProfile();
    return usage();
  }
  if (question === 'profiled') return endProfile();
  if (question === 'collect') {
    setFlagsFromString('--expose-gc');
    // Twice: the first one only prepares objects held by finalizers.
    for (const _ of [1, 2]) runInNewContext('gc')();
    return usage();
  }
  return undefined;
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const held = (isYoung: boolean): number =>
    getHeapSpaceStatistics()
      .filter(({ space_name: name }) => name.startsWith('new_') === isYoung)
      .reduce((sum, space) => sum + space.physical_space_size, 0);
  return {
    cpuUs: user + system,
    systemUs: system,
    rssBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    youngBytes: held(true),
    oldBytes: held(false),
  };
}

function startCounting(): Usage {
  profiler = new GCProfiler();
  const now = usage();
  heapAtStart = now.heapBytes;
  profiler.start();
  return now;
}

/** Allocated bytes: the growth of the heap between collections, added up. It is exact, and costs time only while it is measured. */
function counted(): Counted {
  const { statistics = [] } = profiler?.stop() ?? {};
  profiler = undefined;
  const end = usage();
  let heap = heapAtStart;
  let allocatedBytes = 0;
  let gcUs = 0;
  for (const { cost, beforeGC, afterGC } of statistics) {
    allocatedBytes += Math.max(0, beforeGC.heapStatistics.usedHeapSize - heap);
    heap = afterGC.heapStatistics.usedHeapSize;
    gcUs += cost;
  }
  allocatedBytes += Math.max(0, end.heapBytes - heap);
  return { allocatedBytes, gcUs, collections: statistics.length };
}

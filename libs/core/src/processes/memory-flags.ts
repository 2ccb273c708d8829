const MiB = 2 ** 20;

/**
 * Young objects live in two spaces of this size at most; V8's own limit, which it lowers on small machines. A collection costs what survives, which is
 * the same for every size: with half of it, twice as many take 6 % of the CPU time of a request.
 */
const semiSpaceMiB = 32;

/** The size for a process with little memory. */
const smallSemiSpaceMiB = 16;

/** A process that has less than this in its container has little memory. */
const littleMiB = 384;

/** Memory of one process beside its heap of old objects and its young ones: code, sockets and the bodies in buffers. */
const besideHeapMiB = 100;

/** Memory of the primary of several processes. */
const primaryMiB = 80;

/** A heap below this does not hold a started app. */
const leastHeapMiB = 96;

/** V8's own limit where there is enough memory; nothing is gained above it. */
const mostHeapMiB = 4_096;

export interface MemoryOfProcesses {
  /** The number of processes that share the memory. */
  readonly processes: number;
  /** True if they have a primary beside them. */
  readonly hasPrimary: boolean;
  /** The limit of the container in bytes, from `process.constrainedMemory()`; 0 if it is unknown. */
  readonly constrainedBytes: number;
  /** Of the machine, in bytes. */
  readonly totalBytes: number;
  /** Flags that were given to Node already, and `NODE_OPTIONS`: what is said there stays. */
  readonly given: readonly string[];
}

/**
 * Flags of Node for a process that serves: a young generation of its size, and a heap that fits into the container (cgroup version 1 or 2), so that
 * garbage is collected before the container is killed. Without a limit of a container the heap is left to V8.
 */
export function memoryFlags(memory: MemoryOfProcesses): string[] {
  const { processes, hasPrimary, constrainedBytes, totalBytes, given } = memory;
  const isGiven = (flag: string): boolean => given.some((text) => text.replaceAll('_', '-').includes(flag));
  const isConstrained = constrainedBytes > 0 && constrainedBytes < totalBytes;
  const shareMiB = isConstrained ? (constrainedBytes / MiB - (hasPrimary ? primaryMiB : 0)) / processes : Infinity;
  const youngMiB = shareMiB < littleMiB ? smallSemiSpaceMiB : semiSpaceMiB;
  const flags: string[] = [];
  if (!isGiven('--max-semi-space-size')) flags.push(`--max-semi-space-size=${youngMiB}`);
  if (isConstrained && !isGiven('--max-old-space-size') && !isGiven('--max-heap-size')) {
    // The rest stays free for peaks of buffers, which V8 does not count.
    const heapMiB = Math.floor(0.85 * (shareMiB - besideHeapMiB - 2 * youngMiB));
    flags.push(`--max-old-space-size=${Math.min(mostHeapMiB, Math.max(leastHeapMiB, heapMiB))}`);
  }
  return flags;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryFlags, type MemoryOfProcesses } from './memory-flags.js';

const MiB = 2 ** 20;
const machine: MemoryOfProcesses = {
  processes: 1,
  hasPrimary: false,
  constrainedBytes: 0,
  totalBytes: 16_384 * MiB,
  given: [],
};
const valueOf = (flags: readonly string[], name: string): number =>
  Number(flags.find((flag) => flag.startsWith(`${name}=`))?.split('=')[1]);
const heapOf = (flags: readonly string[]): number => valueOf(flags, '--max-old-space-size');
const youngOf = (flags: readonly string[]): number => valueOf(flags, '--max-semi-space-size');

describe('the memory of a process that serves', () => {
  it('has a young generation of one size, and the heap that V8 chooses where no container limits it', () => {
    expect(memoryFlags(machine)).toEqual(['--max-semi-space-size=32']);
    // Version 1 of control groups says "no limit" by a number beyond all memory.
    expect(memoryFlags({ ...machine, constrainedBytes: 2 ** 63 })).toEqual(['--max-semi-space-size=32']);
  });

  it.each([
    [320, 1, false, 16, 159],
    [512, 1, false, 32, 295],
    [1_024, 1, false, 32, 731],
    [1_024, 2, true, 32, 261],
    [1_024, 4, true, 16, 96],
    [2_048, 2, true, 32, 697],
    [8_192, 4, true, 32, 1_584],
  ])('in a container of %i MiB with %i processes fits into it', (limit, processes, hasPrimary, young, heap) => {
    expect(memoryFlags({ ...machine, constrainedBytes: limit * MiB, processes, hasPrimary })).toEqual([
      `--max-semi-space-size=${young}`,
      `--max-old-space-size=${heap}`,
    ]);
  });

  it('never asks for more than there is, where a started app fits at all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 65_536 }), fc.integer({ min: 1, max: 64 }), (limit, processes) => {
        fc.pre(limit / processes > 330);
        const flags = memoryFlags({
          ...machine,
          totalBytes: 2 ** 40,
          constrainedBytes: limit * MiB,
          processes,
          hasPrimary: processes > 1,
        });
        expect(heapOf(flags)).toBeGreaterThanOrEqual(96);
        expect((heapOf(flags) + 2 * youngOf(flags)) * processes).toBeLessThan(limit);
      }),
    );
  });

  it('is what a team says where it says so', () => {
    for (const given of ['--max-old-space-size=300', '--max_old_space_size=300', '--trace-gc --max-heap-size=300']) {
      expect(memoryFlags({ ...machine, constrainedBytes: 512 * MiB, given: [given] })).toEqual([
        '--max-semi-space-size=32',
      ]);
    }
    expect(memoryFlags({ ...machine, given: ['--max-semi-space-size=64'] })).toEqual([]);
  });
});

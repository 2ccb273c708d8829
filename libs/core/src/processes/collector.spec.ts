import { execFileSync, spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = pathToFileURL(join(import.meta.dirname, 'collector.ts')).href;
const tuned = (options = '{ isOneOfMany: false }'): string =>
  `import { tuneCollector } from ${JSON.stringify(source)}; tuneCollector(${options});`;

function run(program: string, flags: readonly string[] = []): string {
  const { execPath } = process;
  return execFileSync(execPath, ['--input-type=module', ...flags, '--eval', program], { encoding: 'utf8' });
}

/** The decisions of V8 while literals of one place survive collection after collection. */
function decisions(first: string): string[] {
  const program = `
    ${first}
    const kept = [];
    const make = (at) => ({ at, next: { at } });
    for (let round = 0; round < 40; round++) {
      for (let at = 0; at < 2_000; at++) kept.push(make(at));
      gc({ type: 'minor' });
    }`;
  return run(program, ['--expose-gc', '--trace-pretenuring-statistics', '--max-semi-space-size=1'])
    .split('\n')
    .filter((line) => line.includes('pretenuring: AllocationSite'));
}

/** Threads that collect young objects, per collection. */
function threadsOf(first: string): number {
  const program = `
    ${first}
    const live = Array.from({ length: 400_000 }, (_, at) => ({ at, more: { at } }));
    gc({ type: 'minor' });
    console.log(live.length);`;
  const told = run(program, ['--expose-gc', '--trace-parallel-scavenge', '--trace-gc']);
  const count = (pattern: RegExp): number => told.match(pattern)?.length ?? Number.NaN;
  return count(/scavenge\[/g) / count(/Scavenge/g);
}

describe('the collector of a process that serves', () => {
  it('never makes objects as old ones, however many of their place have survived', () => {
    expect(decisions('').some((line) => line.includes('=> tenure'))).toBe(true);
    expect(decisions(tuned())).toEqual([]);
  });

  it('is set by flags that V8 knows', () => {
    const told = (program: string): string =>
      spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).stderr;
    expect(told(tuned('{ isOneOfMany: true, later: (run) => run() }'))).toBe('');
    const unknown = `import { setFlagsFromString } from 'node:v8'; setFlagsFromString('--heap-shrinking-percent=75');`;
    expect(told(unknown)).toContain('unrecognized flag');
  });

  it('collects young objects by one thread where each core has a process', () => {
    expect(threadsOf('')).toBeGreaterThan(1);
    expect(threadsOf(tuned('{ isOneOfMany: true }'))).toBe(1);
  });

  it('collects once after the start, though nothing is asked of it', () => {
    const program = `
      ${tuned()}
      import { PerformanceObserver } from 'node:perf_hooks';
      setTimeout(() => process.exit(1), 6_000);
      // The observer is told when the loop turns.
      setInterval(() => {}, 50);
      new PerformanceObserver((list) => {
        console.log(typeof globalThis.gc, list.getEntries().map(({ detail }) => detail.kind).join(' '));
        process.exit();
      }).observe({ entryTypes: ['gc'] });`;
    // 1: of young objects.
    expect(run(program)).toBe('undefined 1\n');
  });
});

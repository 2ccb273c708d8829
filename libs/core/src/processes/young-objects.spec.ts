import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = pathToFileURL(join(import.meta.dirname, 'young-objects.ts')).href;

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
  const flags = ['--expose-gc', '--trace-pretenuring-statistics', '--max-semi-space-size=1', '--input-type=module'];
  return execFileSync(process.execPath, [...flags, '--eval', program], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('pretenuring: AllocationSite'));
}

describe('objects of a process that serves', () => {
  it('are never made as old ones, however many of their place have survived', () => {
    expect(decisions('').some((line) => line.includes('=> tenure'))).toBe(true);
    const call = `import { keepObjectsYoung } from ${JSON.stringify(source)}; keepObjectsYoung();`;
    expect(decisions(call)).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = pathToFileURL(join(import.meta.dirname, 'compilers.ts')).href;

/** The number of times that V8 has compiled one of two functions that run often: before the line "resumed", and after it. */
function compiled(program: string): { readonly during: number; readonly after: number } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--trace-opt', '--single-threaded', '--input-type=module', '--eval', `${work} ${program}`],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  const [during = '', after = ''] = stdout.split('resumed\n');
  const count = (text: string): number => text.match(/completed .*<JSFunction (?:work|add)\b/g)?.length ?? 0;
  return { during: count(during), after: count(after) };
}

const work = `
  import { pauseCompilers, resumeCompilers } from ${JSON.stringify(source)};
  const add = (one, other) => one + other;
  const work = () => { let sum = 0; for (let i = 0; i < 3_000_000; i++) sum = add(sum, i) % 7; return sum; };`;

describe('the compilers during the start of an app', () => {
  it('compile nothing, and go on once it has started', () => {
    expect(compiled(`work(); console.log('resumed');`).during).toBeGreaterThan(0);
    const { during, after } = compiled(
      `pauseCompilers(); work(); resumeCompilers(); console.log('resumed'); work(); work();`,
    );
    expect(during).toBe(0);
    expect(after).toBeGreaterThan(0);
  });

  it.each(['--jitless', '--no-opt', '--no_maglev', '--max-opt=1', '--experimental-vm-modules --no-turbofan'])(
    'are left alone where %s is given',
    (flag) => {
      const given = JSON.stringify([flag]);
      expect(compiled(`pauseCompilers(${given}); work(); console.log('resumed');`).during).toBeGreaterThan(0);
    },
  );
});

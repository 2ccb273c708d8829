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
  import { uncompiled } from ${JSON.stringify(source)};
  const add = (one, other) => one + other;
  const work = () => { let sum = 0; for (let i = 0; i < 3_000_000; i++) sum = add(sum, i) % 7; return sum; };`;

describe('work without compilers', () => {
  it('is not compiled, and the same functions are once they run again', () => {
    expect(compiled(`work(); console.log('resumed');`).during).toBeGreaterThan(0);
    const { during, after } = compiled(`uncompiled(work); console.log('resumed'); work(); work();`);
    expect(during).toBe(0);
    expect(after).toBeGreaterThan(0);
  });

  it('ends with its compilers, also where it throws', () => {
    const broken = `try { uncompiled(() => { throw new Error(); }); } catch {} console.log('resumed'); work(); work();`;
    expect(compiled(broken).after).toBeGreaterThan(0);
  });

  it.each(['--jitless', '--no-opt', '--no_maglev', '--max-opt=1', '--experimental-vm-modules --no-turbofan'])(
    'leaves them alone where %s is given',
    (flag) => {
      const given = JSON.stringify([flag]);
      expect(compiled(`uncompiled(work, ${given}); console.log('resumed');`).during).toBeGreaterThan(0);
    },
  );
});

import { execFileSync } from 'node:child_process';
import { runProgram } from '@frontage/generator';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from './workspace-copy.js';

async function tune(...args: readonly string[]): Promise<{ code: number; out: string; errors: string }> {
  let [out, errors] = ['', ''];
  const code = await runProgram(['tune', ...args], {
    cwd: workspaceRoot,
    write: (text) => void (out += text),
    writeError: (text) => void (errors += text),
  });
  return { code, out, errors };
}

describe('frontage tune', () => {
  it('prints a diff that git applies, and writes nothing', { timeout: 120_000 }, async () => {
    const { code, out, errors } = await tune('mobile', '--metrics', 'test/generator/fixtures/mobile-day.txt', '--json');
    expect(code, errors).toBe(0);
    const { diff, proposals } = JSON.parse(out);
    expect(proposals).toHaveLength(3);
    const applies = (...options: readonly string[]): string =>
      execFileSync('git', ['apply', '--check', ...options, '-'], { cwd: workspaceRoot, input: diff, encoding: 'utf8' });
    expect(applies()).toBe('');
    // The diff was not applied: taken back, it does not fit.
    expect(() => applies('--reverse')).toThrow('patch does not apply');
  });

  it.each<[args: readonly string[], code: number, message: string]>([
    [['mobile', '--metrics', 'none.txt'], 2, 'there is no file none.txt'],
    [['mobile', '--metrics', 'README.md'], 1, 'these are no metrics of an app'],
    [['mobile', '--metrics', 'http://127.0.0.1:1/metrics'], 1, 'nothing responds at http://127.0.0.1:1/metrics'],
    [['mobile', '--metrics', 'README.md', '--over', 'long'], 2, '--over long is no time: write hours, such as 24'],
    [['radio', '--metrics', 'README.md'], 2, 'there is no app radio'],
    [['mobile'], 2, '--metrics'],
  ])('refuses %j', { timeout: 120_000 }, async (args, code, message) => {
    const run = await tune(...args);
    expect([run.code, run.errors]).toEqual([code, expect.stringContaining(message)]);
  });
});

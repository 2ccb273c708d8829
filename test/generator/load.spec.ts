import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@frontage/generator';
import { describe, expect, it } from 'vitest';
import { RunningCommand } from './running-command.js';
import { workspaceRoot } from './workspace-copy.js';

describe('frontage load', () => {
  it('measures a rate over the sandbox, with the latency that was declared', { timeout: 180_000 }, async () => {
    const run = new RunningCommand(
      workspaceRoot,
      ['load', 'mobile', 'GET', '/home', '--rate', '20', '--seconds', '2', '--latency', 'orders=60', '--json'],
      {},
    );
    expect(await run.ended(), run.output).toBe(0);
    const report = JSON.parse(run.output.slice(run.output.indexOf('{\n')));
    expect(report).toMatchObject({
      command: 'load',
      name: 'mobile GET /home',
      deadlineMs: 600,
      declared: ['orders 60 ms'],
      steps: [{ rate: 20, result: { requests: 40 }, app: { rateLimited: 0 } }],
    });
    const parts: readonly { readonly part: string; readonly p50Ms?: number; readonly callsPerRequest?: number }[] =
      report.parts;
    expect(parts.find(({ part }) => part === 'recent')?.p50Ms).toBeGreaterThan(49);
    expect(parts.find(({ part }) => part === 'parcels')?.callsPerRequest).toBeGreaterThan(2);
  });

  it.each<[args: readonly string[], message: string]>([
    [['radio'], 'there is no app radio'],
    [['mobile', 'GET', '/hom'], 'did you mean GET /home?'],
    [['mobile', '--rate', 'fast'], '--rate fast: a number from 1 to 20000 is expected'],
    [['mobile', '--seconds', '0'], '--seconds 0: a number from 2 to 600 is expected'],
    [
      ['mobile', '--latency', 'orders'],
      '--latency orders is not understood: write upstream=milliseconds, such as orders=80',
    ],
    [['mobile', '--fault', 'orders=200%'], '--fault orders=200% is not understood'],
    [['mobile', '--latency', 'order=80'], 'mobile calls no upstream order'],
    [['mobile', '--latency', 'orders=80', '--fault', 'orders=5%'], 'orders is given twice'],
  ])('refuses %j', { timeout: 120_000 }, async (args, message) => {
    let errors = '';
    const write = (): void => undefined;
    const code = await runProgram(['load', ...args], {
      cwd: workspaceRoot,
      write,
      writeError: (text) => void (errors += text),
    });
    expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
  });

  it('replaces no file that is none of its charts', { timeout: 120_000 }, async () => {
    let errors = '';
    const write = (): void => undefined;
    const args = ['load', 'mobile', '--svg', 'package.json'];
    expect(await runProgram(args, { cwd: workspaceRoot, write, writeError: (text) => void (errors += text) })).toBe(1);
    expect(errors).toContain('is not a chart of this command: nothing was measured');
    expect(await readFile(join(workspaceRoot, 'package.json'), 'utf8')).toContain('"frontage"');
  });
});

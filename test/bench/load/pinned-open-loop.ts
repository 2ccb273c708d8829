import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OpenLoop, OpenLoopResult } from './open-loop.js';

const run = promisify(execFile);

/** The open loop as a process on one core. @throws Error when an answer was no success */
export async function pinnedOpenLoop(options: OpenLoop, core: string): Promise<OpenLoopResult> {
  const { url, headers, rate, seconds } = options;
  const script = join(import.meta.dirname, 'open-loop-main.js');
  const { stdout } = await run('taskset', [
    '-c',
    core,
    process.execPath,
    script,
    JSON.stringify({ url, headers, rate, seconds }),
  ]);
  const result = JSON.parse(stdout) as OpenLoopResult;
  if (result.failed > 0) throw new Error(`${url} failed ${result.failed} times at ${rate.toFixed(0)} requests/s`);
  return result;
}

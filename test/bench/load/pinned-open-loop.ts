import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { OpenLoop, OpenLoopResult } from './open-loop.js';

const run = promisify(execFile);

/** The open loop as a process on one core. */
export async function pinnedOpenLoop(options: OpenLoop, core: string): Promise<OpenLoopResult> {
  const { url, headers, rate, seconds, connections, mostConnections } = options;
  const script = fileURLToPath(import.meta.resolve('./open-loop-main.js'));
  const { stdout } = await run('taskset', [
    '-c',
    core,
    process.execPath,
    script,
    JSON.stringify({ url, headers, rate, seconds, connections, mostConnections }),
  ]);
  return JSON.parse(stdout) as OpenLoopResult;
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { CommandContext } from '../terminal/command-context.js';

/** Compiles TypeScript projects and passes on the errors. With an error, the code that was built before stays. */
export function compile(root: string, projects: readonly string[], context: CommandContext): Promise<boolean> {
  const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
  return succeeds([compiler, '-b', ...projects], root, process.env, context);
}

/** Checks whether a built app would start: its policy is read and its screens are made, no port is opened, and errors are passed on. */
export function rehearse(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  context: CommandContext,
): Promise<boolean> {
  return succeeds([script, '--describe'], cwd, env, { ...context, write: () => undefined });
}

function succeeds(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  context: CommandContext,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => context.write(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => context.writeError(text));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

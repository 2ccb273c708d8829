import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Terminal } from '../terminal/command-context.js';

/** Builds before anything else is built, so it is plain JavaScript. */
const buildScript = fileURLToPath(new URL('../../bin/build.js', import.meta.url));

export interface CompileOptions {
  /** Says each project that is built, with the time. @default false: errors alone */
  readonly showsProgress?: boolean;
}

/**
 * Compiles folders of the workspace and what they use, and passes on errors as `file:line:column`. A folder with an error keeps the code that
 * was built before; errors in folders that none of these uses are not looked for.
 * @param projects from the root; all where empty
 * @returns whether there was no error
 */
export function compile(
  root: string,
  projects: readonly string[],
  context: Terminal,
  { showsProgress = false }: CompileOptions = {},
): Promise<boolean> {
  const flags = showsProgress ? [] : ['--quiet'];
  return succeeds([buildScript, ...flags, ...projects], root, process.env, context);
}

/** Checks whether a built app would start: its policy is read and its screens are made, no port is opened, and errors are passed on. */
export function rehearse(script: string, cwd: string, env: NodeJS.ProcessEnv, context: Terminal): Promise<boolean> {
  return succeeds(['--enable-source-maps', script, '--describe'], cwd, env, { ...context, write: () => undefined });
}

function succeeds(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, context: Terminal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => context.write(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => context.writeError(text));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

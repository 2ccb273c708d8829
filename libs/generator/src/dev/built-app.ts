import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { nearest } from '@frontage/core';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import { Progress } from '../terminal/progress.js';
import { compile } from './compile.js';
import type { Terminal } from '../terminal/command-context.js';
import { appFolders, type AppFolder } from '../workspace/workspace.js';

/** The app of this name. @throws UsageError that suggests a similar name, or lists all apps */
export function findApp(root: string, name: string): AppFolder {
  const apps = appFolders(root);
  const found = apps.find((app) => app.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`there is no app ${name}${meant(name, apps.map((app) => app.name))}`); // prettier-ignore
}

/** The end of a message: a similar name, else all known names. */
export function meant(found: string, known: readonly string[]): string {
  const near = nearest(found, known);
  if (near !== undefined) return `; did you mean ${terminalLine(near)}?`;
  return known.length === 0 ? '; there is none' : `; there are ${known.map(terminalLine).join(', ')}`;
}

/**
 * The output of an app for `--describe` or `--openapi`, built first where its sources changed. No port is opened.
 * @throws CheckFailed where it does not compile or does not start; the compiler or the app has printed the reason by then
 */
export async function askApp(
  root: string,
  { name, folder }: AppFolder,
  option: '--describe' | '--openapi',
  context: Terminal,
): Promise<unknown> {
  const script = await compiledApp(root, { name, folder }, context);
  const text = await output([script, option], folder, context);
  if (text === undefined) throw new CheckFailed(`apps/${name} does not start: correct the errors above first`);
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckFailed(
      `apps/${name} does not know ${option}: its main.ts has to end with \`await createGateway(...).listen()\``,
    );
  }
}

/** Builds an app where its sources changed. @returns its script @throws CheckFailed where it does not compile */
export async function compiledApp(root: string, { name, folder }: AppFolder, context: Terminal): Promise<string> {
  if (existsSync(join(folder, 'tsconfig.json'))) await compiled(root, { name, folder }, context);
  const script = join(folder, 'dist/main.js');
  if (!existsSync(script)) throw new CheckFailed(`apps/${name}/dist/main.js is missing: run \`npm run build\` first`);
  return script;
}

/** @throws CheckFailed after the compiler has printed its errors */
async function compiled(root: string, { name, folder }: AppFolder, context: Terminal): Promise<void> {
  const progress = new Progress(context.progress, `apps/${name}`);
  const writeError = (text: string): void => {
    progress.end();
    context.writeError(text);
  };
  progress.stage('compiling');
  const isCompiled = await compile(root, [folder], { ...context, write: writeError, writeError });
  progress.end();
  if (!isCompiled) throw new CheckFailed(`apps/${name} does not compile: correct the errors above first`);
}

/** The output of a script; undefined where it fails, after its errors were passed on. */
function output(args: readonly string[], cwd: string, context: Terminal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    // Positions in messages are those of the sources, not of the compiled files.
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => context.writeError(piece));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? text : undefined));
  });
}

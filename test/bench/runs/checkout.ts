import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { OptionError } from '../options.js';

/** Another commit of this workspace, built in a folder of its own. */
export interface Checkout {
  readonly commit: string;
  /** Of its compiled benchmark. */
  readonly bench: string;
  remove(): void;
}

const root = join(import.meta.dirname, '../../../..');

/** Builds the merge base of `reference` and HEAD. @throws OptionError where there is none */
export function buildMergeBase(reference: string): Checkout {
  const { status, stdout } = spawnSync('git', ['merge-base', reference, 'HEAD'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new OptionError(`--compare: '${reference}' has no commit in common with HEAD`);
  const commit = stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), 'frontage-bench-base-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    // An archive and not a worktree: nothing of it stays in the repository when this process is killed.
    execFileSync('sh', ['-c', `git archive ${commit} | tar -x -C "${folder}"`], { cwd: root });
    install(folder);
    build(folder);
    return { commit, bench: join(folder, 'test/bench/dist'), remove };
  } catch (cause) {
    remove();
    throw cause;
  }
}

/** Packages of others are taken from here where they are the same; those of the workspace are its own. */
function install(folder: string): void {
  const lock = 'package-lock.json';
  if (readFileSync(join(folder, lock), 'utf8') !== readFileSync(join(root, lock), 'utf8')) {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    return;
  }
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@frontage'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@frontage') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const group of ['libs', 'apps']) {
    for (const name of readdirSync(join(folder, group))) linkPackage(modules, join(folder, group, name));
  }
}

function linkPackage(modules: string, folder: string): void {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return;
  const { name } = JSON.parse(readFileSync(file, 'utf8')) as { readonly name: string };
  const link = join(modules, name);
  symlinkSync(relative(dirname(link), folder), link);
}

function build(folder: string): void {
  const env = { ...process.env, PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}` };
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, env, stdio: [...stdio] });
  const compiler = join(folder, 'node_modules/@typescript/native/bin/tsc');
  execFileSync(process.execPath, [compiler, '-b', 'test/bench'], { cwd: folder, env, stdio: [...stdio] });
}

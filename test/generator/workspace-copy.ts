import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@frontage/generator';

/** The workspace that these tests are part of. */
export const workspaceRoot = fileURLToPath(new URL('../..', import.meta.url));

const listings = ['nest-cli.json', 'tsconfig.json'];
const settings = [
  'package.json',
  'tsconfig.base.json',
  'tsconfig.test.json',
  'vitest.config.ts',
  '.prettierrc.json',
  '.prettierignore',
  '.oxlintrc.json',
  'policy',
];

/** A workspace in a folder of its own, for tests that write. */
export class WorkspaceCopy {
  private constructor(readonly root: string) {}

  /** The files that `frontage new` reads: listings, templates, and of each app its `bff.yaml`; no code that runs. */
  static async bare(apps: readonly string[] = ['mobile', 'web', 'partner']): Promise<WorkspaceCopy> {
    const copy = await WorkspaceCopy.#with([...listings, 'templates', '.prettierrc.json']);
    await mkdir(join(copy.root, 'apps'));
    await copy.#listApps(apps);
    await mkdir(join(copy.root, 'libs', 'upstreams'), { recursive: true });
    await mkdir(join(copy.root, 'libs', 'core'));
    for (const app of apps) await copyInto(copy.root, `apps/${app}/bff.yaml`);
    return copy;
  }

  /**
   * Everything but the apps: it can build, lint, test and start what is made in it. Dependencies are those of the real one.
   * @param further paths that are copied too; with `apps`, the apps stay in the listings
   */
  static async whole(further: readonly string[] = []): Promise<WorkspaceCopy> {
    const copy = await WorkspaceCopy.#with([...listings, ...settings, 'templates', 'libs', ...further]);
    const { root } = copy;
    if (!further.includes('apps')) {
      await mkdir(join(root, 'apps'));
      await copy.#listApps([]);
    }
    await mkdir(join(root, 'node_modules', '@frontage'), { recursive: true });
    const dependencies = await readdir(join(workspaceRoot, 'node_modules'));
    for (const name of dependencies.filter((one) => one !== '@frontage' && one !== '.cache'))
      await symlink(join(workspaceRoot, 'node_modules', name), join(root, 'node_modules', name));
    for (const lib of await readdir(join(root, 'libs')))
      await symlink(`../../libs/${lib}`, join(root, 'node_modules', '@frontage', lib));
    return copy;
  }

  static async #with(paths: readonly string[]): Promise<WorkspaceCopy> {
    const root = await mkdtemp(join(tmpdir(), 'frontage-workspace-'));
    for (const path of paths) await copyInto(root, path);
    return new WorkspaceCopy(root);
  }

  /** Takes other apps out of the listings: the workspace of these tests may have grown. */
  async #listApps(apps: readonly string[]): Promise<void> {
    const nest = JSON.parse(await this.read('nest-cli.json'));
    const listed = Object.entries<{ type: string }>(nest.projects).filter(
      ([name, { type }]) => type === 'library' || apps.includes(name),
    );
    const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
    await this.write('nest-cli.json', json({ ...nest, projects: Object.fromEntries(listed) }));
    const projects = JSON.parse(await this.read('tsconfig.json'));
    const references = projects.references.filter(
      ({ path }: { path: string }) => path.startsWith('libs/') || apps.some((app) => path === `apps/${app}`),
    );
    const text = json({ ...projects, references }).replaceAll(/\{\s*("path": "[^"]*")\s*\}/g, '{ $1 }');
    await this.write('tsconfig.json', text);
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }

  read(path: string): Promise<string> {
    return readFile(join(this.root, path), 'utf8');
  }

  write(path: string, text: string): Promise<void> {
    return writeFile(join(this.root, path), text);
  }

  /** Files below a folder, sorted. */
  async files(folder: string): Promise<string[]> {
    const entries = await readdir(join(this.root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => join(parentPath, name).slice(this.root.length + 1)).toSorted();
  }

  /** Text of every file of the workspace, by path. */
  async everything(): Promise<Record<string, string>> {
    const paths = await this.files('.');
    return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await this.read(path)] as const)));
  }

  /** Runs `frontage` in this process. */
  frontage(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
    return this.frontageIn(this.root, ...args);
  }

  /** The same in a folder of the workspace. */
  async frontageIn(cwd: string, ...args: string[]): Promise<{ code: number; out: string; errors: string }> {
    let out = '';
    let errors = '';
    const code = await runProgram(args, {
      cwd,
      write: (text) => (out += text),
      writeError: (text) => (errors += text),
    });
    return { code, out, errors };
  }

  /** Runs a tool of the workspace, such as `vitest`, to its end. */
  async run(tool: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const script = tool === 'tsc' ? '@typescript/native/bin/tsc' : `.bin/${tool}`;
    const child = spawn(process.execPath, [join(this.root, 'node_modules', script), ...args], {
      cwd: this.root,
      env: quietEnvironment(),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const [code] = await once(child, 'close');
    return { code, output };
  }
}

/** Without what a test runner tells its own processes, and without colours. */
export function quietEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|TEST$|CI$|NODE_ENV$|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

async function copyInto(root: string, path: string): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  // With its times, so that what is built counts as built. The `cp` of Node takes several times as long for thousands of files.
  const child = spawn('cp', ['-Rp', join(workspaceRoot, path), target], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${basename(path)} cannot be copied: ${errors}`);
}

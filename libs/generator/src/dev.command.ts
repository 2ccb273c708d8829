import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { Processes, type Started } from './processes.js';
import { requestLine } from './request-line.js';
import { appScript, checkPorts, sandboxPort, startSandbox } from './sandbox-world.js';
import { findWorkspace, listApps, type AppFolder } from './workspace.js';

/** How long saves may follow each other before a build starts: editors write a file more than once. */
const settleMs = 40;

export function registerDev(program: Command): void {
  program
    .command('dev')
    .argument('<app>', 'folder under apps/')
    .description('start the sandbox and one BFF, rebuilt and restarted on every save')
    .action(async (name: string) => {
      await dev(findWorkspace(process.cwd()), name, process.env);
    });
}

async function dev(root: string, name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const apps = listApps(root, env);
  const app = apps.find((candidate) => candidate.name === name);
  if (app === undefined)
    throw new Error(`there is no app '${name}': apps/ has ${apps.map((known) => known.name).join(', ') || 'none yet'}`);
  await checkPorts([
    ['the sandbox', sandboxPort(env)],
    [app.name, app.port],
    [`the admin port of ${app.name}`, app.adminPort],
  ]);
  if (!(await build(root, [`apps/${name}`, 'libs/sandbox'])))
    throw new Error(`${name} does not compile yet: mend what stands above and start again`);
  const processes = new Processes();
  const world = await startSandbox(root, processes, env);
  await new DevLoop(root, app, processes, world.env).run();
}

/** Builds and restarts, one at a time: a save during a build is picked up by the next one. */
class DevLoop {
  readonly #root: string;
  readonly #app: AppFolder;
  readonly #processes: Processes;
  readonly #env: NodeJS.ProcessEnv;
  #running: Started | undefined;
  #dirty: string | undefined;
  #busy = false;
  #replacing = false;

  constructor(root: string, app: AppFolder, processes: Processes, env: NodeJS.ProcessEnv) {
    this.#root = root;
    this.#app = app;
    this.#processes = processes;
    this.#env = env;
  }

  async run(): Promise<void> {
    const stop = (): void => {
      void this.#processes.stop().then(() => process.exit(0));
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    this.#processes.onExit = (name, code) => {
      if (!this.#replacing)
        process.stderr.write(`${name} ended by itself (code ${String(code)}); waiting for the next save\n`);
    };
    await this.#restart(performance.now());
    for (const folder of [this.#app.folder, join(this.#root, 'libs'), join(this.#root, 'policy')]) {
      watch(folder, { recursive: true }, (_event, file) => {
        if (file !== null && isSource(file)) this.#changed(join(folder, file));
      });
    }
    process.stdout.write(`watching apps/${this.#app.name}, libs and policy; Ctrl-C ends it\n`);
  }

  #changed(file: string): void {
    const first = this.#dirty === undefined;
    this.#dirty = file;
    if (first && !this.#busy) setTimeout(() => void this.#cycle(), settleMs);
  }

  async #cycle(): Promise<void> {
    this.#busy = true;
    while (this.#dirty !== undefined) {
      const file = this.#dirty;
      this.#dirty = undefined;
      const began = performance.now();
      process.stdout.write(`${relative(this.#root, file)} changed\n`);
      if (await build(this.#root, [`apps/${this.#app.name}`])) await this.#restart(began);
      else process.stdout.write(`${this.#app.name} goes on answering with the code from before\n`);
    }
    this.#busy = false;
  }

  async #restart(began: number): Promise<void> {
    this.#replacing = true;
    if (this.#running !== undefined) await Processes.end(this.#running.child);
    this.#running = undefined;
    try {
      this.#running = await this.#processes.start({
        name: this.#app.name,
        script: appScript(this.#app),
        cwd: this.#app.folder,
        env: this.#env,
        onLine: (line) => process.stdout.write(requestLine(this.#app.name, line)),
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      process.stdout.write(`${this.#app.name} answers at ${String(this.#running.ready['url'])} (after ${seconds} s)\n`);
    } catch (cause) {
      process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    }
    this.#replacing = false;
  }
}

const isSource = (file: string): boolean =>
  /\.(?:ts|yaml|yml|json)$/.test(file) && !/(?:^|\/)(?:dist|node_modules)\//.test(file) && !file.endsWith('.spec.ts');

/** Runs the TypeScript compiler over the projects; what it finds goes to the terminal. */
function build(root: string, projects: readonly string[]): Promise<boolean> {
  const compiler = join(root, 'node_modules/@typescript/native/bin/tsc');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, '-b', ...projects], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}

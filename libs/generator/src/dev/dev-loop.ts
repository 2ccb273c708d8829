import { join, relative } from 'node:path';
import { compile, rehearse } from './compile.js';
import { Processes, type Started } from './processes.js';
import type { CommandContext } from '../terminal/command-context.js';
import { requestLine } from './request-line.js';
import { appFlags, appScript, type SandboxWorld } from './sandbox-world.js';
import { watchSources } from './source-watcher.js';
import { linesText } from '../terminal/terminal.js';
import { runningApp, tryLine } from './try-line.js';
import type { AppFolder } from '../workspace/workspace.js';

export interface DevLoopOptions {
  readonly root: string;
  readonly app: AppFolder;
  readonly processes: Processes;
  readonly world: SandboxWorld;
  readonly context: CommandContext;
}

/** Milliseconds without a further save before a build starts: editors write a file more than once. */
const settleMs = 40;

/** Builds and restarts, one at a time: a save during a build is picked up by the next one. */
export class DevLoop {
  readonly #options: DevLoopOptions;
  #running: Started | undefined;
  /** The last saved file that is not built yet. */
  #dirty: string | undefined;
  #isBusy = false;
  #isReplacing = false;

  constructor(options: DevLoopOptions) {
    this.#options = options;
  }

  /** Whether this process ends because another one replaces it. */
  isReplacing(name: string): boolean {
    return this.#isReplacing && name === this.#options.app.name;
  }

  /** Resolves when the app has been started and its sources are watched. */
  async run(): Promise<void> {
    const { root, app, world, context } = this.#options;
    // Sources are watched before the start, so that a save in between is not lost.
    const folders = [app.folder, join(root, 'libs'), join(root, 'policy')];
    await watchSources(folders, (file) => this.#changed(file));
    this.#isBusy = true;
    await this.#restart(performance.now());
    const { url, adminUrl } = runningApp(app.name, this.#running?.ready ?? {});
    if (this.#running !== undefined) {
      const line = await tryLine({ name: app.name, url, adminUrl }, `${world.url}/issuer`);
      if (adminUrl !== undefined) context.write(`\n  reference   ${adminUrl}/docs\n`);
      context.write(`  sandbox     ${world.url}\n${line === undefined ? '' : `\n  ${line}\n`}\n`);
    }
    context.write(`Watching apps/${app.name}, libs and policy. Ctrl-C ends everything.\n`);
    await this.#cycle();
  }

  #changed(file: string): void {
    const isFirst = this.#dirty === undefined;
    this.#dirty = file;
    if (isFirst && !this.#isBusy) setTimeout(() => void this.#cycle(), settleMs);
  }

  async #cycle(): Promise<void> {
    const { root, app, context } = this.#options;
    this.#isBusy = true;
    while (this.#dirty !== undefined) {
      const file = this.#dirty;
      this.#dirty = undefined;
      const began = performance.now();
      context.write(`\n${linesText([`${relative(root, file)} changed`])}`);
      if (await this.#isSound()) await this.#restart(began);
      else if (this.#running !== undefined) context.write(`${app.name} still runs the code from before\n`);
    }
    this.#isBusy = false;
  }

  async #isSound(): Promise<boolean> {
    const { root, app, world, context } = this.#options;
    const isCompiled = await compile(root, [relative(root, app.folder)], context);
    return isCompiled && rehearse(appScript(app), app.folder, world.env, context);
  }

  async #restart(began: number): Promise<void> {
    const { app, processes, world, context } = this.#options;
    this.#isReplacing = true;
    if (this.#running !== undefined) await Processes.end(this.#running.child);
    this.#running = undefined;
    try {
      this.#running = await processes.start({
        name: app.name,
        script: appScript(app),
        args: appFlags(1),
        cwd: app.folder,
        env: world.env,
        onLine: (line) => context.write(requestLine(app.name, line)),
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      context.write(`${app.name} listens at ${String(this.#running.ready['url'])} (after ${seconds} s)\n`);
    } catch (cause) {
      if (!processes.areEnding) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        context.writeError(`${reason}\n${app.name} does not run until the next save.\n`);
      }
    }
    this.#isReplacing = false;
  }
}

import { existsSync } from 'node:fs';
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
  /** Issues the token of the line to try; undefined where a real issuer does. */
  readonly issuer: string | undefined;
  readonly context: CommandContext;
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

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
  #isIntroduced = false;

  constructor(options: DevLoopOptions) {
    this.#options = options;
  }

  /** True if this process ends because another one replaces it. */
  isReplacing(name: string): boolean {
    return this.#isReplacing && name === this.#options.app.name;
  }

  /** Resolves when the app has been built and started, or its mistake was shown, and its sources are watched. */
  async run(): Promise<void> {
    const { root, app, context } = this.#options;
    // Sources are watched before the build, so that a save in between is not lost.
    const shared = ['libs', 'upstreams', 'policy'].filter((name) => existsSync(join(root, name)));
    await watchSources([app.folder, ...shared.map((name) => join(root, name))], (file) => this.#changed(file));
    this.#isBusy = true;
    const began = performance.now();
    if (await compile(root, [relative(root, app.folder)], context, { showsProgress: true })) await this.#restart(began);
    else this.#sayWaiting();
    const watched = [`apps/${app.name}`, ...shared];
    context.write(`Watching ${watched.slice(0, -1).join(', ')} and ${watched.at(-1)}. Ctrl-C ends everything.\n`);
    await this.#cycle();
  }

  #sayWaiting(): void {
    const { app, context } = this.#options;
    context.write(
      this.#running === undefined
        ? `${app.name} does not run yet: correct the mistake above and save\n`
        : `${app.name} still runs the code from before\n`,
    );
  }

  /** After the first start: addresses, and a line to paste into a terminal. */
  async #introduce(): Promise<void> {
    const { app, world, issuer, context } = this.#options;
    const { url, adminUrl } = runningApp(app.name, this.#running?.ready ?? {});
    if (this.#running === undefined || this.#isIntroduced) return;
    this.#isIntroduced = true;
    const line = await tryLine({ name: app.name, url, adminUrl }, issuer).catch((cause: unknown) => {
      context.writeError(`\n  no request to try: ${messageOf(cause)}\n`);
    });
    const reference = adminUrl === undefined ? '' : `\n  page        ${adminUrl}/\n  reference   ${adminUrl}/docs\n`;
    const text = `${reference}  sandbox     ${world.url}\n${line === undefined ? '\n' : `\n  ${line}\n\n`}`;
    const running = { name: app.name, url, ...(adminUrl !== undefined && { adminUrl }), try: line ?? undefined };
    context.report({ text, data: { sandbox: world.url, apps: [running] }, isOneLine: true });
  }

  #changed(file: string): void {
    const isFirst = this.#dirty === undefined;
    this.#dirty = file;
    if (isFirst && !this.#isBusy) setTimeout(() => void this.#cycle(), settleMs);
  }

  async #cycle(): Promise<void> {
    const { root, context } = this.#options;
    this.#isBusy = true;
    while (this.#dirty !== undefined) {
      const file = this.#dirty;
      this.#dirty = undefined;
      const began = performance.now();
      context.write(`\n${linesText([`${relative(root, file)} changed`])}`);
      if (await this.#isSound()) await this.#restart(began);
      else this.#sayWaiting();
    }
    this.#isBusy = false;
  }

  async #isSound(): Promise<boolean> {
    const { root, app, world, context } = this.#options;
    const isCompiled = await compile(root, [relative(root, app.folder)], context);
    return isCompiled && rehearse(appScript(app), app.folder, world.envFor(app.name), context);
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
        env: world.envFor(app.name),
        onLine: (line) => context.writeStyled(requestLine(app.name, line)),
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      context.write(`${app.name} listens at ${String(this.#running.ready['url'])} (after ${seconds} s)\n`);
    } catch (cause) {
      if (!processes.areEnding) {
        context.writeError(`${messageOf(cause)}\n`);
        this.#sayWaiting();
      }
    }
    this.#isReplacing = false;
    await this.#introduce();
  }
}

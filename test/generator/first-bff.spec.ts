import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { comparable, isOutput, pageSteps, type PageCommand } from './console-page.js';
import { quietEnvironment, WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

/** With FRONTAGE_INSTALL=1 the workspace is a clone with an installation of its own, as the page has it. */
const isInstalled = process.env['FRONTAGE_INSTALL'] !== undefined;
const file = join(workspaceRoot, 'docs/first-bff.md');
const minute = 60_000;
vi.setConfig({ testTimeout: 10 * minute, hookTimeout: 10 * minute });

let folder: string;
let root: string;
let copy: WorkspaceCopy | undefined;
let dev: Terminal | undefined;
beforeAll(async () => {
  if (isInstalled) {
    folder = await mkdtemp(join(tmpdir(), 'frontage-first-'));
    root = join(folder, 'frontage');
  } else {
    copy = await WorkspaceCopy.whole(['apps', 'CODEOWNERS', 'test/run-checks.mjs']);
    ({ root } = copy);
  }
});
afterAll(async () => {
  await dev?.interrupt();
  await copy?.remove();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** A shell with a command in it. */
class Terminal {
  readonly #child: ChildProcess;
  output = '';
  /** Its exit code. */
  readonly ended: Promise<number | null>;

  constructor(command: string, cwd: string, ports: Readonly<Record<string, string>>) {
    const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
    this.#child = spawn('sh', ['-c', command], {
      cwd,
      env: { ...quietEnvironment(), ...ports, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C reaches every process of a terminal.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.ended = once(this.#child, 'close').then(() => this.#child.exitCode);
  }

  /** @throws with all output where the command ends before */
  async until(isThere: (output: string) => boolean): Promise<void> {
    let code: number | null | undefined;
    void this.ended.then((ended) => (code = ended));
    await vi.waitFor(
      () => {
        if (isThere(this.output)) return;
        throw new Error(`${code === undefined ? 'not there yet' : `it ended with ${code}`}:\n${this.output}`);
      },
      { timeout: 3 * minute, interval: 50 },
    );
  }

  async interrupt(): Promise<void> {
    const { pid, exitCode } = this.#child;
    if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGINT');
    await this.ended;
  }
}

/** The addresses of the running app and of the sandbox, which get free ports here. */
function actual(text: string): string {
  const address = (pattern: RegExp): string => [...(dev?.output ?? '').matchAll(pattern)].at(-1)?.[1] ?? 'none';
  return text
    .replaceAll('127.0.0.1:4004', address(/reader +(?:listens at )?http:\/\/(127\.0\.0\.1:\d+)/g))
    .replaceAll('127.0.0.1:4100', address(/sandbox +http:\/\/(127\.0\.0\.1:\d+)/g));
}

async function run(command: string): Promise<string> {
  const [, sandbox = '0'] = /:(\d+)/.exec(actual('127.0.0.1:4100')) ?? [];
  const terminal = new Terminal(actual(command), root, { SANDBOX_PORT: sandbox });
  const code = await terminal.ended;
  expect(code, terminal.output).toBe(0);
  return terminal.output;
}

/** Waits until the running app has what a change of its sources says. */
async function rebuilt<T>(change: () => Promise<T>): Promise<T> {
  const before = dev?.output.length ?? 0;
  const made = await change();
  await dev?.until((output) => output.slice(before).includes(' listens at '));
  return made;
}

/** A command that a page shows with its output. A request is sent again until the app runs the code of the page. */
async function follow(step: PageCommand): Promise<string> {
  if (step.text.startsWith('npm run dev')) {
    dev = new Terminal(step.text, root, { SANDBOX_PORT: '0', READER_PORT: '0', READER_ADMIN_PORT: '0' });
    await dev.until((output) => output.includes('Watching '));
    return dev.output;
  }
  if (step.text.startsWith('npx frontage endpoint')) return rebuilt(() => run(step.text));
  if (!step.text.startsWith('curl')) return run(step.text);
  let output = '';
  const deadline = AbortSignal.timeout(minute);
  do output = await run(`${step.text} || true`);
  while (!isOutput(output, step.output) && !deadline.aborted);
  return output;
}

describe('docs/first-bff.md', () => {
  it('takes a newcomer to a screen of their own, as it says', async () => {
    const began = performance.now();
    const page = await readFile(file, 'utf8');
    const [, clone = ''] = /^```sh\n([^]*?)^```$/m.exec(page) ?? [];
    const [first = '', second = '', ...others] = clone.trimEnd().split('\n');
    expect([first, second, others]).toEqual([expect.stringMatching(/^git clone (\S+) && cd frontage$/), 'npm ci', []]);
    if (isInstalled) {
      const install = new Terminal(`git clone -q ${workspaceRoot} frontage && cd frontage && ${second}`, folder, {});
      expect(await install.ended, install.output).toBe(0);
    }
    const steps = pageSteps(page);
    for (const step of steps) {
      if (step.kind === 'file') {
        const write = (): Promise<void> => writeFile(join(root, step.path), step.text);
        await (dev === undefined ? write() : rebuilt(write));
        continue;
      }
      // The tests of made apps take long, and run in generated-apps.spec.ts too.
      if (step.text.startsWith('npm test') && !isInstalled) continue;
      const output = await follow(step);
      if (!isOutput(output, step.output)) expect(comparable(output)).toBe(comparable(step.output.join('\n')));
    }
    expect(performance.now() - began).toBeLessThan(5 * minute);
    const byHand = steps.filter(({ kind }) => kind === 'file');
    expect(byHand.length).toBeLessThanOrEqual(3);
  });
});

describe('the output of a page', () => {
  it.each([
    ['listens at http://127.0.0.1:4004 (after 2.5 s)', 'listens at http://127.0.0.1:40895 (after 12 s)', true],
    ['a   b', 'a b\n\n', true],
    ['a', 'a\nb', false],
    ['a\nb', 'a', false],
    ['...\nb', 'a\na\nb', true],
    ['...\nb', 'a\nb\nc', false],
    ['a\n...\nc\n...', 'a\nb\nc\nd', true],
    ['a\n...\nc\n...', 'b\nc\nd', false],
    ['', 'a', false],
    ['', '\n', true],
  ])('%j is compared with %j', (shown, output, isSame) => {
    expect(isOutput(output, shown === '' ? [] : shown.split('\n'))).toBe(isSame);
  });
});

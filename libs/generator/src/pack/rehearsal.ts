import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CheckFailed } from '../terminal/command.errors.js';
import { stageFolder, type PackedContent } from './output-folder.js';

export interface RehearsalOptions {
  readonly root: string;
  /** Folder of the app. */
  readonly app: string;
  /** The description of the built app. */
  readonly description: unknown;
  /** True if packages are left to install; those of the workspace are used then. */
  readonly installs: boolean;
  readonly writeError: (text: string) => void;
}

/**
 * Starts a packed app in an empty folder, where it finds nothing of the workspace, and compares its description with that of the built one.
 * No port is opened.
 * @throws CheckFailed where it does not start, or describes itself in another way
 */
export async function rehearsePack(content: PackedContent, options: RehearsalOptions): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'frontage-pack-')));
  try {
    const stage = join(folder, 'app');
    await stageFolder(stage, content);
    if (options.installs) await symlink(join(options.root, 'node_modules'), join(stage, 'node_modules'));
    const said = await describe(stage, options.writeError);
    if (said === undefined)
      throw new CheckFailed('the packed app does not start: the reason stands above, and nothing was written');
    if (!isDeepStrictEqual(JSON.parse(said, movedFrom(stage, options.app)), options.description))
      throw new CheckFailed(
        'the packed app describes itself (--describe) in another way than the built one: does it read files that no import and no new URL names? Nothing was written',
      );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The policy stands elsewhere; everything else is the same. */
function movedFrom(folder: string, app: string): (key: string, value: unknown) => unknown {
  return (key, value) => (key === 'file' && value === join(folder, 'bff.yaml') ? join(app, 'bff.yaml') : value);
}

function describe(folder: string, writeError: (text: string) => void): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['main.js', '--describe'], {
      cwd: folder,
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => writeError(piece));
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 ? text : undefined));
  });
}

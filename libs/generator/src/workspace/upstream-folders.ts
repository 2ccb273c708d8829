import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { contractsFolder, upstreamsPath } from './layout.js';
import { noWorkspace } from './workspace.js';
import { UsageError } from '../terminal/command.errors.js';

/** The folders of the workspace in which the command runs. */
export class UpstreamFolders {
  private constructor(readonly root: string) {}

  /** The nearest folder at or above `from` that has both a folder of contracts and a package.json. @throws {UsageError} */
  static find(from: string): UpstreamFolders {
    for (let folder = resolve(from); ; folder = dirname(folder)) {
      if (existsSync(join(folder, 'package.json')) && contractsFolder(folder) !== undefined)
        return new UpstreamFolders(folder);
      if (dirname(folder) === folder) throw noWorkspace(from);
    }
  }

  /** The folder of the upstreams that all apps share, or of those of one app. @throws {UsageError} for an app that does not exist */
  upstreams(app?: string): string {
    if (app === undefined) return upstreamsPath(this.root);
    const folder = join(this.root, 'apps', checkedName('app', app));
    if (!existsSync(folder)) throw new UsageError(`there is no app ${app}: ${this.show(folder)} does not exist`);
    return join(folder, 'upstreams');
  }

  upstream(name: string, app?: string): string {
    return join(this.upstreams(app), checkedName('upstream', name));
  }

  /** Names of the shared upstreams or of those of one app, sorted. */
  async upstreamNames(app?: string): Promise<string[]> {
    return foldersWith(this.upstreams(app), contractFile);
  }

  /** Names of the apps, sorted. */
  async apps(): Promise<string[]> {
    return foldersWith(join(this.root, 'apps'), 'package.json');
  }

  /** Every upstream of the workspace, shared ones first. */
  async allUpstreams(): Promise<{ name: string; app?: string }[]> {
    const shared = (await this.upstreamNames()).map((name) => ({ name }));
    const apps = await this.apps();
    const own = await Promise.all(
      apps.map(async (app) => (await this.upstreamNames(app)).map((name) => ({ name, app }))),
    );
    return [...shared, ...own.flat()];
  }

  /** Every folder to which files are written. */
  async written(): Promise<string[]> {
    const upstreams = await this.allUpstreams();
    const apps = await this.apps();
    return [
      this.root,
      this.upstreams(),
      ...apps.flatMap((app) => [join(this.root, 'apps', app), this.upstreams(app)]),
      ...upstreams.map(({ name, app }) => this.upstream(name, app)),
    ];
  }

  /** A path from the workspace, for messages. */
  show(path: string): string {
    return terminalLine(relative(this.root, path)) || '.';
  }
}

// `orders@2` is a second upstream beside `orders`, with its own address and policy.
const versioned = /^[a-z][a-z0-9-]*@[a-z0-9]+(?:-[a-z0-9]+)*$/;

// Members of every object, and devices of Windows.
const reserved: ReadonlySet<string> = new Set(
  `constructor con nul prn aux com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9`.split(
    ' ',
  ),
);

// Names of generated files beside `<name>.gen.ts`.
const reservedOfUpstreams: ReadonlySet<string> = new Set(['schemas', 'validators']);

export const contractFile = 'openapi.yaml';

/** The OpenAPI Overlay of an upstream: changes of its contract that the team keeps. */
export const overlayFile = 'overlay.yaml';

/** @throws {UsageError} for a name that is not both the name of a folder and a single word of a configuration */
export function checkedName(what: string, name: string): string {
  const isName = /^[a-z][a-z0-9-]*$/.test(name) || (what === 'upstream' && versioned.test(name));
  if (reserved.has(name) || (what === 'upstream' && reservedOfUpstreams.has(name)))
    throw new UsageError(`an ${what} cannot be called ${JSON.stringify(name)}: choose another name`);
  if (isName && name !== 'dist' && name !== 'node_modules') return name;
  throw new UsageError(
    `${JSON.stringify(name)} cannot name an ${what}: use lower-case letters, digits and dashes, a letter first${what === 'upstream' ? ', and perhaps a version: orders@2' : ''}`,
  );
}

async function foldersWith(folder: string, file: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    // Links are listed too, so that a command that would write through one can say so.
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && existsSync(join(folder, entry.name, file)))
    .map(({ name }) => name);
  return names.toSorted();
}

/** The content of a file; undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

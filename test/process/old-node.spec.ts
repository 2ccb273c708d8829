import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { AppProcess } from './app-process.js';

/** Makes a process say that it is an older Node.js; the check is the first code of an entry that runs. */
const olderNode = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(olderNode)}`;

const firstImport = (path: string): string | undefined =>
  /^import (?:.* from )?'(.*)';$/m.exec(readFileSync(join(workspaceRoot, path), 'utf8'))?.[1];

describe('a Node.js that is too old', () => {
  it.each([
    ['libs/generator/bin/frontage.js', 'npx frontage'],
    ['libs/generator/bin/build.js', 'node_modules/.bin/node libs/generator/bin/build.js'],
  ])('is refused by %s in one line that names the command to run', async (script, command) => {
    const { code, stdout, stderr } = await new AppProcess({ script, env: { NODE_OPTIONS }, args: ['--help'] }).ended;
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `Frontage needs Node.js 24 or newer, and this is 20.20.2. Run it with the Node.js of the workspace: ${command} --help\n`,
    });
  });

  // The imports of a file run in their order, each with its own imports first.
  it.each(['libs/gateway/src/index.ts', 'libs/sandbox/src/main.ts'])(
    'is refused by %s before it loads more',
    (path) => {
      expect(firstImport(path)).toBe('@frontage/core/supported-node');
    },
  );

  it.each(globSync(['apps/*/src/main.ts', 'templates/app/*/src/main.ts'], { cwd: workspaceRoot }))(
    'is refused by %s, whose first import is the gateway',
    (path) => {
      expect(firstImport(path)).toBe('@frontage/gateway');
    },
  );
});

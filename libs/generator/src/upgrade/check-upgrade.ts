import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compile } from '../dev/compile.js';
import type { Terminal } from '../terminal/command-context.js';
import { isObject, parsed } from '../workspace/folder-record.js';
import type { FileContent } from '../workspace/write-files.js';
import { dataOf } from './merge/text-form.js';

/** The check of an upgraded app: each is undefined where it was not made. */
export interface UpgradeChecks {
  readonly isCompiled?: boolean;
  readonly arePassed?: boolean;
  /** The reason why the tests could not run. */
  readonly reason?: string;
}

/** Compiles an app and runs its tests. */
export async function checkApp(root: string, shown: string, context: Terminal): Promise<UpgradeChecks> {
  if (!(await compile(root, [shown], context))) return { isCompiled: false };
  const script = testScript(root);
  if (script === undefined) return { isCompiled: true, reason: 'vitest is not installed' };
  const child = spawn(process.execPath, [script, 'run', shown], {
    cwd: root,
    // A run that is no part of a development session writes no snapshots that do not exist yet.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_ENV$)/.test(name))),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) context.writeError(output);
  return { isCompiled: true, arePassed: code === 0 };
}

function testScript(root: string): string | undefined {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('vitest/package.json');
    const script = join(dirname(manifest), 'vitest.mjs');
    return existsSync(script) ? script : undefined;
  } catch {
    return undefined;
  }
}

/** True where a package.json names other packages than before: they must be installed before anything is compiled. */
export async function changesPackages(writes: ReadonlyMap<string, FileContent>): Promise<boolean> {
  for (const [path, content] of writes) {
    if (!path.endsWith('package.json')) continue;
    const before = existsSync(path) ? await readFile(path, 'utf8') : '{}';
    if (!isDeepStrictEqual(packagesOf(before), packagesOf(Buffer.from(dataOf(content)).toString()))) return true;
  }
  return false;
}

function packagesOf(text: string): unknown {
  const manifest = parsed(text);
  return isObject(manifest)
    ? [manifest['dependencies'], manifest['devDependencies'], manifest['overrides']]
    : undefined;
}

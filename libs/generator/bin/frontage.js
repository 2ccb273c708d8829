#!/usr/bin/env node
import '@frontage/core/supported-node';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  // In a new clone the command builds itself, and nothing that it does not use.
  const build = fileURLToPath(new URL('build.js', import.meta.url));
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  spawnSync(process.execPath, [build, 'libs/generator'], { cwd: root, stdio: ['ignore', 2, 2] });
}
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('The frontage command could not be built: correct the errors above first.\n');
  process.exitCode = 1;
}

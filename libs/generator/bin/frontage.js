#!/usr/bin/env node
import '@frontage/core/supported-node';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
const packages = new URL('../../../node_modules/', import.meta.url);
// Code that Node.js compiled is kept for the next start, of this command and of the apps that it starts. A folder for temporary files would be
// shared with other users.
if (existsSync(packages)) process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('.cache/frontage-code', packages));
if (process.env.NODE_COMPILE_CACHE) module.enableCompileCache();
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

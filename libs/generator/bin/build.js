#!/usr/bin/env node
// Builds folders of the workspace and the libs that they use, and shows the progress: `node build.js [--quiet] [--lenient] [folder ...]`;
// without folders it builds everything. It is plain JavaScript, because it runs before anything is built. The working directory is the workspace.
import '@frontage/core/supported-node';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const args = process.argv.slice(2);
const isQuiet = args.includes('--quiet');
// After an error, the next command runs with what was built before.
const isLenient = args.includes('--lenient');
const folders = args.filter((arg) => !arg.startsWith('--'));
const began = performance.now();
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
const say = (text) => isQuiet || process.stdout.write(`${text}\n`);

say(`Building ${folders.length === 0 ? 'everything' : folders.join(', ')} (TypeScript); the first build takes longest`);

// The WebAssembly of the transcoder is committed; only a build of everything compares it with its sources. `frontage dev` needs the page.
const made = [
  ...(folders.length === 0 ? ['libs/transcoder/build.mjs'] : []),
  ...(folders.length === 0 || folders.includes('libs/generator') ? ['libs/developer-page/build.mjs'] : []),
];
for (const script of made.filter((path) => existsSync(path))) {
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

const native = join(dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')), 'bin/tsc');
const compiler = [native, '-b', '--verbose', '--pretty', 'false'];
const child = spawn(process.execPath, [...compiler, ...folders], { stdio: ['ignore', 'pipe', 'inherit'] });
const raw = [];
let built = 0;
let errors = 0;
let isInError = false;
createInterface({ input: child.stdout }).on('line', (line) => {
  raw.push(line);
  if (raw.length > 20) raw.shift();
  const project = /Building project '(.+?)(?:\/tsconfig\.json)?'/.exec(line)?.[1];
  if (project !== undefined) {
    built++;
    say(`${seconds().padStart(8)}  ${project}`);
  }
  const isError = /^(?:.+\(\d+,\d+\): )?error TS\d+: /.test(line);
  // Lines with further reasons are indented below their error.
  isInError = isError || (isInError && /^\s+\S/.test(line));
  if (isError) errors++;
  // `file:line:column`, which editors and terminals open.
  if (isInError) process.stdout.write(`${line.replace(/^(\S.*?)\((\d+),(\d+)\): /, '$1:$2:$3 ')}\n`);
});
child.once('error', (error) => {
  process.stderr.write(`the TypeScript compiler does not start: ${error.message}\n`);
  process.exitCode = 1;
});
child.once('close', (code) => {
  if (code === 0) return say(built === 0 ? `Nothing to build (${seconds()})` : `Built in ${seconds()}`);
  process.exitCode = isLenient ? 0 : 1;
  if (errors === 0) process.stdout.write(`${raw.join('\n')}\n`);
  return say(`${errors} ${errors === 1 ? 'error' : 'errors'} (${seconds()})`);
});

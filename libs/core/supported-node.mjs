// Ends the process in one line where Node.js is too old. Entries import this file first: their other imports fail on such a Node.js with
// messages that do not say why. It is plain JavaScript for the command, which needs it before anything is built.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** The oldest major version that runs the product; `engines` of every package says the same. */
export const oldestNode = 24;

const majorOf = (version) => Number.parseInt(version, 10);

/**
 * One line about a Node.js that is too old, with the command to run instead; undefined where it is new enough.
 * @param {{ version: string, argv: readonly string[], cwd: string, platform?: string }} running a version without `v`, and `process.argv`
 * @returns {string | undefined}
 */
export function oldNodeMessage({ version, argv, cwd, platform = process.platform }) {
  if (majorOf(version) >= oldestNode) return undefined;
  const [, script = '', ...args] = argv;
  const wanted = `Frontage needs Node.js ${oldestNode} or newer, and this is ${version}.`;
  const own = script === '' ? undefined : workspaceNode(dirname(script), platform);
  if (own === undefined)
    return `${wanted} Install Node.js ${oldestNode} or newer, or run \`npm ci\` in the workspace first.`;
  const isCommand = /^frontage(?:\.js)?$/.test(basename(script));
  const command = isCommand ? ['npx', 'frontage', ...args] : [fromHere(cwd, own), fromHere(cwd, script), ...args];
  return `${wanted} Run it with the Node.js of the workspace: ${command.map(quoted).join(' ')}`;
}

/** `node_modules/.bin/node` at or above a folder, where it is new enough. */
function workspaceNode(from, platform) {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', 'node', 'package.json');
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, 'utf8'));
      const name = platform === 'win32' ? 'node.cmd' : 'node';
      return majorOf(version) >= oldestNode ? join(folder, 'node_modules', '.bin', name) : undefined;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** A path as a user types it in this folder. */
function fromHere(cwd, path) {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

/** A word as a POSIX shell reads it; characters that a terminal could obey are left out. */
function quoted(word) {
  const plain = word.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  return /^[\w./:@=+,-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", String.raw`'\''`)}'`;
}

const message = oldNodeMessage({ version: process.versions.node, argv: process.argv, cwd: process.cwd() });
if (message !== undefined) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

// `node packaging/template-history.mjs`: writes templates/history.json, the versions of the templates of apps from before apps kept the
// rendering that they were made from. It is run in a clone with its whole history; apps made since need no later versions.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
const lines = (text) => text.split('\n').filter((line) => line !== '');

const texts = [];
const indexOf = new Map();
const versions = [];
for (const commit of lines(git('log', '--reverse', '--format=%H', '--', 'templates/app'))) {
  const release = JSON.parse(git('show', `${commit}:package.json`)).version;
  const files = {};
  for (const entry of lines(git('ls-tree', '-r', commit, 'templates/app'))) {
    const [, blob, path] = /^100644 blob (\w+)\ttemplates\/app\/(.+)$/.exec(entry);
    if (!path.includes('/')) continue;
    if (!indexOf.has(blob)) indexOf.set(blob, texts.push(git('cat-file', 'blob', blob)) - 1);
    files[path] = indexOf.get(blob);
  }
  versions.push({ release, files });
}
writeFileSync(`${root}templates/history.json`, `${JSON.stringify({ texts, versions }, null, 1)}\n`);
process.stdout.write(`${versions.length} versions, ${texts.length} texts\n`);

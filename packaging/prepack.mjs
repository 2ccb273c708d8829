// Prepares the package in the working directory for `npm pack` and `npm publish`: the licence, nothing in dist that has no source any more,
// and for the generator what it makes new workspaces from.
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

copyFileSync(join(root, 'LICENSE'), 'LICENSE');
if (!manifest.files.includes('dist')) process.exit(0);
if (!existsSync('dist')) {
  process.stderr.write(`${manifest.name} is not built: run \`npm run build\` first\n`);
  process.exit(1);
}

const templates = join('dist', 'templates');
// Vite has bundled the page from sources of other names.
const isOfPage = (output) => /^dist[/\\]page(?:-types)?[/\\]/.test(output);
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const output = join(entry.parentPath, entry.name);
  const stem = /^dist[/\\](.+?)(?:\.d)?\.(m?)[jt]s(?:\.map)?$/.exec(output);
  if (!entry.isFile() || stem === null || output.startsWith(templates) || isOfPage(output)) continue;
  if (!existsSync(join('src', `${stem[1]}.${stem[2]}ts`))) rmSync(output);
}

if (manifest.name === '@frontage/generator') {
  rmSync(templates, { recursive: true, force: true });
  const filter = (from) => !/[/\\](?:dist|node_modules)$/.test(from);
  cpSync(join(root, 'templates'), templates, { recursive: true, filter });
  cpSync(join(root, 'policy'), join(templates, 'policy'), { recursive: true });
  const upstreams = join(root, 'libs', 'upstreams');
  for (const { name } of readdirSync(upstreams, { withFileTypes: true }).filter((one) => one.isDirectory())) {
    if (name === 'dist' || name === 'node_modules') continue;
    cpSync(join(upstreams, name), join(templates, 'upstreams', name), { recursive: true });
  }
}

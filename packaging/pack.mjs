// `npm run pack -- FOLDER`: packs every package that is published into a folder, as `npm publish` would send it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [folder = '', ...others] = process.argv.slice(2);
if (folder === '' || others.length > 0) {
  process.stderr.write('Name the folder for the packages: npm run pack -- ../packages\n');
  process.exit(2);
}
const libs = readdirSync(join(root, 'libs')).filter(
  (lib) => JSON.parse(readFileSync(join(root, 'libs', lib, 'package.json'), 'utf8')).private !== true,
);
const target = resolve(process.env.INIT_CWD ?? process.cwd(), folder);
mkdirSync(target, { recursive: true });
const workspaces = ['packaging/create-frontage', ...libs.map((lib) => `libs/${lib}`)].flatMap((path) => ['-w', path]);
const { status } = spawnSync('npm', ['pack', '--pack-destination', target, ...workspaces], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

// `npm run fuzz`: the specs with property tests and hostile inputs alone, with many more runs of each. Arguments go to vitest: `npm run fuzz -- libs/clients`.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const skipped = new Set(['node_modules', 'dist', 'fuzz']);

function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const texts = new Map(
  ['apps', 'libs', 'test'].flatMap(sources).map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);
const isSpec = (path) => /\.(?:e2e-)?spec\.ts$/.test(path);
/** Files that use fast-check or make their own number of inputs, and those that import one of them that is no spec. */
const using = new Set(
  [...texts]
    .filter(([, text]) => text.includes("'fast-check'") || text.includes("'FRONTAGE_FUZZ'"))
    .map(([path]) => path),
);
for (let before = 0; before !== using.size;) {
  before = using.size;
  const shared = [...using].filter((path) => !isSpec(path)).map((path) => `/${basename(path, '.ts')}.js'`);
  for (const [path, text] of texts) if (shared.some((name) => text.includes(name))) using.add(path);
}

const [, , ...given] = process.argv;
const filters = given.filter((argument) => !argument.startsWith('-'));
const specs = [...using].filter(
  (path) => isSpec(path) && (filters.length === 0 || filters.some((part) => path.includes(part))),
);
if (specs.length === 0) {
  process.stderr.write(`No spec with property tests has ${filters.join(' or ')} in its path.\n`);
  process.exit(1);
}
const factor = process.env['FRONTAGE_FUZZ'] ?? '50';
process.stdout.write(`${specs.length} specs, each property ${factor} times as long as in npm test\n`);
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', ...given.filter((argument) => argument.startsWith('-')), ...specs],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FRONTAGE_FUZZ: factor },
  },
);
process.exitCode = status ?? 1;

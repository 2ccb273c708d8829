// Builds the page into `dist/page` with Vite. It does nothing where `dist/page` was made of the same sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('./', import.meta.url);
const mark = new URL('dist/page/made-of', here);
const sources = [
  ...readdirSync(new URL('src', here), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:tsx?|css|html)$/.test(name) && !name.endsWith('.spec.ts'))
    .map((name) => `src/${name}`),
  'build.mjs',
  'package.json',
].toSorted();

function hashOf(files) {
  const hash = createHash('sha256');
  for (const name of files) hash.update(`${name}\n`).update(readFileSync(new URL(name, here)));
  return hash.digest('hex');
}

/** Resolves when the page is built from the present sources. */
export async function buildPage() {
  const hash = hashOf(sources);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === hash) return;
  // Loading the bundler takes longer than finding that there is nothing to bundle.
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: fileURLToPath(new URL('src/page', here)),
    // The server gives the page at `/` and its files below.
    base: '/developer/',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: fileURLToPath(new URL('dist/page', here)),
      emptyOutDir: true,
      target: 'es2024',
      modulePreload: false,
      assetsInlineLimit: 0,
      cssCodeSplit: false,
      rollupOptions: {
        output: { entryFileNames: 'page.js', assetFileNames: 'page[extname]' },
      },
    },
  });
  writeFileSync(mark, hash);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();

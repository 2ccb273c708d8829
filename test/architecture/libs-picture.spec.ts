import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appMayImport, law } from './import-law.mjs';

const libs = Object.keys(law);

/** Everything that a lib reaches over one lib in between, or more. */
function reachedThroughOthers(lib: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    for (const next of law[name] ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      visit(next);
    }
  };
  for (const direct of law[lib] ?? []) visit(direct);
  return reached;
}

/** The arrows that no longer way implies: with all of them the picture would be a knot. */
function arrows(lib: string): readonly string[] {
  const implied = reachedThroughOthers(lib);
  return (law[lib] ?? []).filter((other) => !implied.has(other)).map((other) => `  ${lib} --> ${other}`);
}

const libsFolder = join(import.meta.dirname, '../../libs');

/** The libs that the product code of a lib imports. */
function importsOf(lib: string): ReadonlySet<string> {
  const sources = readdirSync(join(libsFolder, lib), { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      path.endsWith('.ts') &&
      !/(?:^|\/)(?:dist|node_modules|fixtures)\//.test(path) &&
      !/\.(?:spec|spec-d|bench)\.ts$/.test(path),
  );
  const text = sources.map((path) => readFileSync(join(libsFolder, lib, path), 'utf8')).join('\n');
  return new Set([...text.matchAll(/(?:from|import\()\s*'@frontage\/([a-z-]+)/g)].map(([, name = '']) => name));
}

const page = `# Who uses which lib

This page is written from \`test/architecture/import-law.mjs\` by \`npm test -- test/architecture -u\`; a test compares the two.

An arrow means "imports". An arrow that follows from two others is left out of the picture; the table has all of them.

\`\`\`mermaid
graph TD
${libs.flatMap(arrows).join('\n')}
\`\`\`

| lib | may import |
| --- | --- |
${libs.map((lib) => `| \`${lib}\` | ${(law[lib] ?? []).map((other) => `\`${other}\``).join(', ') || 'nothing of ours'} |`).join('\n')}

An app may import ${appMayImport.map((lib) => `\`${lib}\``).join(', ')}; its tests also \`testing\`.
`;

describe('the picture of the libs', () => {
  it('shows the import law as it is', async () => {
    await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/libs.md'));
  });

  it('has only edges that an import needs', () => {
    const unused = libs.flatMap((lib) => {
      const used = importsOf(lib);
      return (law[lib] ?? []).filter((other) => !used.has(other)).map((other) => `${lib} -> ${other}`);
    });
    expect(unused).toEqual([]);
  });

  it('reaches every lib that the law names from some arrow, or says that it imports nothing of ours', () => {
    const drawn = new Set(libs.flatMap((lib) => [...arrows(lib)].flatMap((arrow) => arrow.trim().split(' --> '))));
    expect(libs.filter((lib) => !drawn.has(lib))).toEqual([]);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { maxFilesInFolder, maxLines, notYet, type Rule } from './rooms.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const libs = readdirSync(join(root, 'libs')).filter((lib) => existsSync(join(root, 'libs', lib, 'src')));

/** Specs, benches, what only they use, and what is generated may be as large as it has to be. */
const isProduct = (file: string): boolean =>
  /\.tsx?$/.test(file) && !/\.(?:spec|spec-d|bench|gen)\.ts$|(?:^|\/)fixtures\//.test(file);

/** The product files of a lib, by their path below `src`, with their text. */
function productFiles(lib: string): ReadonlyMap<string, string> {
  const source = join(root, 'libs', lib, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter(isProduct)
    .toSorted();
  return new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]));
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The imports of each file, those of types and at run time included. */
function importsOf(files: ReadonlyMap<string, string>): Graph {
  return new Map(
    [...files].map(([file, text]) => {
      const targets = ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => posix.join(posix.dirname(file), fileName).replace(/\.js$/, '.ts'))
        .map((target) => (files.has(target) ? target : `${target}x`));
      return [file, new Set(targets.filter((target) => files.has(target)))];
    }),
  );
}

/** The folders from which each folder imports. */
function folderImports(imports: Graph): Graph {
  const folders = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const folder = posix.dirname(file);
    const known = folders.get(folder) ?? new Set();
    folders.set(folder, known);
    for (const target of targets) if (posix.dirname(target) !== folder) known.add(posix.dirname(target));
  }
  return folders;
}

/** A way from each node that leads back to it, the shortest ones, each circle once. */
function circlesOf(graph: Graph): readonly string[] {
  const found = new Map<string, string>();
  for (const start of graph.keys()) {
    const ways = [[start]];
    const seen = new Set<string>();
    for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
      const next = [...(graph.get(way.at(-1) ?? '') ?? [])];
      if (next.includes(start)) {
        const circle = way.toSorted().join(' ');
        if (!found.has(circle)) found.set(circle, [...way, start].join(' -> '));
        break;
      }
      for (const node of next) {
        if (!seen.has(node)) ways.push([...way, node]);
        seen.add(node);
      }
    }
  }
  return [...found.values()];
}

const rules: Readonly<Record<Rule, readonly [name: string, faultsOf: (lib: string) => readonly string[]]>> = {
  folderSize: [
    `no folder holds more than ${maxFilesInFolder} product files`,
    (lib) =>
      [...Map.groupBy(productFiles(lib).keys(), (file) => posix.dirname(file))]
        .filter(([, files]) => files.length > maxFilesInFolder)
        .map(([folder, files]) => `${folder} holds ${files.length} files`),
  ],
  fileSize: [
    `no product file has more than ${maxLines} lines`,
    (lib) =>
      [...productFiles(lib)]
        .map(([file, text]) => [file, text.trimEnd().split('\n').length] as const)
        .filter(([, lines]) => lines > maxLines)
        .map(([file, lines]) => `${file} has ${lines} lines`),
  ],
  circles: ['files import one way, types included', (lib) => circlesOf(importsOf(productFiles(lib)))],
  folderCircles: [
    'folders import one way, types included',
    (lib) => circlesOf(folderImports(importsOf(productFiles(lib)))),
  ],
};

describe.each<Rule>(['folderSize', 'fileSize', 'circles', 'folderCircles'])('in each lib (%s)', (rule) => {
  const [name, faultsOf] = rules[rule];
  const open = notYet[rule];

  it.each(libs.filter((lib) => !open.includes(lib)))(`libs/%s: ${name}`, (lib) => {
    expect(faultsOf(lib)).toEqual([]);
  });

  it.runIf(open.length > 0)('those that are listed in rooms.ts as not done are not done', () => {
    expect(open.filter((lib) => !libs.includes(lib) || faultsOf(lib).length === 0)).toEqual([]);
  });
});

/** The lists of AGENTS.md: the rooms of each lib in the order in which they may import. */
function listedRooms(): ReadonlyMap<string, readonly string[]> {
  const text = /# Rooms\n([^]*?)\n# /.exec(readFileSync(join(root, 'AGENTS.md'), 'utf8'))?.[1] ?? '';
  const items = text.split(/^- /m).slice(1);
  return new Map(
    items.map((item) => {
      const [, lib = '', list = ''] = /^`([\w-]+)`: ([^]*)$/.exec(item) ?? [];
      const names = list.replaceAll(/\([^)]*\)/g, '').matchAll(/(?:^|·|;)\s*`?(\w[\w/-]*)/g);
      return [lib, [...names].flatMap(([, name]) => name ?? [])];
    }),
  );
}

describe('the list of rooms in AGENTS.md', () => {
  const listed = listedRooms();

  it('is there', () => {
    expect(listed.size).toBeGreaterThan(5);
  });

  it.each([...listed])('names the rooms of %s in the order in which they may import', (lib, rooms) => {
    const imports = folderImports(importsOf(productFiles(lib)));
    expect([...imports.keys()].filter((room) => room !== '.').toSorted()).toEqual(rooms.toSorted());
    const backwards = rooms.flatMap((room, at) => [...(imports.get(room) ?? [])].filter((target) => !rooms.slice(0, at).includes(target)).map((target) => `${room} -> ${target}`)); // prettier-ignore
    expect(backwards).toEqual([]);
  });
});

describe('the search for circles', () => {
  const graphOf = (text: string): Graph =>
    new Map(
      text.split(' ').map((line) => {
        const [from = '', targets = ''] = line.split(':');
        return [from, new Set(targets.split(',').filter(Boolean))];
      }),
    );

  it('finds a file that leads back to itself by way of others, and none where all ways end', () => {
    expect(circlesOf(graphOf('a:b b:c c:'))).toEqual([]);
    expect(circlesOf(graphOf('a:b b:c,d c:a d:'))).toEqual(['a -> b -> c -> a']);
    expect(circlesOf(graphOf('a:b b:a c:d d:c'))).toEqual(['a -> b -> a', 'c -> d -> c']);
  });

  it('sees imports of types, exports from and imports at run time', () => {
    const files = new Map([
      ['a.ts', `import type { B } from './b.js';`],
      ['b.ts', `export { c } from './x/c.js';`],
      ['x/c.ts', `const a = await import('../a.js'); type D = import('./d.js').D;`],
      ['x/d.ts', ''],
    ]);
    expect(circlesOf(importsOf(files))).toEqual(['a.ts -> b.ts -> x/c.ts -> a.ts']);
    expect(importsOf(files).get('x/c.ts')).toEqual(new Set(['a.ts', 'x/d.ts']));
    expect(circlesOf(folderImports(importsOf(files)))).toEqual(['. -> x -> .']);
  });
});

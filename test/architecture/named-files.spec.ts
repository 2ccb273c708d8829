import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Paths of this repository begin with one of these. */
const topLevel = new Set(readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules'));

/** Files and folders that a page names: in backticks, as the target of a link, or bare in a block of code. */
function pathsIn(page: string): readonly string[] {
  const text = read(page);
  const folder = dirname(page);
  const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(folder, target));
  const mentioned = [...text.matchAll(/(?<![\w@/.-])(?:[\w-]+\/)[\w./*{}<>,-]+/g)].map(([path]) => path);
  const inRepository = mentioned
    .filter((path) => topLevel.has(path.slice(0, path.indexOf('/'))))
    // A placeholder stands for any name; `dist` exists after a build only.
    .filter((path) => !/[<>*{}]|\/dist\//.test(path))
    .map((path) => path.replace(/[.,]$/, ''));
  return [...new Set([...links, ...inRepository])];
}

const missingIn = (page: string): readonly string[] => pathsIn(page).filter((path) => !existsSync(join(root, path)));

/** Rows of the walk: number, file and function. */
function stops(): readonly { readonly file: string; readonly symbol: string }[] {
  const rows = [...read('docs/request-lifecycle.md').matchAll(/^\| \d+ +\| `([^`]+)` *\| `([^`]+)` *\|/gm)];
  return rows.map(([, file = '', symbol = '']) => ({ file, symbol }));
}

/** True if a source declares a function, a class, a constant or a method of that name. */
function declares(source: string, symbol: string): boolean {
  const name = symbol.replace('#', String.raw`\#`);
  return new RegExp(
    String.raw`^(?:export )?(?:abstract )?(?:async )?(?:function|class|const) ${name}\b|^  (?:async )?${name}(?:<[^>]*>)?\(`,
    'm',
  ).test(source);
}

describe.each(['AGENTS.md', 'README.md', 'docs/request-lifecycle.md'])('%s', (page) => {
  it('names only files and folders that exist', () => {
    expect(pathsIn(page).length).toBeGreaterThan(5);
    expect(missingIn(page)).toEqual([]);
  });
});

describe('README.md', () => {
  it('links every page of docs', () => {
    const pages = readdirSync(join(root, 'docs')).filter((name) => statSync(join(root, 'docs', name)).isFile());
    const linked = pathsIn('README.md');
    expect(pages.filter((name) => !linked.includes(`docs/${name}`))).toEqual([]);
  });
});

describe('the stages in docs/request-lifecycle.md', () => {
  const page = read('docs/request-lifecycle.md');

  it('of the inbound pipeline are those of the code, in its order', () => {
    const code = read('libs/gateway/src/inbound/pipeline.ts');
    const stages = [...code.matchAll(/^ {2}(\w+)Stage, *(?:\/\/.*)?$/gm)].map(([, name = '']) => name);
    const table = page.slice(page.indexOf('| stage '), page.indexOf('The address is limited before'));
    const rows = [...table.matchAll(/^\| (?!stage |-)([^|]+?) *\|/gm)].map(([, row = '']) => row);
    expect(stages.length).toBeGreaterThan(8);
    // `classAddressLimit` is the row of `class limit per address`.
    const words = (name: string): string =>
      name.replaceAll(/[A-Z]/g, ' $&').toLowerCase().split(' ').toSorted().join(' ');
    expect(rows.map((row) => words(row.replace(' per', '')))).toEqual(
      stages.map((name) => words(name === 'inFlight' ? 'inFlightCaller' : name)),
    );
  });

  it('of a call are those of the clients', () => {
    const [, listed = ''] = /passes the stages of its upstream: ([^;]*);/.exec(page) ?? [];
    const files = readdirSync(join(root, 'libs/clients/src/stages')).filter((name) => name.endsWith('.stage.ts'));
    const names = listed.replaceAll(/\(\S+\)|[[\]]/g, '').split(/,\s+/);
    expect(names.toSorted()).toEqual([...files.map((name) => name.replace('.stage.ts', '')), 'decode'].toSorted());
  });
});

describe('the walk through the code of one request', () => {
  it('has at most 20 stops', () => {
    expect(stops().length).toBeGreaterThan(10);
    expect(stops().length).toBeLessThanOrEqual(20);
  });

  it.each(stops())('finds $symbol in $file', ({ file, symbol }) => {
    expect(declares(read(file), symbol)).toBe(true);
  });
});

describe('docs/glossary.md', () => {
  it('explains at most 30 words, each once', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\| (?!word |-)([^|]+?) *\|/gm)].map(([, word]) => word);
    expect(words.length).toBeGreaterThan(20);
    expect(words.length).toBeLessThanOrEqual(30);
    expect(new Set(words).size).toBe(words.length);
  });
});

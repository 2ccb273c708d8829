import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = join(folder, 'oxlintrc.json');
writeFileSync(
  config,
  JSON.stringify({
    jsPlugins: [join(root, 'libs/aggregation/src/lint/oxlint-tables.ts')],
    categories: { correctness: 'off' },
    rules: { 'house/no-inherited-member': 'error' },
  }),
);

/** The lines that the rule finds. */
function found(source: string): Promise<readonly number[]> {
  const file = join(folder, 'source.ts');
  writeFileSync(file, source);
  return new Promise((resolve) => {
    const args = [join(root, 'node_modules/oxlint/bin/oxlint'), '-c', config, '-f', 'json', file];
    execFile(process.execPath, args, { cwd: root }, (_, out) => {
      const { diagnostics } = JSON.parse(out) as { diagnostics: { labels: { span: { line: number } }[] }[] };
      resolve(diagnostics.map(({ labels }) => labels[0]?.span.line ?? 0).toSorted((a, b) => a - b));
    });
  });
}

describe('a table that has what every object has', () => {
  it.each([
    'const t: Readonly<Record<string, number>> = { a: 1 };',
    'const t: Record<number, number> = { 1: 1 };',
    'export const t: { readonly [name: string]: number } = { a: 1 };',
    'const t: Partial<Record<string, number>> = Object.freeze({ a: 1 });',
    "const t: Readonly<Record<string, number>> = Object.fromEntries([['a', 1]]);",
    'const t = { a: 1 } as Readonly<Record<string, number>>;',
    'const t = { a: 1 }; export const read = (name: string) => (t as Record<string, number>)[name];',
    'export const has = (of: object, name: string) => name in of;',
    'export const has = (of: object, name: string) => `${name}s` in of;',
  ])('is found: %s', async (line) => {
    expect(await found(line)).toEqual([1]);
  });

  it('is nothing else', async () => {
    const fine = [
      'const none: Record<string, number> = {};',
      "type Kind = 'a' | 'b';",
      'const ofKind: Record<Kind, number> = { a: 1, b: 2 };',
      "const map: ReadonlyMap<string, number> = new Map([['a', 1]]);",
      'const made: Readonly<Record<string, number>> = table({ a: 1 });',
      "export const read = (of: object, kind: Kind) => ['a' in of, Symbol.iterator in of, ofKind[kind], map, made, none];",
      'export const inherited = (name: string) => name in Object.prototype;',
      'export function locals(name: string) { const seen: Record<string, number> = {}; seen[name] = 1; return seen; }',
      'declare function table<T>(members: Record<string, T>): Record<string, T>;',
      'export class Own { #x = 1; is(other: object) { return #x in other && this.#x; } }',
    ];
    expect(await found(fine.join('\n'))).toEqual([]);
  });
});

import { oldestNode } from '@frontage/core/supported-node';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Manifest {
  readonly engines?: { readonly node?: string };
  readonly devEngines?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '../..');
const read = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8'));
const packages = ['package.json', ...globSync('{libs,apps}/*/package.json', { cwd: root })];
const templates = globSync('templates/app/*/package.json', { cwd: root });
const locked: Readonly<Record<string, Manifest>> = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
).packages;

/** The lowest version that one alternative of a range names: `>=22.19.0`, `^24.15`, `>= 18`. */
const lowest = (range: string): number =>
  Math.min(...[...range.matchAll(/(?:^|\|\|)\D*(\d+)/g)].map(([, major]) => Number(major)));

describe('engines', () => {
  it.each([...packages, ...templates])('of %s name the version that entries ask for', (path) => {
    expect(read(path).engines).toEqual({ node: `>=${oldestNode}` });
  });

  it('are the same in package-lock.json', () => {
    const folders = packages.map((path) => path.replace(/\/?package\.json$/, ''));
    expect(folders.filter((folder) => locked[folder]?.engines?.node !== `>=${oldestNode}`)).toEqual([]);
  });

  it('are at least what each dependency of the product needs', () => {
    const names = new Set(packages.flatMap((path) => Object.keys(read(path).dependencies ?? {})));
    const needs = [...names].flatMap((name) => {
      const range = locked[`node_modules/${name}`]?.engines?.node;
      return range === undefined ? [] : [[name, lowest(range)] as const];
    });
    expect(needs.map(([name]) => name)).toEqual(expect.arrayContaining(['undici', 'commander']));
    expect(needs.filter(([, major]) => !(major <= oldestNode))).toEqual([]);
  });

  it('let the scripts start from an older version, because they run on the one of the workspace', () => {
    expect(read('package.json').devEngines).toEqual({ runtime: { name: 'node', version: '>=20', onFail: 'error' } });
  });
});

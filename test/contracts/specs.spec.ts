import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceArguments } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { asProject, compile, workspace } from './compile.js';

const main = join(workspace, 'libs/generator/src/main.ts');
const specs = join(workspace, '../shared/specs');
const isThere = existsSync(specs);
if (!isThere) process.stderr.write(`SKIPPED: published contracts are not tried, since ${specs} is missing\n`);

interface Row {
  readonly file: string;
  /** In the document, counted without our code; undefined where it is spread over files. */
  readonly operations: number | undefined;
  readonly generated: number;
  readonly refused: readonly string[];
  readonly warnings: number;
  readonly seconds: number;
  readonly kilobytes: number;
  readonly typeCheckSeconds: number;
}

/** Published contracts of third parties: large, unusual, old. The command runs as its users run it. */
describe.skipIf(!isThere)('G1: published contracts', { timeout: 300_000 }, () => {
  const rows: Row[] = [];
  const mistakes: string[] = [];
  let root = '';

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'specs-'));
    await mkdir(join(root, 'libs/upstreams'), { recursive: true });
    await asProject(root, ['libs/upstreams/*/*.gen.ts', 'use.ts']);
    for (const file of documents()) {
      rows.push(await tried(file, root, mistakes));
    }
    process.stdout.write(table(rows));
  }, 300_000);

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('are generated, or refused with place and reason; nothing is dropped in silence', () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows.filter(({ operations }) => operations !== undefined)) {
      expect(`${row.file} ${row.generated + row.refused.length}`).toBe(`${row.file} ${row.operations}`);
    }
    expect(rows.flatMap(({ refused }) => refused)).toEqual([]);
  });

  it('take less than 10 s and 1 GB each, and less than 10 s to type-check', () => {
    expect(rows.filter(({ seconds, typeCheckSeconds }) => Math.max(seconds, typeCheckSeconds) > 10)).toEqual([]);
    expect(rows.find(({ file }) => file.startsWith('stripe'))?.generated).toBe(402);
  });

  it('compile under strict rules', async () => {
    expect(mistakes).toEqual([]);
    // The compiler is shown to look: one use that is right, one that is not.
    await writeFile(
      join(root, 'use.ts'),
      `import type { Operation } from '@frontage/clients';
import { GetCustomersCustomer } from './libs/upstreams/stripe-3-0/stripe-3-0.gen.js';
type InputOf<O> = O extends Operation<infer In, unknown, unknown> ? In : never;
export const right: InputOf<typeof GetCustomersCustomer>['path'] = { customer: 'cus_1' };
// @ts-expect-error a number is no customer
export const wrong: InputOf<typeof GetCustomersCustomer>['path'] = { customer: 1 };
`,
    );
    expect(await compile(root)).toBe('');
  });
});

function documents(): string[] {
  const files = [...globSync('*.{json,yaml,yml}', { cwd: specs }), ...globSync('*/openapi*.yaml', { cwd: specs })];
  const wanted = files.filter((file) => !file.endsWith('openapi-bundled.yaml'));
  return wanted.toSorted((a, b) => a.localeCompare(b));
}

async function tried(file: string, root: string, mistakes: string[]): Promise<Row> {
  const name = file
    .toLowerCase()
    .replace(/\.\w+$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-');
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    // The figures of Stripe, the largest contract, are bounded, and with them all others.
    ['--max-old-space-size=900', ...sourceArguments(main), 'upstream', 'add', name, join(specs, file)],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const seconds = (performance.now() - began) / 1_000;
  if (status !== 0) mistakes.push(`${file}: ${stderr}`);
  const [, total, generated, refused] = /(\d+) operations = (\d+) generated \+ (\d+) refused/.exec(stdout) ?? [];
  const refusals = [...stdout.matchAll(/^ {2}refused .*\n.*$/gm)].map(([text]) => text);
  if (Number(total) !== Number(generated) + Number(refused)) mistakes.push(`${file}: the sum is wrong: ${stdout}`);
  const { typeCheckSeconds, kilobytes } = await checked(name, root, mistakes);
  return {
    file,
    operations: file.includes('/') ? undefined : operationsIn(file),
    generated: Number(generated),
    refused: refusals,
    warnings: Number(/; (\d+) warning/.exec(stdout)?.[1] ?? 0),
    seconds,
    kilobytes,
    typeCheckSeconds,
  };
}

async function checked(
  name: string,
  root: string,
  mistakes: string[],
): Promise<Pick<Row, 'typeCheckSeconds' | 'kilobytes'>> {
  const folder = join(root, 'libs/upstreams', name);
  await asProject(folder, ['*.gen.ts']);
  const began = performance.now();
  const mistake = await compile(folder);
  if (mistake !== '') mistakes.push(mistake);
  const bytes = globSync('*.gen.ts', { cwd: folder }).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return { typeCheckSeconds: (performance.now() - began) / 1_000, kilobytes: bytes / 1024 };
}

/** The contents of a document, counted without code of this repository. */
function operationsIn(file: string): number {
  const text = readFileSync(join(specs, file), 'utf8');
  const document: unknown = parse(text, { uniqueKeys: false, merge: true, maxAliasCount: -1, logLevel: 'silent' });
  const items = Object.values(child(document, 'paths'));
  return items
    .flatMap((item) => Object.keys(child({ item }, 'item')))
    .filter((key) => /^(get|put|post|delete|options|head|patch|trace)$/.test(key)).length;
}

function child(value: unknown, key: string): object {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'object' && found !== null ? found : {};
}

function table(rows: readonly Row[]): string {
  const titles = ['operations', 'generated', 'refused', 'warned', 'seconds', 'kB', 'type-check s'];
  const line = (file: string, cells: readonly string[]): string =>
    `${file.padEnd(44)} ${cells.map((cell, index) => cell.padStart(titles[index]?.length ?? 0)).join(' ')}\n`;
  const lines = rows.map((row) =>
    line(row.file, [
      String(row.operations ?? '-'),
      String(row.generated),
      String(row.refused.length),
      String(row.warnings),
      row.seconds.toFixed(1),
      row.kilobytes.toFixed(0),
      row.typeCheckSeconds.toFixed(1),
    ]),
  );
  return line('document', titles) + lines.join('') + rows.flatMap(({ refused }) => refused).join('\n');
}

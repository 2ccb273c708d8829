import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@frontage/generator';
import { sourceArguments } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { asProject, compile, workspace } from './compile.js';
import { publishedDocuments, type PublishedDocument } from './published-documents.js';

const main = join(workspace, 'libs/generator/src/main.ts');
const specs = publishedDocuments('specs');
const documents = [
  ...specs,
  ...publishedDocuments('contracts'),
  // By a flag alone: FRONTAGE_ALL_OPERATIONS, FRONTAGE_DOCUMENTS.
  ...publishedDocuments('trials', { largest: 0, everyNth: 1 }),
  ...publishedDocuments('further'),
];
const isThere = specs.length > 0;
if (!isThere) process.stderr.write(`SKIPPED: published contracts are not tried, since there are none\n`);

/** The largest of the documents that are always tried: what bounds it bounds the others. */
const largest = 'stripe-3-0';

interface Row {
  readonly name: string;
  /** In the document, counted without our code; undefined where it is spread over files. */
  readonly operations: number | undefined;
  readonly generated: number;
  readonly refused: readonly string[];
  readonly warnings: number;
  /** Of the processor. */
  readonly seconds: number;
  readonly kilobytes: number;
}

/** Published contracts of third parties: large, unusual, old. The command runs as its users run it. */
describe.skipIf(!isThere)('G1: published contracts', { timeout: 300_000 }, () => {
  const rows: Row[] = [];
  const mistakes: string[] = [];
  let root = '';
  let compiled = '';

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'specs-'));
    await mkdir(join(root, 'libs/upstreams'), { recursive: true });
    // One program of all: each file of another upstream would load the libs again.
    await asProject(root, ['libs/upstreams/*/*.gen.ts', 'use.ts']);
    await writeFile(join(root, 'use.ts'), use);
    for (const document of documents) rows.push(await tried(document, root, mistakes));
    compiled = await compile(root);
    process.stdout.write(table(rows));
  }, 1_200_000);

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('are generated, or refused with place and reason; nothing is dropped in silence', () => {
    expect(specs.length).toBeGreaterThan(15);
    for (const row of rows.filter(({ operations }) => operations !== undefined)) {
      expect(`${row.name} ${row.generated + row.refused.length}`).toBe(`${row.name} ${row.operations}`);
    }
    const names = new Set(specs.map(({ name }) => name));
    expect(rows.filter(({ name }) => names.has(name)).flatMap(({ refused }) => refused)).toEqual([]);
  });

  it('take less than 10 s of a processor and 1 GB', () => {
    expect(rows.filter(({ seconds }) => seconds > 10)).toEqual([]);
    expect(rows.find(({ name }) => name === largest)?.generated).toBe(402);
  });

  it('compile under strict rules', () => {
    expect(mistakes).toEqual([]);
    expect(compiled).toBe('');
  });
});

/** The compiler is shown to look: one use that is right, one that is not. */
const use = `import type { Operation } from '@frontage/clients';
import { GetCustomersCustomer } from './libs/upstreams/${largest}/${largest}.gen.js';
type InputOf<O> = O extends Operation<infer In, unknown, unknown> ? In : never;
export const right: InputOf<typeof GetCustomersCustomer>['path'] = { customer: 'cus_1' };
// @ts-expect-error a number is no customer
export const wrong: InputOf<typeof GetCustomersCustomer>['path'] = { customer: 1 };
`;

async function tried(document: PublishedDocument, root: string, mistakes: string[]): Promise<Row> {
  const { name, file } = document;
  const began = process.cpuUsage();
  const { code, said } = await (name === largest ? inProcessOfItsOwn(document, root) : inThisProcess(document, root));
  const { user, system } = process.cpuUsage(began);
  if (code !== 0) mistakes.push(`${file}: ${said}`);
  const [, total, generated, refused] = /(\d+) operations = (\d+) generated \+ (\d+) refused/.exec(said) ?? [];
  const refusals = [...said.matchAll(/^ {2}refused .*\n.*$/gm)].map(([text]) => text);
  if (Number(total) !== Number(generated) + Number(refused)) mistakes.push(`${file}: the sum is wrong: ${said}`);
  const folder = join(root, 'libs/upstreams', name);
  const bytes = globSync('*.gen.ts', { cwd: folder }).reduce((sum, each) => sum + statSync(join(folder, each)).size, 0);
  return {
    name,
    operations: name === largest ? 402 : operationsIn(file),
    generated: Number(generated),
    refused: refusals,
    warnings: Number(/; (\d+) warning/.exec(said)?.[1] ?? 0),
    seconds: (user + system) / 1_000_000,
    kilobytes: bytes / 1024,
  };
}

interface Said {
  readonly code: number | null;
  readonly said: string;
}

/** Its memory is bounded, and with it that of all smaller contracts. */
function inProcessOfItsOwn({ name, file }: PublishedDocument, root: string): Promise<Said> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-old-space-size=900', ...sourceArguments(main), 'upstream', 'add', name, file],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return Promise.resolve({ code: status, said: stdout + stderr });
}

async function inThisProcess({ name, file }: PublishedDocument, root: string): Promise<Said> {
  let said = '';
  const write = (text: string): void => void (said += text);
  const code = await runProgram(['upstream', 'add', name, file], { cwd: root, write, writeError: write });
  return { code, said };
}

/** The contents of a document, counted without code of this repository; undefined where it is one of several files. */
function operationsIn(file: string): number | undefined {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  const document: unknown = /^\s*\{/.test(text)
    ? JSON.parse(text)
    : parse(text, { uniqueKeys: false, merge: true, maxAliasCount: -1, logLevel: 'silent' });
  const items = Object.values(child(document, 'paths'));
  if (items.some((item) => Object.hasOwn(Object(item), '$ref'))) return undefined;
  return items
    .flatMap((item) => Object.keys(child({ item }, 'item')))
    .filter((key) => /^(get|put|post|delete|options|head|patch|trace)$/.test(key)).length;
}

function child(value: unknown, key: string): object {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'object' && found !== null ? found : {};
}

function table(rows: readonly Row[]): string {
  const titles = ['operations', 'generated', 'refused', 'warned', 'seconds', 'kB'];
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(44)} ${cells.map((cell, index) => cell.padStart(titles[index]?.length ?? 0)).join(' ')}\n`;
  const lines = rows.map((row) =>
    line(row.name, [
      String(row.operations ?? '-'),
      String(row.generated),
      String(row.refused.length),
      String(row.warnings),
      row.seconds.toFixed(1),
      row.kilobytes.toFixed(0),
    ]),
  );
  return line('document', titles) + lines.join('') + rows.flatMap(({ refused }) => refused).join('\n');
}

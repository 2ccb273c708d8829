import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { upstreamFiles } from './upstream-files.js';
import { writeFiles } from './write-files.js';

const workspace = fileURLToPath(new URL('../../../', import.meta.url));
const specs = join(workspace, '../shared/specs');
const isThere = existsSync(specs);
if (!isThere) process.stderr.write(`SKIPPED: published contracts are not tried, since ${specs} is missing\n`);

interface Row {
  readonly file: string;
  readonly generated: number;
  readonly refused: readonly string[];
  readonly warnings: number;
  readonly ms: number;
  readonly kilobytes: number;
}

/** Contracts that others have published: large, odd, old, and none of them written for us. */
describe.skipIf(!isThere)('G1: published contracts', { timeout: 180_000 }, () => {
  const rows: Row[] = [];
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'corpus-'));
    const documents = [
      ...globSync('*.{json,yaml,yml}', { cwd: specs }),
      ...globSync('*/openapi*.yaml', { cwd: specs }),
    ].filter((file) => !file.endsWith('openapi-bundled.yaml'));
    for (const file of documents.toSorted()) {
      const name = `u-${file.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
      const began = performance.now();
      const { contract, files } = await upstreamFiles(name, join(specs, file), join(folder, name), { cwd: specs });
      const ms = performance.now() - began;
      await writeFiles(files);
      rows.push({
        file,
        generated: contract.operations.length,
        refused: contract.refused.map(
          (each) => `${each.method} ${each.path} ${each.file}:${each.line}:${each.column} ${each.reason}`,
        ),
        warnings: contract.warnings.length,
        ms,
        kilobytes: [...files.values()].reduce((sum, text) => sum + text.length, 0) / 1024,
      });
    }
    process.stdout.write(table(rows));
  }, 180_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('are generated, or refused with place and reason; nothing is dropped in silence', () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows.filter(({ file }) => !file.includes('/'))) {
      expect(`${row.file} ${row.generated + row.refused.length}`).toBe(`${row.file} ${operationsIn(row.file)}`);
    }
    expect(rows.flatMap(({ refused }) => refused)).toEqual([]);
  });

  it('take less than 10 s each, Stripe with its 402 operations too', () => {
    expect(rows.filter(({ ms }) => ms > 10_000)).toEqual([]);
    expect(rows.find(({ file }) => file.startsWith('stripe'))?.generated).toBe(402);
  });

  it('compile under strict rules', async () => {
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(workspace, 'tsconfig.base.json'),
        compilerOptions: {
          composite: false,
          noEmit: true,
          declaration: false,
          declarationMap: false,
          sourceMap: false,
          exactOptionalPropertyTypes: true,
          typeRoots: [join(workspace, 'node_modules/@types')],
          paths: { '@frontage/clients': [join(workspace, 'libs/clients/src/index.ts')] },
        },
        include: ['*/*.gen.ts', 'use.ts'],
      }),
    );
    // The compiler is shown to look: one use that is right, one that is not.
    await writeFile(
      join(folder, 'use.ts'),
      `import type { Operation } from '@frontage/clients';
import { GetCustomersCustomer } from './u-stripe-3-0-yaml/u-stripe-3-0-yaml.gen.js';
type InputOf<O> = O extends Operation<infer In, unknown, unknown> ? In : never;
export const right: InputOf<typeof GetCustomersCustomer>['path'] = { customer: 'cus_1' };
// @ts-expect-error a number is no customer
export const wrong: InputOf<typeof GetCustomersCustomer>['path'] = { customer: 1 };
`,
    );
    expect(await compile(folder)).toBe('');
  });
});

/** What a document holds, counted without any of our code. */
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

function compile(project: string): Promise<string> {
  const compiler = join(workspace, 'node_modules/@typescript/native/bin/tsc');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, '-p', project, '--pretty', 'false'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}

function table(rows: readonly Row[]): string {
  const head = `${'contract'.padEnd(48)} generated refused warnings     ms     kB`;
  const lines = rows.map(
    ({ file, generated, refused, warnings, ms, kilobytes }) =>
      `${file.padEnd(48)} ${String(generated).padStart(9)} ${String(refused.length).padStart(7)} ${String(warnings).padStart(8)} ${ms.toFixed(0).padStart(6)} ${kilobytes.toFixed(0).padStart(6)}`,
  );
  return `${[head, ...lines].join('\n')}\n`;
}

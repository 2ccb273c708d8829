import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@frontage/generator';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** A command in a block of its own, and what it printed where the page has it already. */
const transcript = /```sh\n\$ npx frontage (.*)\n```\n(?:\n```(?:text|mermaid|yaml|markdown)\n[^]*?\n```\n)?/g;

const languageOf = (line: string): string => {
  if (line.startsWith('graph ')) return 'mermaid';
  return /^contract [a-z]+$/.test(line) ? 'yaml' : 'text';
};

/** The words of a line, as a shell reads them where it has quotes alone. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');

/** The contract that a page calls the next one of the orders service. */
const nextContract = '../orders/openapi.yaml';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-pages-'));
  const stored = await readFile(join(workspaceRoot, 'libs/upstreams/orders/openapi.yaml'), 'utf8');
  const next = stored
    .replace('version: 3.0.0', 'version: 3.1.0')
    .replace('enum: [PENDING,', 'enum: [LOST, PENDING,')
    .replace('parcelId: { type: string,', "parcelId: { type: [string, 'null'],")
    .replace('cancelledBecause: ', 'endedBecause: ');
  await writeFile(join(folder, 'next.yaml'), next);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function printed(line: string): Promise<string> {
  let text = '';
  const write = (piece: string): void => void (text += piece);
  const next = join(folder, 'next.yaml');
  const words = wordsOf(line).map((word) => (word === nextContract ? next : word));
  await runProgram(words, { cwd: workspaceRoot, write, writeError: write });
  return text.replaceAll(next, nextContract);
}

it.each<[page: string, examples: number]>([
  ['why', 4],
  ['impact', 2],
  ['contract', 2],
  ['egress', 1],
  ['graph', 1],
  ['tune', 1],
])(
  'docs/%s.md shows what its commands print (run with -u after a change)',
  async (name, examples) => {
    const page = join(workspaceRoot, `docs/${name}.md`);
    let after = await readFile(page, 'utf8');
    const found = [...after.matchAll(transcript)];
    expect(found).toHaveLength(examples);
    for (const [block, line = ''] of found) {
      const output = await printed(line);
      after = after.replace(
        block,
        () => `\`\`\`sh\n$ npx frontage ${line}\n\`\`\`\n\n\`\`\`${languageOf(line)}\n${output.trimEnd()}\n\`\`\`\n`,
      );
    }
    await expect(after).toMatchFileSnapshot(page);
  },
  180_000,
);

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@frontage/generator';
import { workspaceRoot } from '@frontage/testing';
import { expect, it } from 'vitest';

/** A command in a block of its own, and what it printed where the page has it already. */
const transcript = /```sh\n\$ npx frontage (.*)\n```\n(?:\n```(text|mermaid|yaml|markdown)\n[^]*?\n```\n)?/g;

/** The words of a line, as a shell reads them where it has quotes alone. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '');

async function printed(line: string): Promise<string> {
  let text = '';
  const write = (piece: string): void => void (text += piece);
  await runProgram(wordsOf(line), { cwd: workspaceRoot, write, writeError: write });
  return text;
}

it.each<[page: string, examples: number]>([['why', 4]])(
  'docs/%s.md shows what its commands print (run with -u after a change)',
  async (name, examples) => {
    const page = join(workspaceRoot, `docs/${name}.md`);
    let after = await readFile(page, 'utf8');
    const found = [...after.matchAll(transcript)];
    expect(found).toHaveLength(examples);
    for (const [block, line = '', language = 'text'] of found) {
      const output = await printed(line);
      after = after.replace(
        block,
        () => `\`\`\`sh\n$ npx frontage ${line}\n\`\`\`\n\n\`\`\`${language}\n${output.trimEnd()}\n\`\`\`\n`,
      );
    }
    await expect(after).toMatchFileSnapshot(page);
  },
  180_000,
);

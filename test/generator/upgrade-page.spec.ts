import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

const page = await readFile(join(workspaceRoot, 'docs/upgrade.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
const withoutDigests = (text: string): string => text.replaceAll(/\+[0-9a-f]{8}\b/g, '+DIGEST');

describe('the example of docs/upgrade.md', () => {
  let workspace: WorkspaceCopy;
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: workspace.root });
  beforeAll(async () => {
    workspace = await WorkspaceCopy.bare([]);
    git('init', '--quiet');
    await workspace.frontage('new', 'tv', '--client', 'mobile');
    for (const diff of blocks('diff')) await change(diff);
    git('add', '-A');
    git('commit', '--quiet', '-m', 'work');
  });
  afterAll(() => workspace.remove());

  /** Makes the changes of a block: the lines with `-` become those with `+`. */
  async function change(diff: string): Promise<void> {
    for (const part of diff.split(/^--- /m).slice(1)) {
      const [path = '', ...lines] = part.trimEnd().split('\n');
      const side = (sign: string): string =>
        lines.filter((line) => line.startsWith(sign)).map((line) => `${line.slice(1)}\n`).join(''); // prettier-ignore
      const text = await workspace.read(path);
      expect(text).toContain(side('-'));
      await workspace.write(path, text.replace(side('-'), side('+')));
    }
  }

  it('says what the page says, and leaves the markers of the page', { timeout: 60_000 }, async () => {
    const [transcript = ''] = blocks('console');
    const { code, errors } = await workspace.frontage('upgrade', 'tv');
    expect(code).toBe(1);
    expect(`$ npx frontage upgrade tv\n${withoutDigests(errors)}`).toBe(withoutDigests(transcript));
    const [markers = ''] = blocks('ts');
    expect(withoutDigests(await workspace.read('apps/tv/src/order-state.ts'))).toContain(withoutDigests(markers));
    expect(await workspace.read('apps/tv/bff.yaml')).toMatch(/timeout: 900ms \} # measured\n[^]*timeout: 1s \}/);
    const { codemods } = JSON.parse(await workspace.read('apps/tv/.frontage/record.gen.json'));
    expect([...page.matchAll(/^\| `(\d{4}-[\w-]+)` /gm)].map(([, name]) => name)).toEqual(codemods);
  });
});

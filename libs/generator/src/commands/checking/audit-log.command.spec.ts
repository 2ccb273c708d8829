import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HashChain } from '@frontage/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'audit-log-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function frontage(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const write = (piece: string): void => void (text += piece);
  const code = await runProgram(args, { cwd: folder, write, writeError: write });
  return { code, text };
}

/** Lines as the app of docs/hardening.md writes them. */
function written(count: number): string[] {
  const chain = new HashChain('');
  return Array.from({ length: count }, (_, i) =>
    chain.link(JSON.stringify({ app: 'shop', event: 'access.refused', i })),
  );
}
const save = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));

describe('frontage audit-log', () => {
  it('says how many lines fit, and the last hash of each chain', async () => {
    const lines = written(3);
    save('audit.jsonl', lines);
    const { code, text } = await frontage('audit-log', 'audit.jsonl');
    expect(code).toBe(0);
    expect(text).toMatch(/^3 lines fit, 1 chain\n {2}[0-9a-f]{16} {2}0 to 2 {2}ends with [0-9a-f]{64}\n/);
  });

  it('follows a chain over several files, the oldest first', async () => {
    const lines = written(4);
    save('audit.jsonl.1', lines.slice(0, 2));
    save('audit.jsonl', lines.slice(2));
    expect((await frontage('audit-log', 'audit.jsonl.1', 'audit.jsonl')).code).toBe(0);
    expect(await frontage('audit-log', 'audit.jsonl', 'audit.jsonl.1')).toMatchObject({ code: 1 });
  });

  it('names the file and the line of the first one that does not fit', async () => {
    const lines = written(4);
    save('audit.jsonl', lines.with(1, (lines[1] ?? '').replace('access.refused', 'access.granted')));
    const { code, text } = await frontage('audit-log', 'audit.jsonl', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(text)).toMatchObject({ ok: false, file: 'audit.jsonl', fileLine: 3 });
    const page = readFileSync(new URL('../../../../../docs/hardening.md', import.meta.url), 'utf8');
    const said = (await frontage('audit-log', 'audit.jsonl')).text;
    expect(said).toContain('audit.jsonl:3: it does not have the hash of the line before it');
    expect(page).toContain('audit.jsonl:3: it does not have the hash of the line before it');
  });

  it('is called wrongly without a file that can be read', async () => {
    expect(await frontage('audit-log', 'nothing.jsonl')).toMatchObject({ code: 2 });
    expect(await frontage('audit-log')).toMatchObject({ code: 2 });
  });
});

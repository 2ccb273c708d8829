import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '@frontage/config';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'access-pages-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The keys that blocks of these pages leave to the rest of a policy. */
const base = `access: { jwt: { issuer: https://id.acme.example, audience: shop-bff, jwks: https://id.acme.example/jwks.json } }
rateClasses: { gold: [{ per: user, limit: 60, window: 1m }] }
`;
writeFileSync(join(folder, 'base.yaml'), base);

interface Block {
  readonly line: number;
  readonly text: string;
}

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(workspaceRoot, 'docs', page), 'utf8');
  return [...text.matchAll(/^( *)```yaml\n([^]*?)^\1```$/gm)].map(({ 1: indent = '', 2: body = '', index }) => ({
    line: text.slice(0, index).split('\n').length + 1,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** A whole policy around a block. A block without `listen` or `access` at its top stands below `access`. */
function policyAround({ text }: Block): string {
  const isWhole = /^(?:listen|access):/m.test(text);
  const listen = /^listen:/m.test(text) ? '' : 'listen: { port: 0 }\n';
  return `bff: shop\nextends: base.yaml\n${listen}${isWhole ? text : `access:\n${text.replaceAll(/^/gm, '  ')}`}`;
}

function mistakesOf(block: Block): readonly string[] {
  const file = join(folder, 'bff.yaml');
  writeFileSync(file, policyAround(block));
  try {
    loadConfig(file, { env: { INTROSPECTION_SECRET: 'x' }, environment: 'test' });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ message }) => message);
  }
}

describe.each([
  ['access.md', 14],
  ['tls.md', 3],
])('docs/%s', (page, least) => {
  const blocks = blocksOf(page);

  it('has its examples of policy', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(least);
  });

  it.each(blocks)('has an example at line $line that an app can have', (block) => {
    expect(mistakesOf(block)).toEqual([]);
  });

  it('would not have one with a key that does not exist', () => {
    expect(mistakesOf({ line: 0, text: 'access: { apiKey: { file: keys.json } }\n' })).toEqual([
      'unknown key "apiKey"; did you mean "apiKeys"?',
    ]);
  });
});

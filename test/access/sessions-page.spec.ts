import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '@frontage/config';
import { policyFile } from './policy-file.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/sessions.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, lines = '']) => lines);
const env = {
  SESSION_KEY: 'k'.repeat(44),
  SESSION_KEY_OLD: 'o'.repeat(44),
  SESSION_KEY_NEW: 'n'.repeat(44),
  CLIENT_SECRET: 'secret',
};

describe('docs/sessions.md', () => {
  it.each(blocks.map((lines, index) => [index + 1, lines] as const))('has policy that starts, block %i', (_, lines) => {
    const { access } = loadConfig(policyFile(lines), { env, environment: 'test' });
    expect(Object.keys(access?.sessions?.providers ?? {})).not.toEqual([]);
  });

  it('has a block for each of its sections with policy', () => {
    expect(blocks).toHaveLength(4);
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSigningKeys } from '@frontage/clients';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../libs/generator/src/program.js';

const cwd = mkdtempSync(join(tmpdir(), 'signing-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const file = join(cwd, 'context.jwks.json');

async function keysSigning(...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const write = (part: string): void => void (text += part);
  const code = await runProgram(['keys', 'signing', ...args], { cwd, write, writeError: write });
  return { code, text };
}
const kids = (): readonly string[] => readSigningKeys(readFileSync(file, 'utf8')).map(({ kid }) => kid);

describe('frontage keys signing', () => {
  it('writes a file that an app can sign with, for its owner alone, and never over another', async () => {
    const made = await keysSigning('context.jwks.json');
    expect(made.code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(kids()).toHaveLength(2);
    expect(made.text).toContain(kids()[0]);
    expect(made.text).not.toContain('"d"');
    const before = readFileSync(file, 'utf8');
    const again = await keysSigning('context.jwks.json');
    expect([again.code, readFileSync(file, 'utf8')]).toEqual([1, before]);
    expect(again.text).toContain('--rotate');
  });

  it('rotates so that each key was published before it signs, and stays until what it has signed is over', async () => {
    const [first, second] = kids();
    expect((await keysSigning('context.jwks.json', '--rotate')).code).toBe(0);
    const [signs, next, old, ...more] = kids();
    expect([signs, old, more]).toEqual([second, first, []]);
    await keysSigning('context.jwks.json', '--rotate');
    expect(kids()).toEqual([next, expect.any(String), second]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says what is wrong with a file, and shows nothing of it', async () => {
    expect((await keysSigning('none.json', '--rotate')).text).toContain('there is no file none.json');
    writeFileSync(join(cwd, 'other.json'), '{"keys": [{"d": "s3cret"}]}');
    const { code, text } = await keysSigning('other.json', '--rotate');
    expect([code, text.includes('s3cret')]).toEqual([1, false]);
    expect(text).toContain('is no JWK set');
  });
});

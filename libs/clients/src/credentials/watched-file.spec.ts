import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channels, type Warning } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { oneLine, WatchedFile } from './watched-file.js';

const folder = mkdtempSync(join(tmpdir(), 'watched-'));
afterAll(() => rmSync(folder, { recursive: true }));

function watched(name: string, text: string) {
  const file = join(folder, name);
  writeFileSync(file, text);
  const clock = new ManualClock();
  const secret = new WatchedFile({ file, what: 'the secret of "orders"', parse: oneLine, clock });
  onTestFinished(() => secret.stop());
  return { file, clock, secret };
}

describe('a secret in a file', () => {
  it('is one line', () => {
    expect(watched('plain', 's3cret\n').secret.value).toBe('s3cret');
    expect(watched('bare', 's3 cret').secret.value).toBe('s3 cret');
  });

  it.each([
    ['two lines', 's3cret\nother'],
    ['nothing', ''],
    ['other characters', 's3crét'],
  ])('is refused with %s, and no message shows it', (name, text) => {
    expect(() => watched(name, text)).toThrow(/one line of visible ASCII/);
    expect(() => watched(name, text)).not.toThrow(/s3cr/);
  });

  it('is read again when the file is replaced, also by a link that leads elsewhere', async () => {
    const { file, clock, secret } = watched('rotated', 'one');
    const turned = async (value: string): Promise<void> => {
      await clock.advance(2_000);
      await vi.waitFor(() => expect(secret.value).toBe(value));
    };
    writeFileSync(file, 'second');
    await turned('second');
    rmSync(file);
    writeFileSync(join(folder, 'next'), 'third!');
    symlinkSync(join(folder, 'next'), file);
    // The look before may still be under way: it sets the next one when it has ended.
    await vi.waitFor(async () => {
      await clock.advance(2_000);
      expect(secret.value).toBe('third!');
    });
  });

  it('stays in use while the file cannot be read, with one warning', async () => {
    const warnings: Warning[] = [];
    const hear = (warning: unknown): void => void warnings.push(warning as Warning);
    channels.warning.subscribe(hear);
    onTestFinished(() => {
      channels.warning.unsubscribe(hear);
    });
    const { file, clock, secret } = watched('gone', 'one');
    rmSync(file);
    await vi.waitFor(async () => {
      await clock.advance(2_000);
      expect(warnings).toHaveLength(1);
    });
    writeFileSync(file, 'two\nlines');
    for (let look = 0; look < 3; look++) await clock.advance(2_000);
    expect(secret.value).toBe('one');
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('the secret of "orders" cannot be read again'),
    ]);
    writeFileSync(file, 'healed');
    await vi.waitFor(async () => {
      await clock.advance(2_000);
      expect(secret.value).toBe('healed');
    });
  });
});

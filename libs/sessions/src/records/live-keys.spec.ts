import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channels } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, describe, expect, it } from 'vitest';
import { keysInFile, LiveKeys } from './live-keys.js';

const folder = mkdtempSync(join(tmpdir(), 'session-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];

describe('the file of keys', () => {
  it('is read again when it changes; while it is no file of keys, the last ones stay', async () => {
    const file = join(folder, 'keys');
    writeFileSync(file, `# made in May\n${first}\n\n`);
    const clock = new ManualClock();
    const keys = new LiveKeys(keysInFile(file), 'shop', clock);
    await keys.start();
    const sealed = keys.ring.seal(Buffer.from('x'), 'p');

    const warnings: string[] = [];
    const listen = (message: unknown): void => void warnings.push(String(Reflect.get(Object(message), 'message')));
    channels.warning.subscribe(listen);
    writeFileSync(file, 'short\n');
    await expect
      .poll(async () => {
        await clock.advance(2_000);
        return warnings;
      })
      .toEqual(['the keys of sessions cannot be read: the keys that were read last stay in use']);
    channels.warning.unsubscribe(listen);
    expect(String(keys.ring.open(sealed, 'p'))).toBe('x');

    writeFileSync(file, `${second}\n`);
    await expect
      .poll(async () => {
        await clock.advance(2_000);
        return keys.ring.open(sealed, 'p');
      })
      .toBeUndefined();
    keys.stop();
    expect(clock.timerCount).toBe(0);
  });

  it('stops a start where there is none, or no good key in it', async () => {
    const start = (name: string) => new LiveKeys(keysInFile(join(folder, name)), 'shop', new ManualClock()).start();
    writeFileSync(join(folder, 'empty'), '# nothing\n');
    writeFileSync(join(folder, 'short'), 'abc\n');
    await expect(start('none')).rejects.toThrow('ENOENT');
    await expect(start('empty')).rejects.toThrow(/has no key; make one with "openssl rand -base64 32"/);
    await expect(start('short')).rejects.toThrow(/has a key of less than 32 characters/);
  });
});

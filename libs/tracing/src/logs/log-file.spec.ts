import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFile } from './log-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'frontage-log-'));
  path = join(folder, 'logs', 'app.log');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a log file', () => {
  it('has every line in order once it has ended, however many there are and wherever the blocks end', async () => {
    const file = new LogFile({ path }, 1_000);
    const lines = Array.from({ length: 5_000 }, (_, i) => `${i} ${'ä'.repeat(i % 300)}\n`);
    for (const line of lines) file.write(line);
    await file.end();
    expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    expect(file.lost).toBe(0);
  });

  it.each([3_072, 65_536])(
    'keeps the lines of a block of %i bytes while it is written and the next one is gathered',
    async (bytes) => {
      const file = new LogFile({ path }, bytes);
      const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${'ä'.repeat(i % 40)}\n`);
      for (const [i, line] of lines.entries()) {
        file.write(line);
        if (i % 100 === 0) await new Promise(setImmediate);
      }
      await file.end();
      expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
    },
  );

  it('is appended to', async () => {
    for (const line of ['one\n', 'two\n']) {
      const file = new LogFile({ path }, 0);
      file.write(line);
      await file.end();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('gets what is gathered when the process exits, and is not written to after its end', async () => {
    const file = new LogFile({ path }, 1_000_000);
    file.write('the last words\n');
    file.writeNow();
    expect(readFileSync(path, 'utf8')).toBe('the last words\n');
    await file.end();
    expect(readFileSync(path, 'utf8')).toBe('the last words\n');
  });

  it('leaves nothing to be done at exit where it ended before it was open', async () => {
    const before = process.listenerCount('exit');
    await new LogFile({ path }, 0).end();
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('drops whole blocks, counted by line, where more waits than it may keep', async () => {
    const file = new LogFile({ path }, 1);
    const line = `${'x'.repeat(1_048_575)}\n`;
    // Nothing is written before this function gives way.
    for (let i = 0; i < 20; i++) file.write(line);
    expect(file.lost).toBe(4);
    await file.end();
    expect(readFileSync(path)).toHaveLength(16 * 1_048_576);
  });

  it.skipIf(!existsSync('/dev/full'))('ends on a disk without room, and counts what it could not write', async () => {
    const [ended, cut] = [new LogFile({ path: '/dev/full' }, 0), new LogFile({ path: '/dev/full' }, 1_000)];
    ended.write('one\n');
    ended.write('two\n');
    await ended.end();
    expect(ended.lost).toBe(2);
    cut.write('three\n');
    cut.writeNow();
    expect(cut.lost).toBe(1);
    await cut.end();
  });

  it('takes up again what could not be written where the file can be opened later', async () => {
    writeFileSync(join(folder, 'logs'), 'a file where the folder should be');
    const file = new LogFile({ path }, 0);
    file.write('one\n');
    rmSync(join(folder, 'logs'));
    file.write('two\n');
    await file.end();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(file.lost).toBe(0);
  });
});

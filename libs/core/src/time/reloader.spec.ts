import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.js';
import { Reloader, versionOfFile } from './reloader.js';

/** A clock whose one timer a test lets fire. */
class OneTimer implements Clock {
  callback: (() => void) | undefined;
  now = (): number => 0;
  wallTime = (): number => 0;
  setTimer(callback: () => void): unknown {
    this.callback = callback;
    return callback;
  }
  clearTimer(): void {
    this.callback = undefined;
  }
  /** Fires it, and lets what it began come to its end. */
  async fire(): Promise<void> {
    this.callback?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function reloaderOf(read: () => string) {
  const clock = new OneTimer();
  const state = { version: '1', taken: [] as string[], failures: [] as unknown[] };
  const reloader = new Reloader({
    source: { version: () => Promise.resolve(state.version), read: async () => read() },
    everyMs: 1_000,
    clock,
    take: (value) => state.taken.push(value),
    failed: (cause) => state.failures.push(cause instanceof Error ? cause.message : cause),
  });
  return { reloader, clock, state };
}

describe('values that are reloaded', () => {
  it('are taken once for each version, and never after the stop', async () => {
    let value = 'a';
    const { reloader, clock, state } = reloaderOf(() => value);
    await reloader.load();
    reloader.watch();
    await clock.fire();
    value = 'b';
    state.version = '2';
    await clock.fire();
    await clock.fire();
    expect(state.taken).toEqual(['a', 'b']);
    reloader.stop();
    expect(clock.callback).toBeUndefined();
    state.version = '3';
    await clock.fire();
    expect(state.taken).toEqual(['a', 'b']);
  });

  it('are not taken where they change while they are read, and are read again', async () => {
    const { reloader, clock, state } = reloaderOf(() => {
      if (state.version === '2') state.version = '3';
      return `read at ${state.version}`;
    });
    await reloader.load();
    reloader.watch();
    state.version = '2';
    await clock.fire();
    expect([state.taken, state.failures]).toEqual([['read at 1'], ['it changed while it was read']]);
    await clock.fire();
    expect(state.taken).toEqual(['read at 1', 'read at 3']);
  });

  it('stay while the source fails, which is told once until it is better', async () => {
    let isDown = false;
    const { reloader, clock, state } = reloaderOf(() => {
      if (isDown) throw new Error('down');
      return 'a';
    });
    await reloader.load();
    reloader.watch();
    isDown = true;
    state.version = '2';
    await clock.fire();
    await clock.fire();
    expect([state.taken, state.failures]).toEqual([['a'], ['down']]);
    isDown = false;
    await clock.fire();
    isDown = true;
    state.version = '3';
    await clock.fire();
    expect([state.taken, state.failures]).toEqual([
      ['a', 'a'],
      ['down', 'down'],
    ]);
  });

  it('are a failed start where they cannot be read at first', async () => {
    const { reloader } = reloaderOf(() => {
      throw new Error('none');
    });
    await expect(reloader.load()).rejects.toThrow('none');
  });
});

it('the version of a file changes with its text and with the file behind a link', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reloader-'));
  const [one, two, link] = ['one', 'two', 'link'].map((name) => join(folder, name));
  writeFileSync(one ?? '', 'a');
  writeFileSync(two ?? '', 'a');
  symlinkSync(one ?? '', link ?? '');
  const first = await versionOfFile(link ?? '');
  rmSync(link ?? '');
  symlinkSync(two ?? '', link ?? '');
  const second = await versionOfFile(link ?? '');
  writeFileSync(two ?? '', 'ab');
  expect(new Set([first, second, await versionOfFile(link ?? '')]).size).toBe(3);
  await expect(versionOfFile(join(folder, 'none'))).rejects.toThrow('ENOENT');
  rmSync(folder, { recursive: true });
});

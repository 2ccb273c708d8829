import { ManualClock } from '@frontage/testing/manual-clock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemorySessions } from '../stores/memory-sessions.js';
import { KeyRing } from './key-ring.js';
import { LiveKeys } from './live-keys.js';
import { SealedRecords } from './sealed-records.js';
import type { SessionRecord } from './session-record.js';

const times = { idleMs: 1_000_000, lifetimeMs: 1_000_000, groups: [] };
const record = (sub: string): SessionRecord => ({
  version: 1,
  leastReader: 1,
  provider: 'main',
  claims: { sub },
  scopes: [],
  accessToken: `token of ${sub}`,
  receivedAt: 0,
  loggedInAt: 0,
  endsAt: 1_000,
});

function world() {
  const clock = new ManualClock();
  const store = new MemorySessions(5_000, clock);
  let secrets = ['a'.repeat(32)];
  const source = { version: () => Promise.resolve(secrets.join()), read: () => Promise.resolve(secrets) };
  const keys = new LiveKeys(source, 'shop', clock);
  const records = new SealedRecords(store, keys);
  const rotate = async (to: string[]): Promise<void> => {
    secrets = to;
    await clock.advance(2_000);
  };
  return { keys, store, records, rotate };
}

afterEach(() => void vi.restoreAllMocks());

describe('records in a store', () => {
  it('are decrypted once while their bytes are the same', async () => {
    const { keys, records } = world();
    await keys.start();
    await records.create('one', record('ada'), times);
    const open = vi.spyOn(KeyRing.prototype, 'open');
    const first = await records.read('one', 0);
    expect([first?.claims.sub, await records.read('one', 0)]).toEqual(['ada', first]);
    expect(open).toHaveBeenCalledTimes(1);
    keys.stop();
  });

  it('are read anew when another process has replaced them, or has ended them', async () => {
    const { keys, store, records } = world();
    await keys.start();
    const other = new SealedRecords(store, keys);
    await records.create('one', record('ada'), times);
    await records.read('one', 0);
    await other.replace('one', record('grace'));
    expect((await records.read('one', 0))?.claims.sub).toBe('grace');
    expect(await records.read('one', 1_000)).toBeUndefined();
    await store.remove(['one']);
    expect(await records.read('one', 0)).toBeUndefined();
    keys.stop();
  });

  it('are refused with bytes of another session, or with a bit that was changed', async () => {
    const { keys, store, records } = world();
    await keys.start();
    await records.create('one', record('ada'), times);
    await records.create('two', record('grace'), times);
    await records.read('one', 0);
    const [one, two] = [await store.read('one'), await store.read('two')];
    if (one === undefined || two === undefined) throw new Error('a session is missing');
    await store.replace('one', two);
    expect(await records.read('one', 0)).toBeUndefined();
    const changed = Buffer.from(one);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await store.replace('one', changed);
    expect(await records.read('one', 0)).toBeUndefined();
    await store.replace('one', one);
    expect((await records.read('one', 0))?.claims.sub).toBe('ada');
    keys.stop();
  });

  it('cannot be read any more when their key has left the ring', async () => {
    const { keys, records, rotate } = world();
    await keys.start();
    await records.create('one', record('ada'), times);
    await records.read('one', 0);
    await rotate(['b'.repeat(32), 'a'.repeat(32)]);
    expect((await records.read('one', 0))?.claims.sub).toBe('ada');
    await rotate(['b'.repeat(32)]);
    expect(await records.read('one', 0)).toBeUndefined();
    keys.stop();
  });

  it('are each their own when more of them are in use than are remembered', async () => {
    const { keys, records } = world();
    await keys.start();
    const names = Array.from({ length: 1_500 }, (_, index) => `s${index}`);
    for (const name of names) await records.create(name, record(name), times);
    for (let round = 0; round < 2; round++)
      for (const name of names) expect((await records.read(name, 0))?.claims.sub).toBe(name);
    keys.stop();
  });
});

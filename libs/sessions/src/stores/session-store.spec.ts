import { systemClock } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { ManualClock } from '@frontage/testing/manual-clock';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemorySessions } from './memory-sessions.js';
import type { SessionStore } from './session-store.js';
import { SharedSessions } from './shared-sessions.js';

const lasting = { idleMs: 60_000, lifetimeMs: 600_000, groups: ['sub:ada'] };
const text = (bytes: Buffer | undefined): string | undefined => bytes?.toString();

function contract(storeOf: () => SessionStore): void {
  it('keeps bytes as they are, until they are removed', async () => {
    const store = storeOf();
    await store.create('a', Buffer.from([0, 255]), lasting);
    expect(await store.read('a')).toEqual(Buffer.from([0, 255]));
    await store.remove(['a', 'unknown']);
    expect(await store.read('a')).toBeUndefined();
  });

  it('replaces a session that exists, and never makes one that has ended', async () => {
    const store = storeOf();
    await store.create('b', Buffer.from('1'), lasting);
    expect([await store.replace('b', Buffer.from('2')), text(await store.read('b'))]).toEqual([true, '2']);
    await store.remove(['b']);
    expect([await store.replace('b', Buffer.from('3')), await store.read('b')]).toEqual([false, undefined]);
  });

  it('finds the sessions of a group', async () => {
    const store = storeOf();
    for (const name of ['c', 'd'])
      await store.create(name, Buffer.from(name), { ...lasting, groups: ['sub:c', `sid:${name}`] });
    expect((await store.find('sub:c')).toSorted()).toEqual(['c', 'd']);
    expect(await store.find('sid:d')).toEqual(['d']);
    expect(await store.find('sid:none')).toEqual([]);
  });

  it('gives one caller the lock of a session, until it is given back', async () => {
    const store = storeOf();
    const [first, second] = await Promise.all([store.lock('e', 60_000), store.lock('e', 60_000)]);
    expect([first, second].filter((one) => one !== undefined)).toHaveLength(1);
    expect(await store.lock('f', 60_000)).toBeTypeOf('function');
    await (first ?? second)?.();
    expect(await store.lock('e', 60_000)).toBeTypeOf('function');
  });
}

describe('sessions in memory', () => {
  contract(() => new MemorySessions(100, systemClock));

  it('end after the idle time without a read that extends it, and at their end', async () => {
    const clock = new ManualClock();
    const store = new MemorySessions(100, clock);
    await store.create('a', Buffer.from('a'), lasting);
    for (const [ms, extendMs, found] of [
      [59_000, undefined, 'a'],
      [900, 60_000, 'a'],
      [59_000, undefined, 'a'],
      [1_000, undefined, undefined],
    ] as const) {
      await clock.advance(ms);
      expect(text(await store.read('a', extendMs))).toBe(found);
    }
    await store.create('b', Buffer.from('b'), lasting);
    for (let passed = 0; passed < 600_000; passed += 50_000) {
      expect(text(await store.read('b', 60_000))).toBe('b');
      await clock.advance(50_000);
    }
    expect(await store.read('b', 60_000)).toBeUndefined();
  });

  it('are bounded, and their groups with them', async () => {
    const store = new MemorySessions(100, systemClock);
    for (let at = 0; at < 1_000; at++)
      await store.create(`s${at}`, Buffer.from('x'), { ...lasting, groups: ['sub:ada', `sid:${at}`] });
    expect(store.size).toBe(100);
    expect(await store.find('sub:ada')).toHaveLength(100);
    expect(await store.find('sid:1')).toEqual([]);
    expect(store.groupCount).toBe(101);
  });

  it('end a lock by itself', async () => {
    const clock = new ManualClock();
    const store = new MemorySessions(100, clock);
    const late = await store.lock('a', 1_000);
    await clock.advance(1_001);
    const next = await store.lock('a', 1_000);
    expect(next).toBeTypeOf('function');
    // The first holder no longer has it.
    await late?.();
    expect(await store.lock('a', 1_000)).toBeUndefined();
  });
});

describe.skipIf(!redisIsInstalled())('sessions in Redis', () => {
  let redis: RedisServer;
  let store: RedisStore;
  beforeAll(async () => {
    redis = await RedisServer.start();
    store = new RedisStore({ app: 'shop', url: redis.url, timeoutMs: 1_000 });
    await store.start();
  });
  afterAll(async () => {
    store.stop();
    await redis.stop();
  });
  contract(() => new SharedSessions(store.records('sessions')));

  it('end after the idle time, which a read extends', async () => {
    const sessions = new SharedSessions(store.records('sessions'));
    await sessions.create('idle', Buffer.from('x'), { ...lasting, idleMs: 300 });
    await expect.poll(() => sessions.read('idle')).toBeUndefined();
    await sessions.create('used', Buffer.from('x'), { ...lasting, idleMs: 300 });
    await sessions.read('used', 60_000);
    await sessions.create('later', Buffer.from('x'), { ...lasting, idleMs: 300 });
    await expect.poll(() => sessions.read('later')).toBeUndefined();
    expect(text(await sessions.read('used'))).toBe('x');
  });
});

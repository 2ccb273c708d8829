import type { Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { createCache } from 'cache-manager';
import fc from 'fast-check';
import { Keyv } from 'keyv';
import { expect, it } from 'vitest';
import { ada, bob, settle, waiter } from './fixtures/loads.js';
import { OperationCache, type CachedOperation } from './index.js';
import { tagMark } from './invalidation/marks.js';

const failed: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' };
const askers = { ada, bob };

const who = fc.constantFrom('ada' as const, 'ada' as const, 'bob' as const);
const id = fc.constantFrom(1, 1, 1, 2);
const at = fc.constantFrom(0 as const, 1 as const);
const ms = fc.constantFrom(1, 50, 60, 100, 250, 450, 5_000);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), at, who, id }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), ok: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('write' as const), at, who, id }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('store' as const),
      state: fc.constantFrom('up', 'up', 'fails', 'hangs', 'late'),
    }),
  },
);
const rules = fc.record({
  ttlMs: fc.constantFrom(100, 6_000),
  staleWhileRevalidateMs: fc.constantFrom(0, 400),
  staleIfErrorMs: fc.constantFrom(0, 1_000),
});

/** A store that processes share, which fails, hangs, or is late with its replies where it is told to. */
class UnsteadyStore extends Map<string, unknown> {
  state = 'up';
  /** Ends of the operations that hang, and of the replies that are late. */
  readonly hanging: (() => void)[] = [];

  async perform<T>(operation: () => T): Promise<T> {
    if (this.state === 'hangs') await new Promise<void>((resolve) => this.hanging.push(resolve));
    if (this.state === 'fails') throw new Error('the store fails');
    const result = operation();
    if (this.state === 'late') await new Promise<void>((resolve) => this.hanging.push(resolve));
    return result;
  }

  get keyv(): Keyv {
    const store = {
      get: (key: string) => this.perform(() => this.get(key)),
      set: (key: string, value: unknown) => this.perform(() => Boolean(this.set(key, value))),
      delete: (key: string) => this.perform(() => this.delete(key)),
      clear: () => this.perform(() => this.clear()),
    };
    return new Keyv({ store, throwOnErrors: true });
  }
}

interface Value {
  readonly of: string;
  /** Of the service, when the load began. */
  readonly version: number;
  /** When the load ended. */
  readonly at: number;
}

it('R2, F20, F21: of two processes, nobody sees what is of another caller, older than its rule, or invalid, with one load of a key at a time', async () => {
  await fc.assert(
    fc.asyncProperty(rules, fc.array(step, { maxLength: 50, size: 'max' }), async (rule, steps) => {
      const clock = new ManualClock();
      const store = new UnsteadyStore();
      const longest = rule.ttlMs + Math.max(rule.staleWhileRevalidateMs, rule.staleIfErrorMs);
      const versions = new Map<string, number>();
      /** Versions that the shared tier vouches for. */
      const told = new Map<string, number>();
      /** The change of each write, by a mark of its own. */
      const writes = new Map<string, readonly (readonly [name: string, version: number])[]>();
      const vouch = (of: Map<string, number>, name: string, version: number): void =>
        void of.set(name, Math.max(version, of.get(name) ?? 0));
      const messages: (() => void)[] = [];
      const waiting: { readonly leave: () => void; readonly end: Promise<void> }[] = [];
      const ends: ((ok: boolean) => void)[] = [];

      interface Process {
        readonly cache: OperationCache;
        readonly cached: CachedOperation;
        readonly underWay: Set<string>;
        /** Versions that no reader of this process may see older ones of. */
        readonly least: Map<string, number>;
        hear: (marks: readonly string[] | 'all', isPending: boolean) => void;
      }
      const start = (index: 0 | 1): Process => {
        const cache = new OperationCache(
          { maxEntries: 3, sharedCache: createCache({ stores: [store.keyv] }), app: 'spec', random: () => 0.999 },
          clock,
        );
        const process: Process = {
          cache,
          cached: cache.operation({ upstream: 'u', operation: 'o', ...rule }),
          underWay: new Set(),
          least: new Map(told),
          hear: () => undefined,
        };
        cache.share({
          tell: (marks, isPending) => {
            messages.push(() => {
              const other = processes[index === 0 ? 1 : 0];
              other.hear(marks, isPending);
              for (const mark of marks) for (const write of writes.get(mark) ?? []) vouch(other.least, ...write);
            });
          },
          listen: (hear) => (process.hear = hear),
        });
        return process;
      };
      const processes: [Process, Process] = [start(0), start(1)];

      const read = (process: Process, name: string, key: string): void => {
        const least = process.least.get(name) ?? 0;
        const reader = waiter(clock.now() + 1_000_000);
        const load = (flight: { onCancel(listener: () => void): void }): Promise<Outcome<unknown>> => {
          expect(process.underWay.has(key)).toBe(false);
          process.underWay.add(key);
          const version = versions.get(name) ?? 0;
          return new Promise((resolve) => {
            const end = (ok: boolean): void => {
              const place = ends.indexOf(end);
              if (place !== -1) ends.splice(place, 1);
              process.underWay.delete(key);
              resolve(ok ? { ok, value: { of: name, version, at: clock.now() } satisfies Value } : failed);
            };
            ends.push(end);
            flight.onCancel(() => end(false));
          });
        };
        const outcome = process.cached.peek(key) ?? process.cached.getOrLoad(key, reader, load, [tagMark(name)]);
        const end = Promise.resolve(outcome).then((got) => {
          if (!got.ok) return;
          const { of, version, at: endedAt } = got.value as Value;
          expect(of).toBe(name);
          expect(version).toBeGreaterThanOrEqual(least);
          expect(clock.now() - endedAt).toBeLessThan(longest);
        });
        waiting.push({ leave: () => reader.cancellation.cancel('client_gone'), end });
      };

      const invalidate = async ({ cache, least }: Process, name: string): Promise<void> => {
        const version = (versions.get(name) ?? 0) + 1;
        versions.set(name, version);
        const own = tagMark(`write ${version} of ${name}`);
        writes.set(own, [[name, version]]);
        await cache.invalidate([tagMark(name), own]);
        vouch(least, name, version);
        if (cache.isInStep) vouch(told, name, version);
      };

      for (const one of steps) {
        if (one.do === 'wait') await clock.advance(one.ms);
        else if (one.do === 'leave') waiting.pop()?.leave();
        else if (one.do === 'end') ends[0]?.(one.ok);
        else if (one.do === 'deliver') messages.shift()?.();
        else if (one.do === 'store') {
          store.state = one.state;
          if (one.state !== 'hangs' && one.state !== 'late') for (const go of store.hanging.splice(0)) go();
        } else if (one.do === 'restart') {
          const { cache } = processes[one.at];
          processes[one.at] = start(one.at);
          // It has died: what it has not told yet, it never tells.
          void cache.stop();
        } else {
          const process = processes[one.at];
          const name = `${one.who}/${one.id}`;
          if (one.do === 'read') read(process, name, process.cached.key({ path: { id: one.id } }, askers[one.who]));
          else waiting.push({ leave: () => undefined, end: invalidate(process, name) });
        }
        for (let turn = 0; turn < 3; turn++) await settle();
      }
      store.state = 'up';
      for (const go of store.hanging.splice(0)) go();
      for (let turn = 0; turn < 5; turn++) {
        while (ends.length > 0) ends[0]?.(true);
        await settle();
      }
      for (const { leave, end } of waiting) {
        leave();
        await end;
      }
      for (const { cache } of processes) await cache.stop();
    }),
    { numRuns: 600 },
  );
});

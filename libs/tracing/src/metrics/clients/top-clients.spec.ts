import { RequestContext, type Caller } from '@frontage/context';
import { ManualClock } from '@frontage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallerHash } from '../../logs/caller-hash.js';
import { SpaceSaving } from './space-saving.js';
import { ClientCounts, sumTopClients, type TopClients } from './top-clients.js';

describe('a sketch of a stream', () => {
  it('holds what comes often, with bounds that are true, in a place of fixed size', () => {
    const stream = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 200 })), { maxLength: 400 });
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 20 }), (elements, capacity) => {
        const sketch = new SpaceSaving<number>(capacity);
        const exact = new Map<string, number>();
        for (const element of elements) {
          sketch.add(String(element), element);
          exact.set(String(element), (exact.get(String(element)) ?? 0) + 1);
        }
        const held = new Map(sketch.entries().map((entry) => [entry.key, entry]));
        expect(sketch.total).toBe(elements.length);
        expect(held.size).toBe(Math.min(capacity, exact.size));
        for (const [key, times] of exact) {
          const entry = held.get(key);
          if (entry === undefined) {
            expect(times).toBeLessThanOrEqual(sketch.least);
            expect(times).toBeLessThanOrEqual(elements.length / capacity);
            continue;
          }
          expect(entry.value).toBe(Number(key));
          expect(entry.count).toBeGreaterThanOrEqual(times);
          expect(entry.count - entry.error).toBeLessThanOrEqual(times);
        }
      }),
    );
  });
});

const hash = new CallerHash('key');
const caller = (subject: string, tenant?: string): Caller => ({
  subject,
  scopes: [],
  roles: [],
  ...(tenant !== undefined && { tenant }),
});

function counting(most = 3) {
  const clock = new ManualClock();
  const counts = new ClientCounts({ most, addressKey: (address) => address.replace(/:.*/, '') }, hash, clock);
  const send = (times: number, from: Caller | string): void => {
    const context = new RequestContext('r', clock.now(), 'GET', typeof from === 'string' ? from : '192.0.2.9', {});
    if (typeof from !== 'string') context.caller = from;
    for (let request = 0; request < times; request++) counts.record(context, clock.now());
  };
  return { clock, counts, send };
}

describe('the clients that send most', () => {
  it('are named by the pseudonyms of the log, callers and addresses apart, the most first', async () => {
    const { clock, counts, send } = counting();
    send(5, caller('ada'));
    send(9, caller('ada', 'acme'));
    send(7, '192.0.2.1:1');
    send(1, '192.0.2.1:2');
    send(2, caller('192.0.2.1'));
    await clock.advance(60_000);
    expect(counts.report()).toEqual({
      seconds: 60,
      requests: 24,
      clients: [
        { client: hash.ofSubject('ada', 'acme'), kind: 'caller', requests: 9, atLeast: 9 },
        { client: hash.ofSubject('address 192.0.2.1'), kind: 'address', requests: 8, atLeast: 8 },
        { client: hash.ofSubject('ada'), kind: 'caller', requests: 5, atLeast: 5 },
      ],
    });
    expect(JSON.stringify(counts.report())).not.toMatch(/ada|192/);
  });

  it('are found among any number of others, and take no more room', () => {
    const { counts, send } = counting();
    for (let address = 0; address < 20_000; address++) {
      send(1, `198.51.100.${address}`);
      if (address % 10 === 0) send(1, caller('busy'));
    }
    const { requests, clients } = counts.report();
    expect(requests).toBe(22_000);
    expect(clients).toHaveLength(3);
    expect(clients[0]?.client).toBe(hash.ofSubject('busy'));
    expect(clients[0]?.atLeast).toBeLessThanOrEqual(2_000);
    expect(clients[0]?.requests).toBeGreaterThanOrEqual(2_000);
  });

  it('are those of five to ten minutes: who has stopped is forgotten', async () => {
    const { clock, counts, send } = counting();
    send(100, caller('early'));
    await clock.advance(300_000);
    send(3, caller('late'));
    expect(counts.report()).toMatchObject({
      seconds: 300,
      requests: 103,
      clients: [{ requests: 100 }, { requests: 3 }],
    });
    await clock.advance(300_000);
    expect(counts.report()).toMatchObject({ seconds: 300, requests: 3, clients: [{ requests: 3 }] });
    await clock.advance(600_000);
    expect(counts.report()).toEqual({ seconds: 0, requests: 0, clients: [] });
  });

  it('have bounds that are true, also where one window holds them and the other one has lost them', async () => {
    const { clock, counts, send } = counting(1);
    send(50, caller('busy'));
    await clock.advance(300_000);
    send(1, caller('busy'));
    for (let other = 0; other < 100; other++) send(2, caller(`other-${other}`));
    const [top] = counts.report().clients;
    expect(top?.client).toBe(hash.ofSubject('busy'));
    expect(top?.requests).toBeGreaterThanOrEqual(51);
    expect(top?.atLeast).toBe(50);
  });

  it('of several processes are added up, with bounds for what a process does not tell', () => {
    const report = (requests: number, ...clients: (readonly [string, number])[]): TopClients => ({
      seconds: 60,
      requests,
      clients: clients.map(([client, count]) => ({ client, kind: 'caller', requests: count, atLeast: count - 1 })),
    });
    expect(sumTopClients([report(100, ['a', 50], ['b', 20]), report(90, ['a', 30], ['c', 25])])).toEqual({
      seconds: 60,
      requests: 190,
      clients: [
        { client: 'a', kind: 'caller', requests: 80, atLeast: 78 },
        { client: 'b', kind: 'caller', requests: 45, atLeast: 19 },
      ],
    });
    expect(sumTopClients([])).toEqual({ seconds: 0, requests: 0, clients: [] });
  });
});

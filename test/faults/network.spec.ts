import type { ConnectionFaults } from '@frontage/testing/fault-proxy';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChaosWorld, untilFits, type Asked } from '../chaos/world.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let world: ChaosWorld;
let whole: Asked['body'];
/** Without the banners, whose 100 ms are not always enough on a busy machine. */
async function home(): Promise<Asked> {
  const { body, ...rest } = await world.get('mobile', '/home');
  const { banners: _, _parts, ...page } = body;
  const { banners: __, ...parts } = (_parts ?? {}) as Readonly<Record<string, unknown>>;
  return { ...rest, body: { ...page, ...(Object.keys(parts).length > 0 && { _parts: parts }) } };
}

const isWhole = ({ status, body }: Asked): boolean => status === 200 && body['_parts'] === undefined;

beforeAll(async () => {
  world = await ChaosWorld.start(1, ['mobile']);
  whole = (await untilFits(home, isWhole, 20_000)).body;
});
afterAll(() => world?.stop());
afterEach(async () => {
  await world.clearFaults();
  // A breaker that has opened sends a probe first.
  expect((await untilFits(home, isWhole, 30_000)).body).toEqual(whole);
});

/** `plans: mobile.home` in apps/mobile/bff.yaml, and the tolerance of a busy machine. */
const deadlineMs = 600;
const slackMs = 150;

describe('a network before an optional upstream of GET /home', () => {
  it.each<[string, ConnectionFaults, string]>([
    ['refuses connections (F1)', { down: true }, 'error'],
    ['resets in the middle of the head (F6)', { resetAfterBytes: 20 }, 'error'],
    ['ends in the middle of the body (F6)', { truncateAfterBytes: 200 }, 'error'],
    ['says nothing (F5)', { noData: true }, 'timeout'],
    ['delays by more than the deadline (F4)', { latencyMs: 2_000 }, 'timeout'],
    ['carries twenty bytes a second (F5)', { bytesPerSecond: 20 }, 'timeout'],
  ])('that %s costs its part, in time', async (_, faults, reason) => {
    await world.proxy('recommendations').set(faults);
    const { status, body, tookMs } = await home();
    expect(status).toBe(200);
    expect(body).toEqual({ ...whole, suggested: null, _parts: { suggested: { status: reason, source: 'none' } } });
    expect(tookMs).toBeLessThan(deadlineMs + slackMs);
  });

  it.each<[string, ConnectionFaults]>([
    ['cuts everything into pieces of three bytes', { on: 'both', sliceBytes: 3 }],
    ['delays a little, and never the same', { on: 'both', latencyMs: 10, jitterMs: 9 }],
    ['closes late', { slowCloseMs: 500 }],
  ])('that %s costs nothing', async (_, faults) => {
    await world.proxy('recommendations').set(faults);
    expect((await home()).body).toEqual(whole);
  });
});

describe('a network before a required upstream of GET /home', () => {
  it.each<[string, ConnectionFaults, number]>([
    ['refuses connections (F2)', { down: true }, 502],
    ['says nothing (F2)', { noData: true }, 504],
  ])('that %s is a problem, in time', async (_, faults, wanted) => {
    await world.proxy('users').set(faults);
    const { status, body, tookMs } = await home();
    expect([status, body['status']]).toEqual([wanted, wanted]);
    expect(JSON.stringify(body)).not.toContain('127.0.0.1');
    expect(tookMs).toBeLessThan(deadlineMs + slackMs);
  });
});

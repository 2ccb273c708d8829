import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mobile } from './mobile.js';

const latencyMs = 50;
const upstreams = ['users', 'orders', 'content', 'recommendations', 'shipping'] as const;
const callsPerPage = 7;

let mobile: Mobile;
beforeAll(async () => {
  mobile = await Mobile.start();
});
afterAll(() => mobile?.stop());

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The time of the slowest call, measured by the upstream: never less than its latency. */
async function slowestCallMs(upstream: (typeof upstreams)[number]): Promise<number> {
  const calls = await mobile.world.untilCalls(upstream, (all) => all.every(({ endedAt }) => endedAt !== undefined));
  return Math.max(...calls.map(({ startedAt, endedAt = Number.NaN }) => endedAt - startedAt));
}

describe('with 50 ms on every upstream', () => {
  it('GET /home takes its critical path plus at most 15 ms, and not the sum of its seven calls', async () => {
    for (let i = 0; i < 30; i++) await mobile.get('/home');
    for (const upstream of upstreams) await mobile.world.setFault(upstream, { latencyMs });

    const took: number[] = [];
    const added: number[] = [];
    for (let i = 0; i < 21; i++) {
      await mobile.world.resetCalls();
      const { status, body, tookMs } = await mobile.get('/home');
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('_parts');
      // The orders come first, then a parcel for each of them; everything else goes beside the orders.
      const criticalPathMs = (await slowestCallMs('orders')) + (await slowestCallMs('shipping'));
      took.push(tookMs);
      added.push(tookMs - criticalPathMs);
    }
    expect(await mobile.world.count('shipping')).toBe(3);

    process.stdout.write(
      `GET /home with ${latencyMs} ms on every upstream: ${median(took).toFixed(1)} ms (critical path ${2 * latencyMs} ms, sum ${callsPerPage * latencyMs} ms); added to what the upstreams took: ${median(added).toFixed(1)} ms\n`,
    );
    expect(median(took)).toBeGreaterThanOrEqual(2 * latencyMs - 1);
    expect(Math.min(...took)).toBeLessThan(2 * latencyMs + 15);
    expect(median(added)).toBeLessThan(15);
  });
});

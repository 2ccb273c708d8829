import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Mobile } from './mobile.js';

let mobile: Mobile;
beforeAll(async () => {
  mobile = await Mobile.start();
  await mobile.get('/home');
});
afterEach(() => mobile.world.clearFaults());
afterAll(() => mobile?.stop());

/** The clock of the sandbox's call log: comparable between processes of one machine. */
const epochNow = (): number => performance.timeOrigin + performance.now();

describe('a client that leaves (F18)', () => {
  it('has every upstream call aborted within 50 ms, and leaves nothing behind', async () => {
    const hanging = ['users', 'orders', 'recommendations'] as const;
    for (const upstream of hanging) await mobile.world.setFault(upstream, { hang: true });

    const leave = async (): Promise<number> => {
      await mobile.world.resetCalls();
      const leaving = new AbortController();
      const asked = mobile.get('/home', { signal: leaving.signal });
      for (const upstream of hanging) await mobile.world.untilCalls(upstream, (calls) => calls.length === 1);
      const leftAt = epochNow();
      leaving.abort();
      await expect(asked).rejects.toThrow('aborted');
      const ends = hanging.map(async (upstream) => {
        const [call] = await mobile.world.untilCalls(upstream, (calls) => calls[0]?.state === 'aborted', 2000);
        return call?.endedAt ?? Number.NaN;
      });
      return Math.max(...(await Promise.all(ends))) - leftAt;
    };
    const abortedAfterMs: number[] = [];
    for (let i = 0; i < 9; i++) abortedAfterMs.push(await leave());

    const medianMs = abortedAfterMs.toSorted((a, b) => a - b)[4] ?? Number.NaN;
    process.stdout.write(`client gone: all upstream calls aborted after ${medianMs.toFixed(1)} ms (median of 9)\n`);
    expect(medianMs).toBeLessThan(50);
    expect(await mobile.metric('http_server_active_requests')).toBe(0);
    // Nothing was tried again.
    expect(await mobile.world.count('orders')).toBe(1);
  });

  it('does not stop a write that was sent: it runs to its end', async () => {
    await mobile.world.setFault('carts', { operation: 'addCartItem', latencyMs: 300 });
    await mobile.world.resetCalls();
    const leaving = new AbortController();
    const body = JSON.stringify({ sku: 'SKU-101-BLK', quantity: 1 });
    const asked = mobile.get('/cart/items', { method: 'POST', body, signal: leaving.signal });
    await mobile.world.untilCalls('carts', (calls) => calls.length === 1);
    leaving.abort();
    await expect(asked).rejects.toThrow('aborted');
    const [call] = await mobile.world.untilCalls('carts', (calls) => calls[0]?.state !== 'open');
    expect(call?.state).toBe('answered');
  });

  it('by resetting its connection is no different', async () => {
    await mobile.world.setFault('users', { hang: true });
    await mobile.world.resetCalls();
    const token = await mobile.world.token({ user: 'ada', scopes: ['home:read'] });
    const socket = connect(Number(new URL(mobile.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /home HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
    await mobile.world.untilCalls('users', (calls) => calls.length === 1);
    socket.resetAndDestroy();
    await mobile.world.untilCalls('users', (calls) => calls[0]?.state === 'aborted', 2000);
  });
});

import { createUpstream, type Upstream, type UpstreamOptions } from '@frontage/clients';
import { RequestContext, type CallScope } from '@frontage/context';
import { SchemaTable, systemClock, type Clock, type OperationInfo } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { afterEach, describe, expect, it } from 'vitest';

const hourMs = 3_600_000;

/** The clock of the machine, whose wall time somebody sets an hour forward and back with each look at it. */
function jumpingClock(): Clock {
  let looks = 0;
  return { ...systemClock, wallTime: () => systemClock.wallTime() + (looks++ % 2 === 0 ? hourMs : -hourMs) };
}

const operation: OperationInfo = {
  contract: { upstream: 'orders', title: 'Orders', version: '1', schemas: new SchemaTable([]) },
  id: 'listOrders',
  method: 'GET',
  path: '/orders',
  responses: [{ status: '200', media: 'application/json' }],
};

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function serve(reply: RawReply, options: Partial<UpstreamOptions>): Promise<[RawServer, Upstream]> {
  const raw = await RawServer.start(reply);
  const client = createUpstream('orders', { urls: [raw.url], timeoutMs: 5_000, ...options }, { clock: jumpingClock() });
  started.push(raw, { stop: () => client.close() });
  return [raw, client];
}

function scope(): CallScope {
  const context = new RequestContext('r', systemClock.now(), 'GET', '127.0.0.1', {});
  return { context, part: 'orders', deadlineAt: Number.POSITIVE_INFINITY, cancellation: context.cancellation };
}

describe('a clock that jumps an hour forward and back (F23)', () => {
  it('moves no timeout', async () => {
    const [, client] = await serve(rawReplies.silence(), { timeoutMs: 100 });
    const at = performance.now();
    expect(await client.executor(operation)({}, scope())).toMatchObject({ ok: false });
    const tookMs = performance.now() - at;
    expect(tookMs).toBeGreaterThan(95);
    expect(tookMs).toBeLessThan(2_000);
  });

  it('moves no breaker: it opens, stays open for its time, and closes after a good probe', async () => {
    const [raw, client] = await serve(rawReplies.json({}, {}, 500), {
      breaker: { minimumCalls: 3, openForMs: 200 },
    });
    const execute = client.executor(operation);
    for (let i = 0; i < 3; i++) await execute({}, scope());
    raw.reply = rawReplies.json({ ok: true });
    const openedAt = performance.now();
    expect(await execute({}, scope())).toMatchObject({ ok: false });
    await expect.poll(async () => (await execute({}, scope())).ok, { interval: 5, timeout: 5_000 }).toBe(true);
    expect(performance.now() - openedAt).toBeGreaterThan(150);
    expect(raw.requests.length).toBeLessThan(10);
  });
});

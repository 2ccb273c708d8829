import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module, Post } from '@nestjs/common';
import { pick, plan, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { createGateway, Screen, type Gateway } from '@frontage/gateway';
import { startWorld, type World } from '@frontage/testing';
import * as carts from '@frontage/upstreams/carts';
import * as orders from '@frontage/upstreams/orders';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const shippingAddress = {
  recipient: 'Linus',
  line1: 'Street 1',
  line2: null,
  postalCode: '00100',
  city: 'Helsinki',
  country: 'FI',
};

/** Two changes at two services; the first is taken back when the second fails. */
const buyPlan = plan('faults.buy', { deadlineMs: 5000 }, () => {
  const line = write(
    carts.addCartItem,
    { path: { customerId: 'linus' }, body: { sku: 'SKU-102', quantity: 1 } },
    { timeoutMs: 2000, undo: (cart) => write(carts.clearCart, { path: { customerId: cart.customerId } }) },
  );
  const order = write(
    orders.createOrder,
    {
      header: { 'Idempotency-Key': 'faults-of-writes' },
      body: { customerId: 'linus', lines: [{ sku: 'SKU-102', quantity: 1 }], shippingAddress },
    },
    { timeoutMs: 2000, after: [line] },
  );
  return { line, order };
});
const buyScreen = screen(buyPlan, ({ order }) => pick(order, 'id', 'number'));

@Controller('buy')
class BuyController {
  @Post()
  @Public()
  @Screen(buyScreen)
  buy() {
    return {};
  }
}

@Module({ controllers: [BuyController] })
class BuyModule {}

const policy = `bff: buying
listen: { port: 0, adminPort: 0 }
access: off
log: { requests: false }
upstreams:
  carts: { urls: ["\${CARTS_URL}"] }
  orders: { urls: ["\${ORDERS_URL}"] }
`;

let folder: string;
let world: World;
let gateway: Gateway;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'frontage-writes-'));
  const config = join(folder, 'bff.yaml');
  writeFileSync(config, policy);
  world = await startWorld({ upstreams: ['carts', 'orders'], separate: ['carts', 'orders'] });
  gateway = createGateway(BuyModule, { config, env: world.env });
  ({ url } = await gateway.start());
});
afterAll(async () => {
  await gateway?.close();
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await world.clearFaults();
  await world.resetCalls();
});

const buy = async (): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${url}/buy`, { method: 'POST' });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('several writes, and services that die between them', () => {
  it('take back what was done when the next service is gone: the client gets the plain problem', async () => {
    await world.kill('orders');
    const { status, body } = await buy();
    expect({ status, code: body['code'], part: body['part'] }).toEqual({
      status: 502,
      code: 'GW_UPSTREAM_FAILED',
      part: 'order',
    });
    expect(await world.count('carts', 'addCartItem')).toBe(1);
    expect(await world.count('carts', 'clearCart')).toBe(1);
    await world.restart('orders');
  });

  it('say what was done and what is unknown when what should take it back is gone too', async () => {
    await world.setFault('orders', { operation: 'createOrder', hang: true });
    const answer = buy();
    await world.untilCalls('orders', (calls) => calls.length === 1);
    await world.kill('carts');
    await world.kill('orders');
    const { status, body } = await answer;
    expect({ status, code: body['code'] }).toEqual({ status: 500, code: 'GW_INDETERMINATE' });
    expect(body['writes']).toMatchObject({ done: ['line'], undone: [], unknown: ['order'] });
    await world.restart('carts');
    await world.restart('orders');
  });

  it('go on when the client leaves after the last one was sent: it is done, and nothing is taken back', async () => {
    await world.setFault('orders', { operation: 'createOrder', latencyMs: 150 });
    const leaving = new AbortController();
    const asked = fetch(`${url}/buy`, { method: 'POST', signal: leaving.signal });
    await world.untilCalls('orders', (calls) => calls.length === 1);
    leaving.abort();
    await expect(asked).rejects.toThrow('aborted');
    const [call] = await world.untilCalls('orders', (calls) => calls[0]?.endedAt !== undefined);
    expect(call).toMatchObject({ operation: 'createOrder', state: 'answered', status: 201 });
    expect(await world.count('carts', 'clearCart')).toBe(0);
  });
});

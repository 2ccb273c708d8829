import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Module, Post } from '@nestjs/common';
import { pick, plan, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { createGateway, InjectClient, Screen, type Gateway } from '@frontage/gateway';
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

/** One change, which nothing takes back. */
const lonePlan = plan('faults.lone', { deadlineMs: 5000 }, () => ({
  order: write(
    orders.createOrder,
    {
      header: { 'Idempotency-Key': 'faults-of-a-lone-write' },
      body: { customerId: 'linus', lines: [{ sku: 'SKU-102', quantity: 1 }], shippingAddress },
    },
    { timeoutMs: 1000 },
  ),
}));
const loneScreen = screen(lonePlan, ({ order }) => pick(order, 'id', 'number'));

type Orders = Client<typeof orders>;
type Carts = Client<typeof carts>;

@Public()
@Controller()
class BuyController {
  @Post('buy')
  @Screen(buyScreen)
  buy() {
    return {};
  }

  @Post('lone')
  @Screen(loneScreen)
  lone() {
    return {};
  }

  @Post('handler')
  async handler(@InjectClient(orders) client: Orders) {
    const { id } = await client.createOrder(orderArguments, { timeoutMs: 1000 });
    return { id };
  }

  @Post('two')
  async two(@InjectClient(carts) first: Carts, @InjectClient(orders) second: Orders) {
    await first.addCartItem({ path: { customerId: 'linus' }, body: { sku: 'SKU-102', quantity: 1 } });
    const { id } = await second.createOrder(orderArguments, { timeoutMs: 1000 });
    return { id };
  }
}

const orderArguments = {
  header: { 'Idempotency-Key': 'faults-of-a-handler' },
  body: { customerId: 'linus', lines: [{ sku: 'SKU-102', quantity: 1 }], shippingAddress },
};

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

const post = async (path: string) => {
  const response = await fetch(`${url}/${path}`, { method: 'POST' });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
};
const buy = () => post('buy');
const none = { done: [], undone: [], refused: [], unknown: [], notSent: [] };

describe.each([
  ['of a screen', 'lone', 'order'],
  ['of a hand-written handler', 'handler', 'createOrder'],
])('a single write %s', (_, path, name) => {
  it('whose connection was refused says that it was not sent, and when to retry', async () => {
    await world.kill('orders');
    const { status, retryAfter, body } = await post(path);
    expect([status, retryAfter, body]).toMatchObject([
      502,
      '1',
      { code: 'GW_UPSTREAM_FAILED', writes: { ...none, notSent: [name] } },
    ]);
    await world.restart('orders');
  });

  it('whose connection was reset after it was sent says that its outcome is unknown, and not to retry', async () => {
    await world.setFault('orders', { operation: 'createOrder', hang: true });
    const answer = post(path);
    await world.untilCalls('orders', (calls) => calls.length === 1);
    await world.kill('orders');
    const { status, retryAfter, body } = await answer;
    expect([status, retryAfter, body]).toMatchObject([
      500,
      null,
      { code: 'GW_INDETERMINATE', writes: { ...none, unknown: [name] } },
    ]);
    await world.restart('orders');
  });

  it('without a response in time says the same', async () => {
    await world.setFault('orders', { operation: 'createOrder', hang: true });
    const { status, body } = await post(path);
    expect([status, body]).toMatchObject([500, { code: 'GW_INDETERMINATE', writes: { ...none, unknown: [name] } }]);
  });

  it('that the service refuses says that nothing was changed', async () => {
    await world.setFault('orders', { operation: 'createOrder', status: 500 });
    const { status, body } = await post(path);
    expect([status, body]).toMatchObject([502, { code: 'GW_UPSTREAM_FAILED', writes: { ...none, refused: [name] } }]);
  });
});

describe('a handler whose second write cannot be sent', () => {
  it('does not claim that nothing was changed', async () => {
    await world.kill('orders');
    const { status, retryAfter, body } = await post('two');
    expect([status, retryAfter, body]).toMatchObject([
      500,
      null,
      { code: 'GW_INDETERMINATE', writes: { ...none, done: ['addCartItem'], notSent: ['createOrder'] } },
    ]);
    await world.restart('orders');
  });
});

describe('several writes, and services that die between them', () => {
  it('undo the done changes when the next service is gone: the client gets the plain problem', async () => {
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

  it('name the done and the unknown changes when the undo fails too', async () => {
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

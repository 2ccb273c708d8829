import { RawServer } from '@frontage/testing/raw-server';
import { Controller, Get, Param } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'id', 'name'),
);

@Controller('items')
class ItemController {
  @Get(':id')
  @Public()
  @Screen(itemScreen)
  show(@Param() path: object) {
    return { path };
  }
}

describe('the addresses of the admin port', () => {
  it('are listed with their state, once there are several', async () => {
    const broken = await RawServer.start((socket) => void socket.destroy());
    onTestFinished(() => broken.stop());
    const balance = `balance: { by: round-robin, eject: { failures: 1, for: 60s } }`;
    const app = await GatewayUnderTest.start({
      controllers: [ItemController],
      upstreams: `  shop: { urls: ['\${SHOP_URL}', '${broken.url}'], ${balance} }`,
      policy: 'access: off\n',
    });
    onTestFinished(() => app.stop());
    for (let call = 0; call < 4; call++) await app.ask('/items/i-1');
    const response = await fetch(`${app.adminUrl}/addresses`);
    const { addresses } = (await response.json()) as { addresses: { forSeconds?: number }[] };
    expect(addresses).toMatchObject([
      { upstream: 'shop', state: 'in_use', weight: 1, active: 0 },
      { upstream: 'shop', address: broken.url, state: 'ejected', active: 0 },
    ]);
    expect(addresses[1]?.forSeconds).toBeGreaterThan(55);
    const metrics = await (await fetch(`${app.adminUrl}/metrics`)).text();
    expect(metrics).toContain('frontage_upstream_addresses{upstream="shop",state="ejected"} 1');
    expect(metrics).toContain('frontage_address_ejections_total{upstream="shop",reason="failures"} 1');
  });
});

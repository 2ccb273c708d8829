import { HttpModule, HttpService } from '@nestjs/axios';
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { input: { path: z.object({ id: z.string().max(10) }) }, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'id', 'name'),
);

@Public()
@Controller('items')
class ItemController {
  @Get(':id')
  @Screen(itemScreen)
  show(@Param() path: object) {
    return { path };
  }
}

/** An interceptor that a company applies to all of its calls. */
class Branding {
  constructor(http: HttpService) {
    http.axiosRef.interceptors.request.use((request) => {
      request.headers.set('x-company', 'acme');
      return request;
    });
  }
}
Inject(HttpService)(Branding, undefined, 0);

it('an upstream with `transport: axios` is called through the HttpService that the app itself has', async () => {
  const app = await GatewayUnderTest.start({
    controllers: [ItemController],
    providers: [Branding],
    imports: [HttpModule],
    upstreams: "  shop: { urls: ['${SHOP_URL}'], transport: axios }",
  });
  try {
    const answer = await fetch(`${app.url}/items/i-1`);
    expect([answer.status, await answer.json()]).toEqual([200, { id: 'i-1', name: 'Lamp' }]);
    expect(app.shop.requests[0]?.headers).toMatchObject({ 'x-company': 'acme' });
  } finally {
    await app.stop();
  }
});

import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { RawServer } from '@frontage/testing/raw-server';
import { expect, it, onTestFinished } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const item = screen(
  plan('groups.item', { deadlineMs: 5_000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  (parts) => pick(parts.item, 'name'),
);
@Public()
@Controller()
class Items {
  @Get('item')
  @Screen(item)
  show() {
    return {};
  }
}

it('a request that a proxy marks goes to the group that it names, and others go by their caller', async () => {
  const body = JSON.stringify({ id: 'i-1', name: 'canary', price: 1 });
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const canary = await RawServer.start((socket) => void socket.write(`${head}\r\n\r\n${body}`));
  onTestFinished(() => canary.stop());
  const groups = `{ stable: { weight: 1, urls: ['\${SHOP_URL}'] }, canary: { weight: 0, urls: ['${canary.url}'] } }`;
  const app = await GatewayUnderTest.start({
    controllers: [Items],
    trustedProxies: 1,
    upstreams: `  shop:\n    urls: ['\${SHOP_URL}', '${canary.url}']\n    balance: { groups: ${groups}, choose: { header: x-release, from: proxy } }`,
  });
  onTestFinished(() => app.stop());
  const named = async (headers: Record<string, string>): Promise<boolean> => {
    const response = await fetch(`${app.url}/item`, { headers: { 'x-forwarded-for': '10.1.1.1', ...headers } });
    return JSON.stringify(await response.json()).includes('canary');
  };
  expect(await named({})).toBe(false);
  expect(await named({ 'x-release': 'canary' })).toBe(true);
  expect(await named({ 'x-release': 'stable' })).toBe(false);
  const { addresses } = (await (await fetch(`${app.adminUrl}/addresses`)).json()) as { addresses: unknown };
  expect(addresses).toMatchObject([{ group: 'stable' }, { group: 'canary', address: canary.url }]);
});

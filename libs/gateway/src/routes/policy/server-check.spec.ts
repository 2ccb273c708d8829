import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayUnderTest } from '../../fixtures/gateway-under-test.js';
import { getItem } from '../../fixtures/shop.js';
import { Screen } from '../../screens/screen.decorator.js';

/** An operation that the contract serves at another server. */
function controllerOf(server: string) {
  const elsewhere = { ...getItem, servers: [server] };
  const item = screen(
    plan('elsewhere.item', { deadlineMs: 5_000 }, () => ({ item: required(elsewhere, { path: { id: 'i-1' } }) })),
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
  return Items;
}

async function started(server: string, policy: string): Promise<GatewayUnderTest> {
  const app = await GatewayUnderTest.start({
    controllers: [controllerOf(server)],
    upstreams: `  shop:\n    urls: ['\${SHOP_URL}']\n    credentials: { header: x-api-key, value: s3cret }\n${policy}`,
  });
  onTestFinished(() => app.stop());
  return app;
}

async function otherServer(): Promise<RawServer> {
  const server = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'elsewhere' }));
  onTestFinished(() => server.stop());
  return server;
}

describe('an operation that its contract serves at another server', () => {
  it('stops the start where policy says nothing of it, with the place and what to write', async () => {
    await expect(started('https://content.shop.example/2', '')).rejects.toThrow(
      /bff\d+\.yaml:\d+:\d+ .*serves getItem at https:\/\/content\.shop\.example\/2; add operations: \{ getItem: \{ urls: \[\.\.\.\] \} \}/,
    );
  });

  it('is sent there where policy says so, and takes no secret along', async () => {
    const other = await otherServer();
    const app = await started(other.url, '    contractServers: use\n');
    expect(await (await app.ask('/item')).json()).toEqual({ name: 'elsewhere' });
    expect([app.shop.requests.length, other.requests.length]).toEqual([0, 1]);
    expect(JSON.stringify(other.requests[0])).not.toMatch(/s3cret|x-api-key/i);
  });

  it('is sent to the address that policy gives it, with the credentials of the upstream', async () => {
    const other = await otherServer();
    const app = await started(
      'https://content.shop.example',
      `    operations: { getItem: { urls: ['${other.url}'] } }\n`,
    );
    expect(await (await app.ask('/item')).json()).toEqual({ name: 'elsewhere' });
    expect(JSON.stringify(other.requests[0])).toContain('s3cret');
  });

  it('is sent to the upstream where policy ignores the servers of contracts', async () => {
    const app = await started('https://content.shop.example', '    contractServers: ignore\n');
    expect(await (await app.ask('/item')).json()).toEqual({ name: 'Lamp' });
  });
});

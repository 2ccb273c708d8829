import { Controller, Get } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';

@Controller()
class Own {
  @Public()
  @Get('open')
  open() {
    return {};
  }
  @Access()
  @Get('own')
  own() {
    return {};
  }
}

let app: GatewayUnderTest;
const start = async (policy: string): Promise<void> => {
  app = await GatewayUnderTest.start({ controllers: [Own], policy, upstreams: '' });
};
afterEach(() => app.stop());

const clients = (): Promise<Response> => fetch(`${app.adminUrl}/clients`);

describe('the clients that send most', () => {
  it('stand on the admin port by pseudonym, where policy counts them', async () => {
    await start(`${takesTokens}metrics: { topClients: 2 }\n`);
    for (const user of ['ada', 'ada', 'ada', 'bob']) await app.ask('/own', { token: await app.token(user) });
    for (const path of ['/open', '/own']) await app.ask(path);
    await expect
      .poll(async () => (await clients()).json())
      .toEqual({
        seconds: expect.any(Number),
        requests: 6,
        clients: [
          { client: expect.stringMatching(/^[0-9a-f]{12}$/), kind: 'caller', requests: 3, atLeast: 3 },
          { client: expect.stringMatching(/^[0-9a-f]{12}$/), kind: 'address', requests: 2, atLeast: 2 },
        ],
      });
    // No label has a client.
    expect(await (await fetch(`${app.adminUrl}/metrics`)).text()).not.toMatch(/client="/);
  });

  it('are not counted without that', async () => {
    await start(takesTokens);
    await app.ask('/open');
    expect((await clients()).status).toBe(404);
  });
});

describe('metrics that policy sends to a collector', () => {
  it.each([
    ['while it runs and when it stops', '', true],
    ['but not where they are off', 'enabled: false, ', false],
  ])('leave the app %s', async (_, off, areSent) => {
    const collector = await RawServer.start((socket, request) => rawReplies.json({})(socket, request));
    const otlp = `otlp: { url: '${collector.url}/v1/metrics', headers: { x-key: k }, every: 1h }`;
    await start(`${takesTokens}metrics: { ${off}${otlp} }\n`);
    await app.ask('/open');
    await app.stop();
    expect(collector.requests.map(({ method, target, headers }) => [method, target, headers['x-key']])).toEqual(
      areSent ? [['POST', '/v1/metrics', 'k']] : [],
    );
    await collector.stop();
  });
});

import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { afterEach, expect, it } from 'vitest';
import { GatewayUnderTest } from './fixtures/gateway-under-test.js';

@Controller()
class PlainController {
  @Public()
  @Get('plain')
  plain(): object {
    return {};
  }
}

let app: GatewayUnderTest | undefined;
afterEach(() => app?.stop());

async function keptFor(agent: Agent, url: string): Promise<string | undefined> {
  const sent = request(`${url}/plain`, { agent }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.headers['keep-alive'];
}

it('keeps a connection for longer than the load balancers of the large clouds do, where policy says nothing', async () => {
  app = await GatewayUnderTest.start({ controllers: [PlainController] });
  const agent = new Agent({ keepAlive: true });
  // Google Cloud keeps it for 600 s, and cannot be told otherwise.
  expect(await keptFor(agent, app.url)).toBe('timeout=620');
  agent.destroy();
});

it('closes a connection that policy keeps no longer', async () => {
  app = await GatewayUnderTest.start({ controllers: [PlainController], listen: ', keepAlive: 1s' });
  const agent = new Agent({ keepAlive: true });
  expect(await keptFor(agent, app.url)).toBe('timeout=1');
  const [socket] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
  if (socket === undefined) throw new Error('the connection is not kept');
  const began = performance.now();
  socket.resume();
  await once(socket, 'close');
  expect(performance.now() - began).toBeGreaterThan(500);
  agent.destroy();
});

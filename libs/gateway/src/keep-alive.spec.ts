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

it('keeps a connection for longer than the load balancers of the large clouds do, where policy says nothing', async () => {
  app = await GatewayUnderTest.start({ controllers: [PlainController], upstreams: '' });
  // Google Cloud keeps it for 600 s, and cannot be told otherwise.
  expect((await app.ask('/plain')).headers.get('keep-alive')).toBe('timeout=620');
});

it('closes a connection that policy keeps no longer', async () => {
  app = await GatewayUnderTest.start({ controllers: [PlainController], upstreams: '', listen: ', keepAlive: 1s' });
  const began = performance.now();
  const answer = await app.send('GET /plain HTTP/1.1\r\nhost: spec\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*keep-alive: timeout=1\r\n/i);
  expect(performance.now() - began).toBeGreaterThan(900);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import type { RequestEnded } from '@frontage/context';
import { channels, listen } from '@frontage/core';
import { RateClass } from '@frontage/throttling';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, policyFile, takesTokens } from '../fixtures/gateway-under-test.js';

let hangs = 0;

@Controller()
class Doors {
  @Post('guarded')
  @Access({ scope: 'order:write' })
  @RateClass('both')
  guarded(@Body() body: unknown): unknown {
    return { body };
  }
  @Post('open')
  @Public()
  @RateClass('few')
  open(): string {
    return 'open';
  }
  @Get('hang')
  @Public()
  hang(): Promise<never> {
    hangs += 1;
    return new Promise(() => undefined);
  }
}

let app: GatewayUnderTest | undefined;
const ends: RequestEnded[] = [];
const stopListening: (() => void)[] = [];
afterEach(async () => {
  for (const stop of stopListening.splice(0)) stop();
  ends.length = 0;
  await app?.stop();
  app = undefined;
});

const classes = `rateClasses:
  both: [{ per: address, limit: 3, window: 1h }, { per: user, limit: 1, window: 1h }]
  few: [{ per: address, limit: 2, window: 1h }]
`;
const start = async (
  policy = '',
  trustedProxies = 0,
  { listen: listening = '', access = takesTokens } = {},
): Promise<GatewayUnderTest> => {
  stopListening.push(
    listen<RequestEnded>(
      channels.requestEnded,
      (ended) => ends.push(ended),
      (thrown) => expect.unreachable(String(thrown)),
    ),
  );
  return (app = await GatewayUnderTest.start({
    controllers: [Doors],
    upstreams: '',
    trustedProxies,
    listen: listening,
    policy: `${access}${classes}${policy}`,
  }));
};

const twice = 'authorization: a\r\nauthorization: b\r\n';
const tooLarge = 'content-type: application/json\r\ncontent-length: 3000000\r\n';
const statusOf = async (running: GatewayUnderTest, path: string, headers = ''): Promise<number> => {
  const length = headers.includes('content-length') ? '' : 'content-length: 0\r\n';
  const text = await running.send(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${length}${headers}\r\n`);
  return Number(text.slice('HTTP/1.1 '.length).slice(0, 3));
};

/** Lets one request hang, which is all that the app takes at a time. */
async function whileFull(running: GatewayUnderTest, act: () => Promise<void>): Promise<void> {
  const leaving = new AbortController();
  const before = hangs;
  const hanging = fetch(`${running.url}/hang`, { signal: leaving.signal }).catch(() => undefined);
  await expect.poll(() => hangs, { interval: 1 }).toBeGreaterThan(before);
  await act();
  leaving.abort();
  await hanging;
}

describe('of two stages that would refuse a request, the earlier one does', () => {
  it('a request that is shed has a trace id already, so that it can be found again', async () => {
    const running = await start('limits: { maxInFlight: 1 }\n');
    await whileFull(running, async () => {
      expect(await statusOf(running, '/open')).toBe(503);
    });
    expect(ends.find(({ status }) => status === 503)?.context.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('a denied address is told so by an overloaded app too, in a way that a page can read and an operator can find', async () => {
    const running = await start(
      `limits: { maxInFlight: 1 }\naddressLists: { deny: '${policyFile('203.0.113.9\n')}' }\ncors: { origins: https://shop.test }\n`,
      1,
    );
    await whileFull(running, async () => {
      expect(await statusOf(running, '/open', 'x-forwarded-for: 203.0.113.9\r\n')).toBe(403);
      const page = { 'x-forwarded-for': '203.0.113.9', origin: 'https://shop.test' };
      const read = await running.ask('/open', { method: 'POST', headers: page });
      expect(read.headers.get('access-control-allow-origin')).toBe('https://shop.test');
      expect(await statusOf(running, '/open', 'x-forwarded-for: 203.0.113.8\r\n')).toBe(503);
    });
    expect(ends.find(({ status }) => status === 403)?.context.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('an overloaded app sheds a malformed request instead of judging it', async () => {
    const running = await start('limits: { maxInFlight: 1 }\n');
    await whileFull(running, async () => {
      expect(await statusOf(running, '/open', twice)).toBe(503);
    });
  });

  it('a request that can be read in two ways is refused as such, whatever it declares', async () => {
    expect(await statusOf(await start(), '/open', `${twice}${tooLarge}`)).toBe(400);
  });

  it('a request around the CDN is refused for it once it has one reading, whatever it declares', async () => {
    const elsewhere = {
      listen: ', behindCdn: { addresses: 192.0.2.1, healthFrom: 127.0.0.1, clientAddress: x-client }',
    };
    const running = await start('', 0, elsewhere);
    expect(await statusOf(running, '/open')).toBe(403);
    expect(await statusOf(running, '/open', twice)).toBe(400);
    expect(await statusOf(running, '/open', tooLarge)).toBe(403);
  });

  it('the form of an attack is looked at within the limits of a caller, and before an external policy is asked', async () => {
    let questions = 0;
    const agent = createServer((_, response) => {
      questions += 1;
      response.setHeader('content-type', 'application/json').end('{"result":{"allow":true}}');
    });
    agent.listen(0, '127.0.0.1');
    await once(agent, 'listening');
    const { port } = agent.address() as AddressInfo;
    const access = takesTokens.replace('access: {', `access: { opa: { url: 'http://127.0.0.1:${port}', path: a },`);
    const running = await start('signatures: { mode: refuse }\n', 0, { access });
    const authorization = `Bearer ${await running.token('ada', 'order:write')}`;
    const ask = async (): Promise<number> =>
      (await running.post('/guarded?q=%3Cscript%3E', {}, { authorization })).status;
    expect([await ask(), await ask(), questions]).toEqual([403, 429, 0]);
    agent.close();
  });

  it('a body that declares itself too large is refused as such from an address beyond its limit', async () => {
    const running = await start('addressLimit: { limit: 1, window: 1h }\n');
    expect(await statusOf(running, '/open')).toBe(201);
    expect(await statusOf(running, '/open')).toBe(429);
    expect(await statusOf(running, '/open', tooLarge)).toBe(413);
  });

  it('an address beyond the limit of the app takes nothing of the limit of a class', async () => {
    const running = await start('addressLimit: { limit: 1, window: 1h }\n');
    const first = await running.ask('/open', { method: 'POST' });
    expect(first.headers.get('ratelimit')).toMatch(/;r=1;/);
    const refused = await running.ask('/open', { method: 'POST' });
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([
      429,
      expect.stringMatching(/^"address";r=0;t=\d+$/),
    ]);
  });

  it('an address beyond the limit of a class is told so before its token is looked at', async () => {
    const running = await start();
    const statuses = [1, 2, 3, 4].map(() => statusOf(running, '/guarded'));
    expect((await Promise.all(statuses)).toSorted((a, b) => a - b)).toEqual([401, 401, 401, 429]);
  });

  it('a caller counts for its own limit once it is known, and a stranger for none', async () => {
    const running = await start();
    const authorization = `Bearer ${await running.token('ada', 'order:write')}`;
    expect(await statusOf(running, '/guarded')).toBe(401);
    expect((await running.post('/guarded', {}, { authorization })).status).toBe(201);
    expect((await running.post('/guarded', {}, { authorization })).status).toBe(429);
  });
});

it('the budget of a request is counted from its arrival', async () => {
  const running = await start('deadline: 300ms\n');
  const response = await running.ask('/hang');
  expect([response.status, ((await response.json()) as { readonly code: string }).code]).toEqual([
    504,
    'GW_DEADLINE_EXCEEDED',
  ]);
  await expect.poll(() => ends.length).toBe(1);
  const { context } = ends[0] ?? expect.unreachable('no request has ended');
  // The clock counts in fractions of a millisecond.
  expect(context.deadlineAt - context.startedAt).toBeCloseTo(300, 6);
});

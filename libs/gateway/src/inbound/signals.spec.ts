import { readFileSync } from 'node:fs';
import { Controller, Get, Post, UnauthorizedException } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { channels, listen, type SignalRaised } from '@frontage/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';

const page = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
const shown = /## Behaviour that is watched for\n[^`]*`signals`[^`]*```yaml\n([^`]*)```/.exec(page)?.[1] ?? '';

@Controller()
class Shop {
  @Public()
  @Get('open')
  open() {
    return {};
  }

  @Public()
  @Post('login')
  login() {
    throw new UnauthorizedException();
  }

  @Access()
  @Get('orders')
  orders() {
    return [];
  }

  @Public()
  @Get('cart')
  cart() {
    return {};
  }

  @Public()
  @Post('checkout')
  checkout() {
    return {};
  }
}

let app: GatewayUnderTest | undefined;
const raised: SignalRaised[] = [];
let stopListening: () => void;
beforeEach(() => {
  raised.length = 0;
  stopListening = listen<SignalRaised>(
    channels.signalRaised,
    (one) => raised.push(one),
    (thrown) => expect.unreachable(String(thrown)),
  );
});
afterEach(async () => {
  stopListening();
  await app?.stop();
  app = undefined;
});

const started = async (signals: string, more = ''): Promise<GatewayUnderTest> =>
  (app = await GatewayUnderTest.start({
    controllers: [Shop],
    policy: `${takesTokens}${more}${signals}`,
    upstreams: '',
    trustedProxies: 1,
  }));
const rule = (text: string): string => `signals: { it: { window: 1h, for: 1h, ${text} } }\n`;
const from = (address: string, headers: Readonly<Record<string, string>> = {}) => ({
  headers: { 'x-forwarded-for': address, ...headers },
});
const raisedSignals = (count: number) => expect.poll(() => raised.length, { timeout: 10_000 }).toBe(count);

describe('signals', () => {
  it('block an address that guesses, as docs/limits.md says, and no other one', async () => {
    const gateway = await started(shown);
    const guess = async (address: string): Promise<number> =>
      (await gateway.ask('/login', { method: 'POST', ...from(address) })).status;
    for (let tried = 0; tried < 20; tried++) expect(await guess('203.0.113.9')).toBe(401);
    await raisedSignals(1);
    expect(raised).toEqual([
      {
        signal: 'guessing',
        of: 'address',
        action: 'block',
        requestId: expect.stringMatching(/\S/),
        client: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    ]);
    for (const path of ['/open', '/orders', '/nowhere']) {
      const refused = await gateway.ask(path, from('203.0.113.9'));
      expect([path, refused.status]).toEqual([path, 429]);
      expect(await refused.json()).toMatchObject({
        type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
        code: 'GW_RATE_LIMITED',
      });
      const wait = Number(refused.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(14 * 60);
      expect(wait).toBeLessThanOrEqual(15 * 60 * 1.1 + 1);
    }
    expect((await gateway.ask('/livez', from('203.0.113.9'))).status).toBe(200);
    expect((await gateway.ask('/open', from('203.0.113.8'))).status).toBe(200);
    await raisedSignals(1);
  });

  it('only report where policy says nothing else, and count in the metrics', async () => {
    const gateway = await started(rule('watch: refusals, share: 50%, atLeast: 2'));
    for (let tried = 0; tried < 5; tried++) await gateway.ask('/login', { method: 'POST' });
    await raisedSignals(1);
    expect((await gateway.ask('/open')).status).toBe(200);
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toContain('frontage_signals_total{signal="it",action="report"} 1');
  });

  it('ask a caller that comes from many addresses for a login that is younger than the signal', async () => {
    const gateway = await started(rule('watch: addressesPerAccount, above: 2, action: stepUp'));
    const login = (seconds: number): Promise<string> => gateway.loggedInAt('ada', seconds);
    const now = Math.floor(Date.now() / 1000);
    const before = await login(now - 3_600);
    const statusOf = async (token: string, address = '192.0.2.1'): Promise<number> =>
      (await gateway.ask('/orders', { token, ...from(address) })).status;
    for (const last of [1, 2, 3]) expect(await statusOf(before, `192.0.2.${last}`)).toBe(200);
    await raisedSignals(1);
    const refused = await gateway.ask('/orders', { token: before });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Bearer error="insufficient_user_authentication", max_age="\d+"$/),
    ]);
    expect(await statusOf(await gateway.token('ada'))).toBe(401); // it does not say when its user has logged in
    expect(await statusOf(await login(now + 1))).toBe(200);
    expect(await statusOf(await gateway.loggedInAt('bob', now - 3_600))).toBe(200);
    expect((await gateway.ask('/open')).status).toBe(200);
  });

  it('count the requests of an address with many accounts by a slower class', async () => {
    const gateway = await started(
      rule('watch: accountsPerAddress, above: 2, action: slow, rateClass: trickle'),
      'rateClasses: { trickle: [{ per: address, limit: 2, window: 1h }] }\n',
    );
    const ask = async (subject: string, address: string): Promise<number> =>
      (await gateway.ask('/orders', { token: await gateway.token(subject), ...from(address) })).status;
    for (const subject of ['ada', 'ada', 'bob', 'bob']) expect(await ask(subject, '203.0.113.9')).toBe(200);
    expect(raised).toEqual([]);
    expect(await ask('eve', '203.0.113.9')).toBe(200);
    await raisedSignals(1);
    expect([await ask('ada', '203.0.113.9'), await ask('bob', '203.0.113.9')]).toEqual([200, 200]);
    const refused = await gateway.ask('/open', from('203.0.113.9'));
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([429, expect.stringMatching(/^"trickle";r=0;/)]);
    expect(await ask('ada', '203.0.113.8')).toBe(200);
  });

  it('tell of a client that calls a route without the one before it', async () => {
    const gateway = await started(rule('watch: sequence, route: POST /checkout, after: [GET /cart], above: 2'));
    const buy = async (address: string): Promise<unknown> =>
      gateway.ask('/checkout', { method: 'POST', ...from(address) });
    for (let bought = 0; bought < 5; bought++) {
      await gateway.ask('/cart', from('192.0.2.1'));
      await buy('192.0.2.1');
    }
    for (let bought = 0; bought < 2; bought++) await buy('203.0.113.9');
    expect(raised).toEqual([]);
    await buy('203.0.113.9');
    await raisedSignals(1);
  });

  it('refuse a blocked caller before it takes a place or a count', async () => {
    const gateway = await started(
      rule('watch: refusals, per: user, share: 50%, atLeast: 2, action: block'),
      'limits: { maxInFlightPerCaller: 5 }\n',
    );
    for (let tried = 0; tried < 2; tried++) await gateway.ask('/login', { method: 'POST' });
    await raisedSignals(1);
    const refused = await gateway.ask('/open');
    expect([refused.status, refused.headers.get('ratelimit-policy')]).toEqual([429, null]);
    // Another caller of the same address is another client.
    expect((await gateway.ask('/orders', { token: await gateway.token('ada') })).status).toBe(200);
  });

  it.each([
    [
      'watch: sequence, route: POST /chekout, after: [GET /cart], above: 2',
      'this app has no route POST /chekout; did you mean POST /checkout?',
    ],
    [
      'watch: sequence, route: POST /checkout, after: [GET /basket/:id], above: 2',
      'this app has no route GET /basket/:id',
    ],
  ])('stop the start with %s', async (text, message) => {
    await expect(started(rule(text))).rejects.toThrow(message);
  });
});

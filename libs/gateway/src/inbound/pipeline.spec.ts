import { Body, Controller, Get, Post } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RateClass } from '@frontage/throttling';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { pipeline } from './pipeline.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { deadlineMs: 5000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Controller()
class ItemController {
  @Get('item')
  @Access({ scope: 'item:read' })
  @RateClass('screen')
  @Screen(itemScreen)
  item() {
    return {};
  }
  @Post('item')
  @Access({ scope: 'item:write' })
  write(@Body() body: unknown): unknown {
    return { body };
  }
  @Get('open')
  @Public()
  @RateClass('open')
  open(): string {
    return 'open';
  }
}

let app: GatewayUnderTest | undefined;
afterEach(() => app?.stop());

const start = async (policy: string, trustedProxies = 0): Promise<GatewayUnderTest> => {
  const open = 'open: [{ per: address, limit: 1000, window: 1m }]';
  const classes = policy.includes('screen:')
    ? policy
    : `${policy}rateClasses: { screen: [{ per: user, limit: 1000, window: 1m }], ${open} }\n`;
  app = await GatewayUnderTest.start({
    trustedProxies,
    controllers: [ItemController],
    policy: `${takesTokens}${classes.replace('OPEN', open)}`,
  });
  return app;
};

describe('the way in', () => {
  it('has one order', () => {
    expect(pipeline.map(({ name }) => name)).toEqual([
      'traceStage',
      'corsStage',
      'addressesStage',
      'admissionStage',
      'headersStage',
      'cdnStage',
      'bodyStage',
      'addressLimitStage',
      'classAddressLimitStage',
      'accessStage',
      'serverTimingStage',
      'signalsStage',
      'shedStage',
      'inFlightStage',
      'callerLimitStage',
      'signaturesStage',
      'decisionStage',
      'deadlineStage',
    ]);
  });

  it('counts an address before a token is looked at', async () => {
    const { ask } = boundTo(await start('addressLimit: { limit: 2, window: 1m }\n'));
    const statuses = [await ask('/item'), await ask('/item', { token: 'forged' }), await ask('/item')].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([401, 401, 429]);
  });

  it('refuses a body for its size before it asks who sends it', async () => {
    const { url } = await start('limits: { maxBody: 1KiB }\n');
    const answer = await fetch(`${url}/item`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('x'.repeat(2000)),
    });
    expect(answer.status).toBe(413);
  });

  it('charges a limit per user only to who got in', async () => {
    const running = await start('rateClasses: { screen: [{ per: user, limit: 1, window: 1m }], OPEN }\n');
    const { ask } = boundTo(running);
    const token = await running.token('ada', 'item:read');
    const without = await running.token('ada');
    expect((await ask('/item')).status).toBe(401);
    expect((await ask('/item', { token: without })).status).toBe(403);
    expect((await ask('/item', { token })).status).toBe(200);
    expect((await ask('/item', { token })).status).toBe(429);
    // Another caller is not affected.
    expect((await ask('/item', { token: await running.token('grace', 'item:read') })).status).toBe(200);
  });

  it('sheds what is too much before anything else, and says when to come back (F24)', async () => {
    const running = await start('limits: { maxInFlight: 1 }\n');
    const { ask } = boundTo(running);
    running.shop.reply = rawReplies.silence();
    const token = await running.token('ada', 'item:read');
    const leaving = new AbortController();
    const underWay = fetch(`${running.url}/item`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    }).catch(() => undefined);
    while (running.shop.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const shed = await ask('/item');
    expect([shed.status, shed.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[123]$/)]);
    expect(await shed.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      code: 'GW_OVERLOADED',
      'violated-policies': ['max-in-flight'],
      shed: 'any',
    });
    // Health responses are not shed: a process that sheds is alive.
    expect((await ask('/livez')).status).toBe(200);
    leaving.abort();
    await underWay;
  });
});

describe('access', () => {
  it('refuses an unknown caller with 401 and a challenge, and a caller without the scope with 403 and its name', async () => {
    const running = await start('');
    const { ask } = boundTo(running);
    for (const token of [undefined, 'forged', 'a.b.c', '']) {
      const answer = await ask('/item', token === undefined ? {} : { token });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        401,
        'application/problem+json; charset=utf-8',
      ]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    const forbidden = await ask('/item', { token: await running.token('ada', 'item:write') });
    expect(forbidden.status).toBe(403);
    expect(forbidden.headers.get('www-authenticate')).toContain('item:read');
    expect(running.shop.requests).toEqual([]);
  });

  it('marks the response as private to the caller', async () => {
    const running = await start('');
    const answer = await running.ask('/item', { token: await running.token('ada', 'item:read') });
    expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual([
      200,
      'private, no-store',
      'authorization',
    ]);
  });

  it('holds for HEAD and for every method override of a client (H6)', async () => {
    const running = await start('');
    const { ask } = boundTo(running);
    expect((await ask('/item', { method: 'HEAD' })).status).toBe(401);
    for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override'])
      expect((await ask('/item', { headers: { [header]: 'OPTIONS' } })).status).toBe(401);
    expect((await ask('/item?_method=OPTIONS', { method: 'POST' })).status).toBe(401);
  });
});

describe('a limit', () => {
  it('tells where one stands, and ends with 429 and when to come back (R1)', async () => {
    const { ask } = boundTo(
      await start(
        'rateClasses: { screen: [{ per: user, limit: 9, window: 1m }], open: [{ per: address, limit: 2, window: 1m }] }\n',
      ),
    );
    const first = await ask('/open');
    expect(first.headers.get('ratelimit-policy')).toBe('"open";q=2;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"open";r=1;t=\d+$/);
    await ask('/open');
    const refused = await ask('/open');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit')).toMatch(/;r=0;/);
    expect(await refused.json()).toMatchObject({ code: 'GW_RATE_LIMITED', status: 429 });
  });

  it('is not escaped by saying that one comes from elsewhere (H7)', async () => {
    const { ask } = boundTo(await start('addressLimit: { limit: 2, window: 1m }\n'));
    const from = (n: number) => ({
      headers: { 'x-forwarded-for': `192.0.2.${n}`, 'x-real-ip': `192.0.2.${n}`, forwarded: `for=192.0.2.${n}` },
    });
    const statuses = [await ask('/open', from(1)), await ask('/open', from(2)), await ask('/open', from(3))].map(
      ({ status }) => status,
    );
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('never stands in the way of a health check', async () => {
    const { ask } = boundTo(await start('addressLimit: { limit: 1, window: 1m }\n'));
    for (let i = 0; i < 5; i++) {
      expect((await ask('/livez')).status).toBe(200);
      expect((await ask('/readyz')).status).toBe(200);
    }
    expect((await ask('/open')).status).toBe(200);
  });
});

describe('a trace', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const asked = async (
    headers: Readonly<Record<string, string>>,
    trustedProxies = 1,
  ): Promise<Readonly<Record<string, string>>> => {
    const running = await start('', trustedProxies);
    await running.ask('/item', { token: await running.token('ada', 'item:read'), headers });
    return running.shop.requests[0]?.headers ?? {};
  };

  it('of a proxy that is trusted goes on to the upstream, from a span of ours', async () => {
    const { traceparent: sent, tracestate } = await asked({ traceparent, tracestate: 'a=1', baggage: 'user=ada' });
    expect(sent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
    expect(sent).not.toBe(traceparent);
    expect(tracestate).toBe('a=1');
  });

  it('of any other sender does not: neither its id nor its flag nor its state', async () => {
    const sent = await asked({ traceparent, tracestate: 'a=1', baggage: 'user=ada' }, 0);
    expect(sent['traceparent']).toMatch(/^00-(?!4bf92f3577b34da6a3ce929d0e0e4736)[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(Object.keys(sent)).not.toContain('tracestate');
  });

  it.each([0, 1])('has no baggage, with %i proxies that are trusted', async (trustedProxies) => {
    expect(Object.keys(await asked({ traceparent, baggage: 'user=ada' }, trustedProxies))).not.toContain('baggage');
  });

  it.each([
    ['is missing', {}],
    ['is malformed', { traceparent: '00-XYZ-00f067aa0ba902b7-01' }],
    ['is all zeros', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }],
  ])('begins here where it %s', async (_, headers: Record<string, string>) => {
    const { traceparent: sent } = await asked(headers);
    expect(sent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(sent).not.toContain('00000000000000000000000000000000');
  });
});

const boundTo = (running: GatewayUnderTest) => ({
  ask: (...args: Parameters<GatewayUnderTest['ask']>) => running.ask(...args),
});

import { Controller, Get, Headers, Param } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Caller, Public } from '@frontage/auth';
import { channels, type ScreenReused } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens, type AppParts } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import { KeptScreens } from '../validators/kept-screens.js';
import { Screen } from './screen.decorator.js';

const input = { path: z.object({ id: z.string() }) };
const open = screen(
  plan('whole.open', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    others: optional(listItems, {}),
  })),
  ({ item, others }) => ({ name: item.name, others: orNull(others) }),
  {
    headers: ({ item }) => ({ 'X-Name': item.name }),
  },
);
const own = screen(
  plan('whole.own', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    secret: optional(listItems, {}, { access: { scope: 'more' } }),
  })),
  ({ item, secret }) => ({ name: item.name, secret: orNull(secret) }),
);
const baked = screen(
  plan('whole.baked', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'id'),
  { cookies: ({ item }) => ({ last: { value: item.id } }) },
);

@Controller()
class Pages {
  @Public()
  @Get('open/:id')
  @Screen(open)
  open(@Param() path: object, @Headers('X-Region') _region: string) {
    return { path };
  }
  @Access({ scope: 'read' })
  @Get('own/:id')
  @Screen(own)
  own(@Param() path: object, @Caller() _caller: Caller) {
    return { path };
  }
}

let app: GatewayUnderTest;
let clock: ManualClock;
let served = 0;
const reused: unknown[] = [];
const listener = (event: unknown): void => void reused.push(event);
beforeEach(() => {
  clock = new ManualClock(Date.now());
  served = 0;
  reused.length = 0;
  channels.screenReused.subscribe(listener);
});
afterEach(async () => {
  channels.screenReused.unsubscribe(listener);
  await app.stop();
});

async function start(screens: string, parts: Partial<AppParts> = {}): Promise<void> {
  const upstreams = "  shop: { urls: ['${SHOP_URL}'], forwardHeaders: [accept-language] }";
  app = await GatewayUnderTest.start({
    controllers: [Pages],
    clock,
    upstreams,
    policy: `${takesTokens}screens: ${screens}\n`,
    ...parts,
  });
  app.shop.reply = (socket, request) => {
    served += 1;
    const value = request.target === '/items' ? [] : { id: 'i', name: `Lamp ${served}` };
    rawReplies.json(value)(socket, request);
  };
}

const ask = async (path: string, options: Parameters<GatewayUnderTest['ask']>[1] = {}) => {
  const response = await app.ask(path, options);
  return { status: response.status, head: response.headers, body: await response.text() };
};

describe('a screen with a ttl', () => {
  it('is given again without a call, head and all, until its time is over', async () => {
    await start('{ whole.open: { ttl: 10s } }');
    const first = await ask('/open/1');
    await clock.advance(9_999);
    const again = await ask('/open/1');
    expect(again.body).toBe(first.body);
    expect(again.head.get('x-name')).toBe(first.head.get('x-name'));
    expect(again.head.get('x-request-id')).not.toBe(first.head.get('x-request-id'));
    expect(served).toBe(2);
    await clock.advance(1);
    expect((await ask('/open/1')).body).not.toBe(first.body);
    expect(reused).toEqual([{ screen: 'whole.open', result: 'hit' } satisfies ScreenReused]);
  });

  it('R3: has a response of its own for each input and each header that counts, and for no other header', async () => {
    await start('{ whole.open: { ttl: 10s } }');
    const { body } = await ask('/open/1');
    for (const [path, headers] of [
      ['/open/2', {}],
      ['/open/1', { 'accept-language': 'de' }],
    ] as const)
      expect((await ask(path, { headers })).body, path).not.toBe(body);
    const others = {
      'x-region': 'north',
      'x-forwarded-host': 'evil.example',
      'x-http-method-override': 'POST',
      'x-original-url': '/open/9',
      cookie: 'a=b',
    };
    expect((await ask('/open/1?utm=x', { headers: others })).body).toBe(body);
  });

  it('R2: never gives one caller the response of another one, or of other rights', async () => {
    await start('{ whole.own: { ttl: 10s } }');
    const ada = { token: await app.token('ada', 'read', 'more') };
    const first = await ask('/own/1', ada);
    expect(first.status).toBe(200);
    expect((await ask('/own/1', ada)).body).toBe(first.body);
    const bob = await ask('/own/1', { token: await app.token('bob', 'read', 'more') });
    expect(bob.body).not.toBe(first.body);
    const more = await ask('/own/1', { token: await app.token('ada', 'read', 'more', 'write') });
    expect(more.body).not.toBe(first.body);
  });

  it('keeps to the rules of access, of the route and of its parts', async () => {
    await start('{ whole.own: { ttl: 10s } }');
    expect((await ask('/own/1', { token: await app.token('ada', 'read', 'more') })).status).toBe(200);
    expect((await ask('/own/1')).status).toBe(401);
    expect((await ask('/own/1', { token: await app.token('ada', 'more') })).status).toBe(403);
    const less = { token: await app.token('ada', 'read') };
    expect((await ask('/own/1', less)).body).toContain('"secret":null,"_parts"');
    expect((await ask('/own/1', less)).body).toContain('"secret":null,"_parts"');
    expect(reused).toEqual([]);
  });

  it('R4: keeps no partial response and no problem', async () => {
    await start('{ whole.open: { ttl: 10s } }');
    app.shop.reply = (socket, request) =>
      (request.target === '/items' ? rawReplies.json({}, {}, 500) : rawReplies.json({ id: 'i', name: 'Lamp' }))(
        socket,
        request,
      );
    expect((await ask('/open/1')).body).toContain('_parts');
    app.shop.reply = rawReplies.json({}, {}, 500);
    expect((await ask('/open/1')).status).toBe(502);
    app.shop.reply = (socket, request) =>
      rawReplies.json(request.target === '/items' ? [] : { id: 'i', name: 'Lamp' })(socket, request);
    expect((await ask('/open/1')).body).toBe('{"name":"Lamp","others":[]}');
  });

  it('gives 304 for a tag, and says how old it is', async () => {
    const upstreams =
      "  shop: { urls: ['${SHOP_URL}'], cache: { getItem: { ttl: 60s, scope: public }, listItems: { ttl: 60s, scope: public } } }";
    await start('{ whole.open: { ttl: 10s, etag: true, maxAge: 1h } }', { upstreams });
    const first = await ask('/open/1');
    await clock.advance(4_000);
    const held = await ask('/open/1', { headers: { 'if-none-match': first.head.get('etag') ?? '' } });
    expect(held).toMatchObject({ status: 304, body: '' });
    expect(held.head.get('cache-control')).toBe('public, max-age=60');
    expect(held.head.get('age')).toBe('4');
    expect((await ask('/open/1')).head.get('etag')).toBe(first.head.get('etag'));
    expect(reused).toEqual(['hit', 'not_modified', 'hit'].map((result) => ({ screen: 'whole.open', result })));
  });
});

describe('a policy with a ttl', () => {
  @Public()
  @Controller()
  class Baked {
    @Get('baked/:id')
    @Screen(baked)
    baked(@Param() path: object) {
      return { path };
    }
  }

  it('stops the start for a screen with cookies', async () => {
    await start('{ whole.open: { ttl: 10s } }');
    await expect(
      GatewayUnderTest.start({ controllers: [Baked], policy: 'screens: { whole.baked: { ttl: 1m } }\n' }),
    ).rejects.toThrow(/sets a cookie, which is for one response; take "ttl" out/);
  });
});

describe('the memory for whole responses', () => {
  it('gives no response of which a part was invalidated', async () => {
    await start('{}');
    const kept = new KeptScreens(10_000, clock);
    let isCurrent = true;
    const part = { part: 'item', ageMs: 0, freshMs: 1, isPublic: true, isHit: false, isKept: true, tags: [] };
    kept.keep('k', { kind: 'complete', body: '{}', encoding: 'latin1' }, undefined, [
      { ...part, isCurrent: () => isCurrent },
    ]);
    expect(kept.find('k', 10)).toBeDefined();
    isCurrent = false;
    expect(kept.find('k', 10)).toBeUndefined();
    isCurrent = true;
    expect(kept.find('k', 10)).toBeUndefined();
  });

  it('is bounded by bytes, and takes no response that is larger than all of it', async () => {
    await start('{}');
    const kept = new KeptScreens(10_000, clock);
    const bodyOf = (length: number) => ({ kind: 'complete', body: 'x'.repeat(length), encoding: 'latin1' }) as const;
    for (let index = 0; index < 100; index++) kept.keep(`k${index}`, bodyOf(976), undefined, []);
    expect(kept.bytes).toBe(10_000);
    expect(kept.find('k94', 1)).toBeUndefined();
    expect(kept.find('k95', 1)).toBeDefined();
    kept.keep('large', bodyOf(10_000), undefined, []);
    expect(kept.find('large', 1)).toBeUndefined();
    await clock.advance(1);
    expect(kept.find('k99', 1)).toBeUndefined();
    expect(kept.bytes).toBe(8_000);
  });
});

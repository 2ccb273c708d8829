import { Controller, Get, Headers, Header, Param, Req } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens, type AppParts } from '../fixtures/gateway-under-test.js';
import { findItems, getItem, listItems } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const input = { path: z.object({ id: z.string() }) };
const page = screen(
  plan('kept.page', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    others: optional(listItems, {}),
  })),
  ({ item, others }) => ({ item: pick(item, 'name'), others: orNull(others) }),
);
const found = screen(
  plan('kept.found', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    found: required(findItems, { body: { ids: [path.id] } }, { safe: true }),
  })),
  ({ item }) => pick(item, 'name'),
);

@Controller()
class Pages {
  @Public()
  @Get('pages/:id')
  @Screen(page)
  open(@Param() path: object, @Headers('X-Region') _region: string) {
    return { path };
  }
  @Public()
  @Get('found/:id')
  @Screen(found)
  found(@Param() path: object) {
    return { path };
  }
}

@Controller()
class OwnPages {
  @Access()
  @Get('own/:id')
  @Screen(page)
  own(@Param() path: object) {
    return { path };
  }
}

const shop = (cache: string): string =>
  `  shop:\n    urls: ['\${SHOP_URL}']\n    forwardHeaders: [accept-language]\n    cache: { ${cache} }\n`;
const bothPublic = shop(
  'getItem: { ttl: 60s, scope: public }, listItems: { ttl: 20s, staleWhileRevalidate: 10s, scope: public }',
);
const rule = '{ maxAge: 5m, cdn: { maxAge: 1h, tags: [surrogate-key] } }';

let app: GatewayUnderTest | undefined;
let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});
afterEach(async () => {
  await app?.stop();
  app = undefined;
});

async function start(parts: Partial<AppParts>): Promise<GatewayUnderTest> {
  app = await GatewayUnderTest.start({ controllers: [Pages], clock, ...parts });
  app.shop.reply = (socket, request) =>
    (request.target.startsWith('/items/1') ? rawReplies.json({ id: 'i', name: 'Lamp' }) : rawReplies.json([]))(
      socket,
      request,
    );
  return app;
}

const headOf = async (path: string, token?: string): Promise<Headers> => {
  const response = await (app ?? expect.fail()).ask(path, token === undefined ? {} : { token });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return response.headers;
};

describe('a screen with maxAge and cdn', () => {
  it('may be used for as long as its strictest part is fresh, and says how old its oldest part is', async () => {
    await start({ upstreams: bothPublic, policy: `screens: { kept.page: ${rule} }\n` });
    const first = await headOf('/pages/1');
    expect(first.get('cache-control')).toBe('public, max-age=20');
    expect(first.get('age')).toBe('0');
    expect(first.get('cdn-cache-control')).toBe('max-age=20');
    expect(first.get('surrogate-key')).toBe('shop.getItem shop.listItems');
    expect(first.get('vary')).toBe('accept-language, x-region');
    await clock.advance(8_000);
    const later = await headOf('/pages/1');
    expect([later.get('cache-control'), later.get('age')]).toEqual(['public, max-age=20', '8']);
    // The list is loaded anew in the background, the item is 25 s old by now.
    await clock.advance(17_000);
    const stale = await headOf('/pages/1');
    expect([stale.get('cache-control'), stale.get('age'), stale.get('cdn-cache-control')]).toEqual([
      'public, no-cache',
      null,
      'no-cache',
    ]);
  });

  it('is private where a part is, and asks each time where a part is kept by no rule', async () => {
    const cache = 'getItem: { ttl: 60s, scope: public }, listItems: { ttl: 20s }';
    await start({ upstreams: shop(cache), policy: `screens: { kept.page: ${rule}, kept.found: ${rule} }\n` });
    const mixed = await headOf('/pages/1');
    expect([mixed.get('cache-control'), mixed.get('cdn-cache-control'), mixed.get('surrogate-key')]).toEqual([
      'private, max-age=20',
      null,
      null,
    ]);
    expect((await headOf('/found/1')).get('cache-control')).toBe('private, no-cache');
  });

  it('forbids to store a partial response', async () => {
    const { shop: service } = await start({ upstreams: bothPublic, policy: `screens: { kept.page: ${rule} }\n` });
    service.reply = (socket, request) =>
      (request.target === '/items' ? rawReplies.json({}, {}, 500) : rawReplies.json({ id: 'i', name: 'Lamp' }))(
        socket,
        request,
      );
    const head = await headOf('/pages/1');
    expect(['cache-control', 'age', 'cdn-cache-control', 'surrogate-key'].map((name) => head.get(name))).toEqual([
      'no-store',
      null,
      null,
      null,
    ]);
  });
});

describe('a policy of caching', () => {
  @Controller()
  class Unfit {
    @Public()
    @Get('pages/:id')
    @Screen(page)
    all(@Param() path: object, @Req() _request: object) {
      return { path };
    }
    @Access()
    @Get('found/:id')
    @Header('Cache-Control', 'private')
    @Screen(found)
    own(@Param() path: object) {
      return { path };
    }
  }

  it('stops the start where it could not be kept to', async () => {
    const policy = `${takesTokens}screens: { kept.page: { maxAge: 1m }, kept.found: { maxAge: 1m, cdn: { maxAge: 1m } } }\n`;
    const starting = GatewayUnderTest.start({ controllers: [Unfit], policy, upstreams: bothPublic });
    await expect(starting).rejects.toThrow(/Unfit\.all .* gets all of the request, so that nobody knows/);
    await expect(starting).rejects.toThrow(/Unfit\.own .* sets cache-control itself; take "maxAge" out/);
  });
});

describe('cacheStatus', () => {
  it('tells callers with the scopes how each part was cached', async () => {
    const policy = `${takesTokens}cacheStatus: { scopes: [debug] }\n`;
    app = await GatewayUnderTest.start({
      controllers: [Pages, OwnPages],
      policy,
      upstreams: shop('getItem: { ttl: 60s }'),
    });
    app.shop.reply = (socket, request) =>
      (request.target === '/items' ? rawReplies.json([]) : rawReplies.json({ id: 'i', name: 'Lamp' }))(socket, request);
    const token = await app.token('ada', 'debug');
    const item = String.raw`"spec/item"; fwd=miss; stored; ttl=\d+`;
    expect((await headOf('/own/1', token)).get('cache-status')?.split(', ').toSorted().join(', ')).toMatch(
      new RegExp(`^${item}, "spec/others"; fwd=bypass$`),
    );
    expect((await headOf('/own/1', token)).get('cache-status')).toMatch(/"spec\/item"; hit; ttl=\d+/);
    expect((await headOf('/own/1', await app.token('ada'))).get('cache-status')).toBeNull();
    expect((await headOf('/pages/1')).get('cache-status')).toBeNull();
  });
});

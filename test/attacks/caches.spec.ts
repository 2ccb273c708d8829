import { Controller, Get, Param } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { getItem, listItems } from '../../libs/gateway/src/fixtures/shop.js';

const input = { path: z.object({ id: z.string() }) };
const item = screen(
  plan('spec.cachedItem', { input, deadlineMs: 2000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item: found }) => pick(found, 'id', 'name'),
);
const page = screen(
  plan('spec.cachedPage', { input, deadlineMs: 2000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    others: optional(listItems, {}),
  })),
  ({ item: found, others }) => ({ ...pick(found, 'id'), others: orNull(others) }),
);

@Controller()
class Cached {
  @Get('items/:id')
  @Public()
  @Screen(item)
  item(@Param() path: object) {
    return { path };
  }
  @Get('mine/:id')
  @Access()
  @Screen(item)
  mine(@Param() path: object) {
    return { path };
  }
  @Get('pages/:id')
  @Public()
  @Screen(page)
  page(@Param() path: object) {
    return { path };
  }
}

let app: GatewayUnderTest;
beforeEach(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Cached],
    upstreams: "  shop: { urls: ['${SHOP_URL}'], cache: { getItem: { ttl: 10m, scope: public } } }",
    policy: takesTokens,
  });
});
afterEach(() => app.stop());

const good = rawReplies.json({ id: 'i-1', name: 'Lamp' });
const get = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await app.ask(path, { headers })).text();

describe('a cached response', () => {
  it('is not changed by anything outside of its key (R3)', async () => {
    app.shop.reply = good;
    const outside: readonly [string, Record<string, string>][] = [
      ['/items/i-1?callback=evil&utm=1', {}],
      ['/items/i-1', { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http', forwarded: 'host=evil.test' }],
      ['/items/i-1', { 'x-original-url': '/mine/i-1', 'x-rewrite-url': '/mine/i-1' }],
      ['/items/i-1', { 'x-http-method-override': 'POST', 'x-method-override': 'DELETE' }],
      ['/items/i-1', { range: 'bytes=0-1', 'if-none-match': '*', 'accept-language': '<script>' }],
      ['/items/i-1', { cookie: 'a=b', origin: 'https://evil.test', 'user-agent': 'evil' }],
      ['/items/%69-1', {}],
    ];
    const bodies = [];
    for (const [path, headers] of outside) bodies.push(await get(path, headers));
    bodies.push(await get('/items/i-1'));
    expect(new Set(bodies)).toEqual(new Set(['{"id":"i-1","name":"Lamp"}']));
    // One spelling of the id, one entry.
    expect(app.shop.requests).toHaveLength(1);
    expect(JSON.stringify(app.shop.requests[0])).not.toContain('evil');
  });

  it('is not that of a path that looks like a file (R3)', async () => {
    app.shop.reply = good;
    const token = await app.token('ada');
    for (const path of ['/mine/i-1.css', '/mine/i-1;.js', '/mine/i-1%0a.png', '/mine/i-1/a.css', '/mine/..%2fstatic']) {
      const response = await app.ask(path, { token });
      const cache = response.headers.get('cache-control') ?? '';
      expect([
        path,
        response.status === 404 || response.status === 400 || /\b(?:private|no-store)\b/.test(cache),
      ]).toEqual([path, true]);
    }
    const own = await app.ask('/mine/i-1', { token });
    expect(own.headers.get('cache-control')).toMatch(/\b(?:private|no-store)\b/);
    expect(own.headers.get('vary')).toMatch(/\bauthorization\b/);
  });

  it.each([
    ['a status of 500', rawReplies.json({}, {}, 500)],
    ['a connection that is reset', rawReplies.reset()],
    ['a status that is not found', rawReplies.json({}, {}, 404)],
  ])('is never made of %s (R4)', async (_, bad) => {
    app.shop.reply = bad;
    expect((await app.ask('/items/i-1')).status).toBeGreaterThanOrEqual(400);
    app.shop.reply = good;
    const next = await app.ask('/items/i-1');
    expect([next.status, await next.text()]).toEqual([200, '{"id":"i-1","name":"Lamp"}']);
  });

  it('says of an error and of a partial page that nobody may keep them (R4)', async () => {
    app.shop.reply = good;
    const partial = await app.ask('/pages/i-1');
    expect(await partial.json()).toMatchObject({ id: 'i-1', others: null });
    expect(partial.headers.get('cache-control')).toBe('no-store');
    const lost = await app.ask('/nothing');
    expect(lost.headers.get('cache-control')).toBe('no-store');
  });
});

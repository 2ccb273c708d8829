import { Controller, Get } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const parts = () => ({ item: required(getItem, { path: { id: '1' } }), others: optional(listItems, {}) });
const page = screen(plan('delta.page', { deadlineMs: 1000 }, parts), ({ item, others }) => ({
  item: pick(item, 'id', 'name'),
  others: orNull(others),
}));
const plain = screen(plan('delta.plain', { deadlineMs: 1000 }, parts), ({ item }) => ({ item: pick(item, 'name') }));

@Public()
@Controller()
class Pages {
  @Get('page')
  @Screen(page)
  page() {
    return {};
  }
  @Get('plain')
  @Screen(plain)
  plain() {
    return {};
  }
}

let app: GatewayUnderTest;
let name = 'Lamp';
let isDown = false;
beforeAll(async () => {
  const policy =
    'access: off\nscreens: { delta.page: { deltas: true, etag: true, maxAge: 1m, cdn: { maxAge: 1m } } }\n';
  app = await GatewayUnderTest.start({ controllers: [Pages], policy });
});
beforeEach(() => {
  isDown = false;
  const others = Array.from({ length: 20 }, (_, index) => ({ id: `i-${index}`, name: 'Lid' }));
  app.shop.reply = (socket, request) =>
    (request.target !== '/items'
      ? rawReplies.json({ id: 'i-1', name })
      : isDown
        ? rawReplies.json({}, {}, 500)
        : rawReplies.json(others))(socket, request);
});
afterAll(() => app?.stop());

const ask = async (path: string, have?: string) => {
  const response = await app.ask(path, have === undefined ? {} : { headers: { 'frontage-have': have } });
  return { head: response.headers, text: await response.text() };
};

describe('a screen with deltas', () => {
  it('gives a client that can merge the digests of its members, and then what has changed', async () => {
    name = 'Lämp';
    const whole = await ask('/page', '');
    expect(JSON.parse(whole.text)).toMatchObject({ item: { name } });
    const digests = whole.head.get('frontage-digests') ?? '';
    expect(digests).toMatch(/^[\w-]{16} [\w-]{16}$/);
    name = 'Lüster';
    const delta = await ask('/page', digests);
    expect(delta.head.get('content-type')).toBe('application/vnd.frontage.delta+json; charset=utf-8');
    expect(JSON.parse(delta.text)).toEqual({ members: [['item', { id: 'i-1', name }], ['others']] });
    expect(delta.head.get('content-length')).toBe(String(Buffer.byteLength(delta.text)));
    expect(delta.head.get('frontage-digests')?.split(' ')[1]).toBe(digests.split(' ')[1]);
  });

  it('keeps what is for one client out of every cache, and the others say that they vary', async () => {
    for (const have of ['', 'x']) {
      const { head } = await ask('/page', have);
      expect(['cache-control', 'cdn-cache-control', 'etag', 'age'].map((field) => head.get(field))).toEqual([
        'private, no-store',
        null,
        null,
        null,
      ]);
      expect(head.get('vary')).toBe('frontage-have');
    }
    const { head } = await ask('/page');
    expect([head.get('frontage-digests'), head.get('vary')]).toEqual([null, 'frontage-have']);
    expect(head.get('etag')).not.toBeNull();
  });

  it('gives a partial response as a whole, without digests', async () => {
    const digests = (await ask('/page', '')).head.get('frontage-digests') ?? '';
    isDown = true;
    const partial = await ask('/page', digests);
    expect(partial.text).toContain('"_parts"');
    expect([partial.head.get('frontage-digests'), partial.head.get('cache-control')]).toEqual([null, 'no-store']);
  });

  it('costs the other screens nothing', async () => {
    const { head } = await ask('/plain', '');
    expect([head.get('frontage-digests'), head.get('vary')]).toEqual([null, null]);
  });

  it('says so in the document of the app', async () => {
    const document: unknown = await (await fetch(`${app.adminUrl}/openapi.json`)).json();
    expect(document).toMatchObject({
      paths: { '/page': { get: { responses: { 200: { headers: { 'Frontage-Digests': {} } } } } } },
    });
  });
});

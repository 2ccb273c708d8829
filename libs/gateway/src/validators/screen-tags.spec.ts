import { Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { compute, optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

let rendered = 0;
const input = { path: z.object({ id: z.string() }) };
const projected = screen(
  plan('tags.projected', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    more: optional(listItems, {}),
  })),
  ({ item, more }) => ({ item: pick(item, 'id', 'name'), more: orNull(more) }),
);
const computed = screen(
  plan('tags.computed', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }, { path }) => ({
    shown: compute(z.string(), { name: item.name, asked: path.id }, ({ name, asked }) => {
      rendered += 1;
      return `${asked}: ${name}`;
    }),
  }),
  { headers: ({ item }) => ({ 'X-Name': item.name }), cookies: ({ item }) => ({ last: { value: item.id } }) },
);
const plain = screen(
  plan('tags.plain', { input, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'name'),
);

@Controller()
class TagController {
  @Public()
  @Get('projected/:id')
  @Screen(projected)
  projected(@Param() path: object) {
    return { path };
  }
  @Access()
  @Get('computed/:id')
  @Screen(computed)
  computed(@Param() path: object) {
    return { path };
  }
  @Public()
  @Get('plain/:id')
  @Screen(plain)
  plain(@Param() path: object) {
    return { path };
  }
}

const policy = `${takesTokens}screens: { tags.projected: { etag: true }, tags.computed: { etag: true } }\n`;
const item = { id: 'i-1', name: 'Lämp', secret: 1 };
const items = [{ id: 'i-2', name: 'Lid' }];
let app: GatewayUnderTest;
let token: string;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [TagController], policy });
  token = await app.token('ada');
});
beforeEach(() => {
  shopHas(item, items);
  rendered = 0;
});
afterAll(() => app?.stop());

function shopHas(one: unknown, list: unknown): void {
  app.shop.reply = (socket, request) =>
    (request.target === '/items' ? rawReplies.json(list) : rawReplies.json(one))(socket, request);
}

const ask = async (path: string, held?: string, method = 'GET') => {
  const headers: Record<string, string> = held === undefined ? {} : { 'if-none-match': held };
  const response = await app.ask(path, { token, headers, method });
  return {
    status: response.status,
    head: response.headers,
    tag: response.headers.get('etag'),
    body: await response.text(),
  };
};

describe('a screen with etag: true', () => {
  it('gives a complete response a strong tag, and 304 to a client that holds it', async () => {
    const first = await ask('/projected/i-1');
    expect(first).toMatchObject({ status: 200, tag: expect.stringMatching(/^"[\w-]{27}"$/) });
    const again = await ask('/projected/i-1', first.tag ?? '');
    expect(again).toMatchObject({ status: 304, tag: first.tag, body: '' });
    expect(again.head.get('cache-control')).toBe(first.head.get('cache-control'));
    expect(again.head.get('content-length')).toBeNull();
    expect(again.head.get('content-type')).toBeNull();
    expect(again.head.get('x-request-id')).not.toBeNull();
  });

  it('heeds a list, a weak tag, and *', async () => {
    const { tag } = await ask('/projected/i-1');
    for (const field of [`"other", ${tag}`, `W/${tag}`, '*'])
      expect((await ask('/projected/i-1', field)).status, field).toBe(304);
    for (const field of ['"other"', 'other', `${tag} x`])
      expect((await ask('/projected/i-1', field)).status, field).toBe(200);
  });

  it('answers HEAD as it does GET, without a body', async () => {
    const { tag, head } = await ask('/projected/i-1');
    const asked = await ask('/projected/i-1', undefined, 'HEAD');
    expect(asked).toMatchObject({ status: 200, tag, body: '' });
    expect(asked.head.get('content-length')).toBe(head.get('content-length'));
    expect(await ask('/projected/i-1', tag ?? '', 'HEAD')).toMatchObject({ status: 304, tag, body: '' });
  });

  it('does not render the view where no part has changed, and still sends its headers and cookies', async () => {
    const first = await ask('/computed/i-1');
    expect(rendered).toBe(1);
    const again = await ask('/computed/i-1', first.tag ?? '');
    expect(again.status).toBe(304);
    expect(rendered).toBe(1);
    for (const name of ['cache-control', 'vary', 'set-cookie', 'x-name'])
      expect(again.head.get(name), name).toBe(first.head.get(name));
    expect(first.head.get('cache-control')).toBe('private, no-cache');
    expect(first.head.get('vary')).toBe('authorization');
  });

  it('gives another tag as soon as a part has changed that the view shows', async () => {
    const { tag } = await ask('/projected/i-1');
    shopHas({ ...item, name: 'Lamp' }, items);
    const changed = await ask('/projected/i-1', tag ?? '');
    expect(changed.status).toBe(200);
    expect(changed.tag).not.toBe(tag);
    shopHas({ ...item, name: 'Lamp' }, []);
    expect((await ask('/projected/i-1', changed.tag ?? '')).status).toBe(200);
  });

  it('keeps the tag where a member has changed that the view does not show', async () => {
    const { tag } = await ask('/projected/i-1');
    shopHas({ ...item, secret: 2 }, items);
    expect((await ask('/projected/i-1', tag ?? '')).status).toBe(304);
  });

  it('gives another tag to another input that the view shows', async () => {
    const { tag } = await ask('/computed/i-1');
    expect(await ask('/computed/i-2', tag ?? '')).toMatchObject({ status: 200, body: '{"shown":"i-2: Lämp"}' });
  });

  it('gives a partial response no tag and no 304, and forbids to store it', async () => {
    const { tag } = await ask('/projected/i-1');
    app.shop.reply = (socket, request) =>
      (request.target === '/items' ? rawReplies.json({}, {}, 500) : rawReplies.json(item))(socket, request);
    for (const held of [tag ?? '', '*']) {
      const partial = await ask('/projected/i-1', held);
      expect(partial).toMatchObject({ status: 200, tag: null, body: expect.stringContaining('"_parts"') });
      expect(partial.head.get('cache-control')).toBe('no-store');
    }
  });

  it('gives a problem, whatever the client holds', async () => {
    app.shop.reply = rawReplies.json({}, {}, 500);
    expect(await ask('/projected/i-1', '*')).toMatchObject({ status: 502, tag: null });
    expect((await app.ask('/computed/i-1', { headers: { 'if-none-match': '*' } })).status).toBe(401);
  });

  it('costs the other screens nothing: they have no tag, and no field makes them give 304', async () => {
    expect(await ask('/plain/i-1', '*')).toMatchObject({ status: 200, tag: null, body: '{"name":"Lämp"}' });
  });
});

describe('a policy with etag: true', () => {
  @Public()
  @Controller()
  class Unfit {
    @Post('projected/:id')
    @HttpCode(200)
    @Screen(projected)
    posted(@Param() path: object) {
      return { path };
    }
    @Get('computed/:id')
    @Header('ETag', '"1"')
    @Screen(computed)
    tagged(@Param() path: object) {
      return { path };
    }
    @Get('plain/:id')
    @HttpCode(203)
    @Screen(plain)
    other(@Param() path: object) {
      return { path };
    }
  }

  it('stops the start where a screen can have no tag, or is none', async () => {
    const names = ['tags.projected', 'tags.computed', 'tags.plain', 'tags.plane'];
    const screens = names.map((name) => `  ${name}: { etag: true }\n`).join('');
    const start = GatewayUnderTest.start({ controllers: [Unfit], policy: `screens:\n${screens}` });
    await expect(start).rejects.toThrow(/Unfit\.posted \(POST \/projected\/:id\) is neither GET nor QUERY/);
    await expect(start).rejects.toThrow(/Unfit\.tagged .* sets etag itself; take "etag" out/);
    await expect(start).rejects.toThrow(/Unfit\.other .* responds with 203/);
    await expect(start).rejects.toThrow(/no screen of this app has the plan "tags\.plane"; did you mean "tags\.plain"/);
  });
});

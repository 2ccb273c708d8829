import { Controller, Delete, Get, Post } from '@nestjs/common';
import { fixed, orElse, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import type { RawReply } from '@frontage/testing/raw-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { Screen } from '../screens/screen.decorator.js';

interface Tag {
  readonly ok?: boolean;
}

const contract: Contract = {
  upstream: 'shop',
  title: 'Tags',
  version: '1',
  schemas: new SchemaTable([['Tag', JSON.stringify({ type: 'object', properties: { ok: { type: 'boolean' } } })]]),
};
const responses = [{ status: '200', media: 'application/json', schema: 'Tag' }] as const;
type Tags<M extends 'GET' | 'POST'> = Operation<Record<never, never>, Tag, Record<never, never>, M>;
const readTag: Tags<'GET'> = { contract, id: 'readTag', method: 'GET', path: '/tag', responses };
const touchTag: Tags<'POST'> = { contract, id: 'touchTag', method: 'POST', path: '/tag', responses };
const strictTag: Tags<'POST'> = { ...touchTag, id: 'strictTag' };
/** Many contracts declare the errors of a change alone. */
const removeTag: Operation<Record<never, never>, undefined, Record<never, never>, 'DELETE'> = {
  contract,
  id: 'removeTag',
  method: 'DELETE',
  path: '/tag',
  responses: [{ status: '400' }, { status: '404' }],
};

const reading = screen(
  plan('lenient.read', { deadlineMs: 5_000 }, () => ({ tag: required(readTag, {}) })),
  ({ tag }) => ({ ok: orElse(tag.ok, fixed(false)) }),
);
const touching = screen(
  plan('lenient.touch', { deadlineMs: 5_000 }, () => ({ tag: write(touchTag, {}) })),
  ({ tag }) => ({ tag: pick(tag, 'ok') }),
);
const touchingStrictly = screen(
  plan('lenient.strict', { deadlineMs: 5_000 }, () => ({ tag: write(strictTag, {}) })),
  ({ tag }) => ({ tag: pick(tag, 'ok') }),
);
const removing = screen(
  plan('lenient.remove', { deadlineMs: 5_000 }, () => ({ removed: write(removeTag, {}) })),
  () => ({ done: fixed(true) }),
);
const replacing = screen(
  plan('lenient.replace', { deadlineMs: 5_000 }, () => ({ removed: write(removeTag, {}), tag: write(strictTag, {}) })),
  ({ tag }) => ({ tag: pick(tag, 'ok') }),
);

@Public()
@Controller()
class TagScreens {
  @Get('read')
  @Screen(reading)
  read() {
    return {};
  }

  @Post('touch')
  @Screen(touching)
  touch() {
    return {};
  }

  @Post('strict')
  @Screen(touchingStrictly)
  strict() {
    return {};
  }

  @Delete('remove')
  @Screen(removing)
  remove() {
    return {};
  }

  @Post('replace')
  @Screen(replacing)
  replace() {
    return {};
  }
}

const reply =
  (status: number, type = '', body = ''): RawReply =>
  (socket) =>
    void socket.write(
      `HTTP/1.1 ${status} Whatever\r\n${type === '' ? '' : `content-type: ${type}\r\n`}${
        status === 204 ? '' : `content-length: ${body.length}\r\n`
      }\r\n${body}`,
    );

let app: GatewayUnderTest;
beforeAll(async () => {
  const upstreams =
    "  shop: { urls: ['${SHOP_URL}'], lenient: [empty, status, contentType], operations: { strictTag: { lenient: [] }, removeTag: { lenient: [] } } }";
  app = await GatewayUnderTest.start({ controllers: [TagScreens], upstreams });
});
afterAll(() => app.stop());

const odd: readonly [string, RawReply, boolean][] = [
  ['204 in place of 200', reply(204), false],
  ['an empty 200', reply(200, 'application/json'), false],
  ['an empty 200 without a content type', reply(200), false],
  ['201 in place of 200', reply(201, 'application/json', '{"ok":true}'), true],
  ['an empty 201', reply(201), false],
  ['206 in place of 200', reply(206, 'application/json', '{"ok":true}'), true],
  ['JSON as text/html', reply(200, 'text/html', '{"ok":true}'), true],
  ['JSON without a content type', reply(202, '', '{"ok":true}'), true],
];

describe('a success that its contract does not declare so', () => {
  it.each(odd)('gives a screen what it has, where policy accepts it: %s', async (_, given, ok) => {
    app.shop.reply = given;
    const read = await app.ask('/read');
    expect([read.status, await read.json()]).toEqual([200, { ok }]);
    const touched = await app.ask('/touch', { method: 'POST' });
    expect([touched.status, await touched.json()]).toEqual([201, { tag: ok ? { ok } : {} }]);
  });

  it.each(odd.filter(([name]) => !name.includes('JSON')))(
    'fails where policy is strict, and says that the change was made: %s',
    async (_, given) => {
      app.shop.reply = given;
      const response = await app.ask('/strict', { method: 'POST' });
      expect([response.status, await response.json()]).toMatchObject([
        500,
        { code: 'GW_INDETERMINATE', writes: { done: ['tag'], refused: [], unknown: [], notSent: [] } },
      ]);
    },
  );

  it.each<[string, RawReply]>([
    ['204', reply(204)],
    ['an empty 200', reply(200)],
    ['200 with JSON', reply(200, 'application/json', '{"ok":true}')],
    ['202 with a page', reply(202, 'text/html', '<p>')],
  ])('is a change that was made where the contract declares errors alone: %s', async (_, given) => {
    app.shop.reply = given;
    const response = await app.ask('/remove', { method: 'DELETE' });
    expect([response.status, await response.json()]).toEqual([200, { done: true }]);
  });

  it('names such a change as done where a later one fails', async () => {
    app.shop.reply = reply(200, 'text/html', '<p>');
    const response = await app.ask('/replace', { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([
      500,
      { writes: { done: ['removed'], refused: [], unknown: ['tag'], notSent: [] } },
    ]);
  });

  it('is counted by operation and kind', async () => {
    app.shop.reply = reply(201);
    await (await app.ask('/read')).text();
    const metrics = await (await fetch(`${app.adminUrl}/metrics`)).text();
    const line = (kind: string): RegExp =>
      new RegExp(
        `^frontage_lenient_successes_total\\{upstream="shop",operation="readTag",kind="${kind}"\\} \\d+$`,
        'm',
      );
    for (const kind of ['empty', 'status', 'contentType']) expect(metrics).toMatch(line(kind));
    expect(metrics).not.toMatch(/lenient_successes_total\{[^}]*strictTag/);
  });
});

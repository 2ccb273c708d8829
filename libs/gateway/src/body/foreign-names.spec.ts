import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const item = screen(
  plan('spec.item', { deadlineMs: 5000 }, () => ({
    item: required(getItem, { path: { id: 'i-1' } }, { timeoutMs: 4000 }),
  })),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller()
class Asking {
  @Get('item')
  @Screen(item)
  item() {
    return {};
  }
}

const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', 'isPrototypeOf'];

describe.each(['undici', 'direct', 'axios'])('a name that every object has, by %s', (transport) => {
  let app: GatewayUnderTest;
  beforeAll(async () => {
    app = await GatewayUnderTest.start({
      controllers: [Asking],
      upstreams: `  shop: { urls: ['\${SHOP_URL}'], transport: ${transport}, forwardHeaders: [constructor] }`,
    });
  });
  afterAll(() => app?.stop());

  it.each(names)('is no content coding: %s', async (name) => {
    app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp' }, { 'content-encoding': name });
    const began = performance.now();
    const answer = await app.ask('/item');
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'GW_UPSTREAM_BAD_PAYLOAD' });
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it.each(names)('is no page of the admin port: %s', async (name) => {
    for (const path of [`/docs/${name}`, `/${name}`, `/docs/${name}/`, `/docs//${name}`]) {
      expect((await fetch(app.adminUrl + path)).status, path).toBe(404);
    }
  });

  it.each(names)('is a field of a response like any other: %s', async (name) => {
    app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp' }, { [name]: 'x', [`x-${name}`]: 'y' });
    expect((await app.ask('/item')).status).toBe(200);
  });

  it('is not the coding that was meant', async () => {
    const text = JSON.stringify({ id: 'i-1', name: 'Lamp' });
    for (const [coding, body] of [
      ['gzip', gzipSync(text)],
      ['BR', brotliCompressSync(text)],
    ] as const) {
      app.shop.reply = (socket) => {
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`,
        );
        socket.write(body);
      };
      expect((await app.ask('/item')).status).toBe(200);
    }
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { compute, list, optional, orNull, pick, plan, required, screen, step, text } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import { InjectClient } from '../nest/inject-client.decorator.js';
import { Screen } from '../screens/screen.decorator.js';

// A generated module, as far as its clients know it.
const shop = { contract: getItem.contract, getItem };
const call = { path: { id: 'i-1' } };
const deadlineMs = 5000;

const copied = screen(
  plan('spec.copied', { deadlineMs }, () => ({ item: required(getItem, call) })),
  ({ item }) => pick(item, 'id', 'name'),
);
const whole = screen(
  plan('spec.whole', { deadlineMs }, () => ({ item: required(getItem, call) })),
  ({ item }) => ({ item }),
);
const worded = screen(
  plan('spec.worded', { deadlineMs }, () => ({ item: required(getItem, call) })),
  ({ item }) => ({
    title: text`Item ${item.name}`,
    length: compute(z.number(), { item }, ({ item: { name } }) => name.length),
  }),
);
const stepped = screen(
  plan('spec.stepped', { deadlineMs }, () => {
    const item = required(getItem, call);
    return { item, loud: step({ item }, ({ item: { name } }) => name.toUpperCase()) };
  }),
  ({ loud, item }) => ({ loud, id: item.id }),
);
const partial = screen(
  plan('spec.partial', { deadlineMs }, () => ({ item: required(getItem, call), others: optional(listItems, {}) })),
  ({ item, others }) => ({ id: item.id, others: orNull(list(others, (each) => pick(each, 'id'))) }),
);

@Public()
@Controller()
class Reading {
  constructor(@InjectClient(shop) private readonly client: Client<typeof shop>) {}

  @Get('copied')
  @Screen(copied)
  copied() {
    return {};
  }
  @Get('whole')
  @Screen(whole)
  whole() {
    return {};
  }
  @Get('worded')
  @Screen(worded)
  worded() {
    return {};
  }
  @Get('stepped')
  @Screen(stepped)
  stepped() {
    return {};
  }
  @Get('partial')
  @Screen(partial)
  partial() {
    return {};
  }
  @Get('own/name')
  async name(): Promise<unknown> {
    const { name } = await this.client.getItem(call);
    return { name };
  }
  @Get('own/all')
  async all(): Promise<unknown> {
    return await this.client.getItem(call);
  }
}

const ways = {
  'read where it is copied': '',
  'parsed for the cache': ', cache: { getItem: { ttl: 1ms } }',
  'read with other addresses for each': ', transport: direct',
};

describe.each(Object.entries(ways))('a response %s', (_, policy) => {
  let app: GatewayUnderTest;
  beforeAll(async () => {
    app = await GatewayUnderTest.start({
      controllers: [Reading],
      upstreams: `  shop: { urls: ['\${SHOP_URL}']${policy} }`,
    });
  });
  afterAll(() => app?.stop());

  const json = (body: string) =>
    rawReplies.bytes(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  const ask = async (path: string, body: string): Promise<{ status: number; body: unknown }> => {
    // Longer than the life of a cached response.
    await pause(2);
    app.shop.reply = json(body);
    const response = await app.ask(path);
    return { status: response.status, body: await response.json() };
  };
  const numbers = ['9007199254740993', '1e400', '-1E-400', `0.${'0'.repeat(400)}1`];

  it.each(numbers)('may hold %s where nothing reads it', async (number) => {
    const body = `{"id":"i-1","other":{"a":[${number}]},"name":"Lamp","n":${number}}`;
    expect(await ask('/copied', body)).toEqual({ status: 200, body: { id: 'i-1', name: 'Lamp' } });
    expect(await ask('/whole', body)).toEqual({ status: 200, body: { item: { id: 'i-1', name: 'Lamp' } } });
    expect(await ask('/worded', body)).toEqual({ status: 200, body: { title: 'Item Lamp', length: 4 } });
    expect(await ask('/stepped', body)).toEqual({ status: 200, body: { loud: 'LAMP', id: 'i-1' } });
    expect(await ask('/own/name', body)).toEqual({ status: 200, body: { name: 'Lamp' } });
  });

  it.each(numbers)('is a bad payload where %s is read', async (number) => {
    const body = `{"id":"i-1","name":${number}}`;
    for (const path of ['/copied', '/whole', '/worded', '/stepped', '/own/name', '/own/all']) {
      expect(await ask(path, body), path).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_BAD_PAYLOAD' } });
    }
    expect(await ask('/own/all', `{"id":"i-1","name":"Lamp","n":${number}}`)).toMatchObject({ status: 502 });
  });

  it.each([
    ['1,500 levels in what nothing reads', `[{"id":"a","deep":${'['.repeat(1_500)}${']'.repeat(1_500)}}]`],
    ['1,500 objects', `${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`],
    ['6 MB of brackets', '['.repeat(6_000_000)],
    ['a number that is read', '[{"id":"a"},{"id":1e400}]'],
  ])('costs an optional part alone: %s', async (_what, body) => {
    app.shop.reply = (socket, request) =>
      json(request.target === '/items' ? body : '{"id":"i-1","name":"Lamp"}')(socket, request);
    const response = await app.ask('/partial');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: 'i-1',
      others: null,
      _parts: { others: { status: 'bad_payload', source: 'none' } },
    });
  });

  it('may be 500 levels deep', async () => {
    const body = `{"id":"i-1","name":"Lamp","deep":${'['.repeat(499)}${']'.repeat(499)}}`;
    for (const path of ['/copied', '/whole', '/worded', '/stepped', '/own/name', '/own/all']) {
      expect((await ask(path, body)).status, path).toBe(200);
    }
  });
});

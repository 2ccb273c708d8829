import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, NotFoundException, StreamableFile } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { channels } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from './fixtures/gateway-under-test.js';
import { getItem } from './fixtures/shop.js';
import { Screen } from './screens/screen.decorator.js';

/** More than the buffers of both systems hold. */
const large = 'x'.repeat(24_000_000);
const chunk = Buffer.alloc(256 * 1024, 'y');

const item = screen(
  plan('spec.large', { deadlineMs: 9000 }, () => ({
    item: required(getItem, { path: { id: 'i-1' } }, { timeoutMs: 8000 }),
  })),
  ({ item }) => pick(item, 'id', 'name'),
);

async function* chunks(count: number, everyMs: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < count; i++) {
    yield chunk;
    if (everyMs > 0) await pause(everyMs);
  }
}

@Public()
@Controller()
class Sending {
  @Get('screen')
  @Screen(item)
  screen() {
    return {};
  }
  @Get('problem')
  problem(): never {
    throw new NotFoundException(large);
  }
  @Get('own')
  own(): unknown {
    return { large };
  }
  @Get('endless')
  endless(): StreamableFile {
    return new StreamableFile(Readable.from(chunks(Infinity, 0)));
  }
  @Get('steady')
  steady(): StreamableFile {
    return new StreamableFile(Readable.from(chunks(20, 80)));
  }
  @Get('quick')
  quick(): unknown {
    return { quick: true };
  }
}

let app: GatewayUnderTest;
const clients: Socket[] = [];
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Sending],
    upstreams: "  shop: { urls: ['${SHOP_URL}'], maxBody: 64MiB }",
    policy: 'limits: { maxInFlight: 5, sendIdleTimeout: 400ms, sendTimeout: 1200ms }\n',
  });
  app.shop.reply = rawReplies.json({ id: 'i-1', name: large });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await app?.stop();
});

/** Asks, and reads nothing. */
async function ask(path: string): Promise<Socket> {
  const client = connect(Number(new URL(app.url).port), '127.0.0.1');
  clients.push(client);
  client.on('error', () => undefined);
  client.pause();
  await once(client, 'connect');
  client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  return client;
}

const ended = (count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    const count1 = (): void => {
      if (--left > 0) return;
      channels.requestEnded.unsubscribe(count1);
      resolve();
    };
    channels.requestEnded.subscribe(count1);
  });

describe('clients that do not read', () => {
  it.each(['/screen', '/problem', '/own', '/endless'])(
    'lock others out of nothing for longer than the bound: %s',
    async (path) => {
      const all = ended(5);
      for (let i = 0; i < 5; i++) await ask(path);
      await all;
      const answer = await app.ask('/quick');
      expect(answer.status).toBe(200);
    },
  );

  it('are cut off as well where they read a little now and then', async () => {
    const all = ended(1);
    const client = await ask('/endless');
    const began = performance.now();
    const reading = setInterval(() => client.read(2_000), 20);
    await all;
    clearInterval(reading);
    expect(performance.now() - began).toBeGreaterThan(400);
  });
});

describe('a client that reads', () => {
  it('may take longer for a stream than the bound for a byte', async () => {
    const answer = await app.ask('/steady');
    expect((await answer.arrayBuffer()).byteLength).toBe(20 * chunk.length);
  });

  it('may wait for a response without a limit', async () => {
    const answer = await app.ask('/quick');
    expect(await answer.json()).toEqual({ quick: true });
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import type { RequestEnded } from '@frontage/context';
import { channels, listen } from '@frontage/core';
import { Screen } from '@frontage/gateway';
import { workspaceRoot } from '@frontage/testing';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, policyFile, type AppParts } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { getItem } from '../../libs/gateway/src/fixtures/shop.js';
import { openSocket } from '../soak/client.js';

const itemScreen = screen(
  plan('spec.boundItem', { deadlineMs: 60_000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller()
class Bounded {
  @Get('get')
  get(): string {
    return 'got';
  }
  @Get('items/:id')
  item(): string {
    return 'item';
  }
  @Get('large')
  large(): string {
    return 'x'.repeat(32 * 1024 * 1024);
  }
  @Get('never')
  never(): Promise<never> {
    return new Promise(() => undefined);
  }
  @Get('screen')
  @Screen(itemScreen)
  screen() {
    return {};
  }
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { body };
  }
}

let app: GatewayUnderTest | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});
const start = async (policy = '', more: Partial<AppParts> = {}): Promise<GatewayUnderTest> =>
  (app = await GatewayUnderTest.start({ controllers: [Bounded], policy, ...more }));

const head = (line: string, fields = ''): string => `${line} HTTP/1.1\r\nhost: x\r\n${fields}\r\n`;
const json = (length: number): string => `content-type: application/json\r\ncontent-length: ${length}\r\n`;
const statusOf = (received: string): number => Number(received.slice(9, 12));

/** The status of the response to these bytes, on a connection that the app closes. */
const status = async (policy: string, bytes: string): Promise<number> =>
  statusOf(await (await start(policy)).send(bytes));

/** Resolves once the app closes a connection that says this and then nothing, with what came back. */
async function untilClosed(url: string, bytes: string): Promise<string> {
  const socket = await openSocket(url);
  let received = '';
  socket.on('data', (data: Buffer) => (received += data.toString('latin1')));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(bytes, 'latin1');
  await closed;
  return received;
}

/** Asks for a large response and reads nothing of it: was it cut off? */
async function untilCut(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const stop = listen<RequestEnded>(
    channels.requestEnded,
    ({ clientGone }) => resolve(clientGone),
    () => undefined,
  );
  const socket = await openSocket(url);
  socket.pause();
  socket.write(head('GET /large'));
  const wasCut = await promise;
  stop();
  socket.destroy();
  return wasCut;
}

/** Each bound of docs/hardening.md, by its first cell, as a small one that is passed. */
const passed: Readonly<Record<string, () => Promise<unknown>>> = {
  'request line and header fields, in bytes': async () => {
    expect(await status('limits: { maxHeader: 8KiB }\n', head('GET /get', `x-a: ${'a'.repeat(8_200)}\r\n`))).toBe(431);
    await app?.stop();
    expect(await status('limits: { maxHeader: 8KiB }\n', head(`GET /get?${'a'.repeat(8_200)}`))).toBe(431);
  },
  'header fields, in number': async () => {
    const most = head('GET /get', `${'a:\r\n'.repeat(998)}connection: close\r\n`);
    expect(await status('', most)).toBe(200);
    await app?.stop();
    expect(await status('', head('GET /get', 'a:\r\n'.repeat(1_001)))).toBe(431);
  },
  'one parameter of a path, in characters': async () => {
    const close = 'connection: close\r\n';
    expect(await status('', head(`GET /items/${'a'.repeat(100)}`, close))).toBe(200);
    await app?.stop();
    expect(await status('', head(`GET /items/${'a'.repeat(101)}`, close))).toBe(400);
  },
  'body, declared or not': async () => {
    const policy = 'limits: { maxBody: 2KiB }\n';
    expect(await status(policy, head('POST /echo', json(2_049)))).toBe(413);
    await app?.stop();
    const chunk = `400\r\n${' '.repeat(1_024)}\r\n`;
    const chunked = head('POST /echo', 'content-type: application/json\r\ntransfer-encoding: chunked\r\n');
    expect(await status(policy, `${chunked}${chunk.repeat(3)}0\r\n\r\n`)).toBe(413);
  },
  'depth of a JSON body': async () => {
    const running = await start();
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect((await running.post('/echo', nested(500))).status).toBe(201);
    expect((await running.post('/echo', nested(501))).status).toBe(400);
  },
  'framing of chunks beside what they carry': async () => {
    const chunk = `1;${'a'.repeat(10_000)}\r\n1\r\n`;
    const chunked = head('POST /echo', 'content-type: application/json\r\ntransfer-encoding: chunked\r\n');
    expect([400, 413]).toContain(await status('', `${chunked}${chunk.repeat(12)}0\r\n\r\n`));
  },
  'time until all header fields are here': async () => {
    const running = await start('limits: { headersTimeout: 200ms, requestTimeout: 5s }\n');
    expect(statusOf(await untilClosed(running.url, 'GET /get HTTP/1.1\r\nhost: x\r\n'))).toBe(408);
  },
  'time until the whole request is here': async () => {
    const running = await start('limits: { headersTimeout: 200ms, requestTimeout: 300ms }\n');
    expect(statusOf(await untilClosed(running.url, `${head('POST /echo', json(10))}{`))).toBe(408);
  },
  'time between two requests of a connection': async () => {
    const running = await start('', { listen: ', keepAlive: 1s' });
    expect(await untilClosed(running.url, head('GET /get'))).toContain('200 OK');
  },
  'time in which a client takes no byte of a response': async () => {
    const running = await start('limits: { sendIdleTimeout: 200ms }\n');
    expect(await untilCut(running.url)).toBe(true);
  },
  'time in which a client takes a response that is ready': async () => {
    const running = await start('limits: { sendIdleTimeout: 300ms, sendTimeout: 300ms }\n');
    expect(await untilCut(running.url)).toBe(true);
  },
  'time of a request, from its arrival to its response': async () => {
    expect((await (await start('deadline: 200ms\n')).ask('/never')).status).toBe(504);
  },
  'open connections': async () => {
    const running = await start('limits: { maxConnections: 1 }\n');
    const first = await openSocket(running.url);
    expect(await untilClosed(running.url, head('GET /get'))).toBe('');
    first.destroy();
  },
  'requests under way, pipelined ones too': async () => {
    const running = await start('limits: { maxInFlight: 3 }\ndeadline: 300ms\n');
    const received = await untilClosed(
      running.url,
      head('GET /never').repeat(10) + head('GET /get', 'connection: close\r\n'),
    );
    expect(received.match(/HTTP\/1\.1 503 /g)?.length).toBeGreaterThanOrEqual(7);
  },
  'requests of one caller under way': async () => {
    const running = await start('limits: { maxInFlightPerCaller: 1 }\ndeadline: 300ms\n');
    const received = await untilClosed(running.url, head('GET /never') + head('GET /get', 'connection: close\r\n'));
    expect(received).toContain('HTTP/1.1 429 ');
  },
  'requests of one address': async () => {
    const running = await start('addressLimit: { limit: 1, window: 1h }\n');
    await running.ask('/get');
    expect((await running.ask('/get')).status).toBe(429);
  },
  'body of a response of a service, after decompression': async () => {
    const running = await start('', { upstreams: "  shop: { urls: ['${SHOP_URL}'], maxBody: 1KiB }" });
    running.shop.reply = rawReplies.json({ id: 'i-1', name: 'x'.repeat(2_000) });
    expect((await running.ask('/screen')).status).toBe(502);
  },
  'time of a call to a service': async () => {
    const running = await start('', { upstreams: "  shop: { urls: ['${SHOP_URL}'], timeout: 100ms }" });
    running.shop.reply = rawReplies.silence();
    expect((await running.ask('/screen')).status).toBe(504);
  },
};

/** Bounds of forms: test/attacks/multipart.spec.ts and libs/gateway/src/multipart pass each of them. */
const ofForms = ['form with files', 'one file of it', 'one text of it', 'parts of it'];

const page = readFileSync(join(workspaceRoot, 'docs/hardening.md'), 'utf8');
const section = page.slice(page.indexOf('## Every bound'), page.indexOf('## Checklist'));
const rows = [...section.matchAll(/^\| ([^|]+?) +\| ([^|]*?) *\| ([^|]*?) *\| ([^|]+?) *\|$/gm)]
  .map(([, what = '', byDefault = '', key = '']) => ({ what, byDefault, key: key.replaceAll(/[`()]/g, '') }))
  .filter(({ what }) => what !== 'what is bounded' && !what.startsWith('-'));

describe('each bound of docs/hardening.md (H2, H3, H4)', () => {
  it('is in its table, and is passed by a test', () => {
    expect(rows.map(({ what }) => what).toSorted()).toEqual([...Object.keys(passed), ...ofForms].toSorted());
  });

  it.each(Object.entries(passed))('ends what goes beyond it: %s', async (_, pass) => {
    await pass();
  });

  it('has the default of the policy', () => {
    const file = policyFile("bff: spec\nlisten: { port: 0 }\nupstreams: { shop: { urls: ['http://a.test'] } }\n");
    const config = loadConfig(file, { env: {}, environment: 'test' });
    const sizes: Readonly<Record<string, number>> = { KiB: 1_024, MiB: 1_048_576, ms: 1, s: 1_000, m: 60_000 };
    for (const { what, byDefault, key } of rows.filter((row) => row.key !== '')) {
      const [, amount = '', unit = ''] = /^(\d+)([A-Za-z]*)$/.exec(byDefault) ?? [];
      expect([what, valueAt(config, key)]).toEqual([
        what,
        byDefault === '' ? undefined : Number(amount) * (sizes[unit] ?? 1),
      ]);
    }
  });
});

/** The value of a key of the policy, whose name in code ends with its unit. */
function valueAt(config: unknown, key: string): unknown {
  return key
    .replace('<name>', 'shop')
    .split('.')
    .reduce<unknown>((at, name) => {
      if (typeof at !== 'object' || at === null) return undefined;
      return ['', 'Ms', 'Bytes'].map((unit): unknown => Reflect.get(at, name + unit)).find((one) => one !== undefined);
    }, config);
}

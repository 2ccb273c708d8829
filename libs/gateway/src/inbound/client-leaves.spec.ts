import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Get, Inject, Injectable, Post } from '@nestjs/common';
import { given, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { RUNTIME, type GatewayRuntime } from '../runtime/runtime.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { input: { body: given<unknown>() }, deadlineMs: 1000 }, () => ({
    item: required(getItem, { path: { id: 'i-1' } }),
  })),
  ({ item }) => pick(item, 'id'),
);

@Controller()
class Orders {
  @Post('screen')
  @Public()
  @Screen(itemScreen)
  order(@Body() body: unknown) {
    return { body };
  }
  @Post('guarded')
  @Access({ scope: 'order:write' })
  write(@Body() body: unknown): unknown {
    return { body };
  }
  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }
}

let runtime: GatewayRuntime | undefined;
@Injectable()
class Counters {
  constructor(@Inject(RUNTIME) running: GatewayRuntime) {
    runtime = running;
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  const policy = `${takesTokens}limits: { maxInFlight: 20, maxInFlightPerCaller: 20 }\n`;
  const upstreams = "  shop: { urls: ['${SHOP_URL}'], concurrency: 2, queue: 2 }";
  app = await GatewayUnderTest.start({ controllers: [Orders], providers: [Counters], policy, upstreams });
});
afterAll(() => app?.stop());

const json = 'content-type: application/json\r\n';
const chunked = `${json}transfer-encoding: chunked\r\n\r\n`;
const requests = {
  screen: `POST /screen HTTP/1.1\r\nhost: x\r\n${json}content-length: 10\r\n\r\n"12345678"`,
  refused: `POST /guarded HTTP/1.1\r\nhost: x\r\n${json}content-length: 10\r\n\r\n"12345678"`,
  'refused and large': `POST /guarded HTTP/1.1\r\nhost: x\r\n${json}content-length: 70000\r\n\r\n"${'x'.repeat(69_998)}"`,
  'bad chunk': `POST /screen HTTP/1.1\r\nhost: x\r\n${chunked}5\r\n"abcd\r\nZZ\r\n`,
  'chunk without end': `POST /screen HTTP/1.1\r\nhost: x\r\n${chunked}5\r\n"abcd\r\n`,
  continue: `POST /screen HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n${json}content-length: 2\r\n\r\n{}`,
  'odd expectation': `POST /screen HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\n${json}content-length: 2\r\n\r\n{}`,
  'no route': 'GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n',
  'unreadable path': 'GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n',
  head: 'HEAD /open HTTP/1.1\r\nhost: x\r\n\r\n',
  upgrade: 'GET /open HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  connect: 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
  get: 'GET /open HTTP/1.1\r\nhost: x\r\n\r\n',
} as const;

const leave = {
  reset: (socket) => socket.resetAndDestroy(),
  close: (socket) => socket.destroy(),
  'half close': (socket) => socket.end(),
} as const satisfies Record<string, (socket: Socket) => unknown>;

const moment = fc.record({
  /** Pipelined, one behind the other. */
  sent: fc.array(fc.constantFrom(...(Object.keys(requests) as (keyof typeof requests)[])), {
    minLength: 1,
    maxLength: 4,
  }),
  /** The share of the bytes that is sent before the client leaves. */
  share: fc.double({ min: 0.02, max: 1, noNaN: true }),
  waitMs: fc.constantFrom(0, 0, 1, 5, 20),
  way: fc.constantFrom(...(Object.keys(leave) as (keyof typeof leave)[])),
  upstream: fc.constantFrom('answers', 'hangs'),
});

/** Calls that run and that wait, of each upstream. */
const permits = (running: GatewayRuntime) =>
  running.upstreams.used().map((upstream) => {
    const { calls } = upstream.health();
    if (calls === undefined) throw new Error('the upstream has no bulkhead');
    return calls;
  });

const until = async (holds: () => boolean, what: () => string): Promise<void> => {
  const end = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(what());
    await pause(5);
  }
};

it('leaves every counter at zero, whenever and however it leaves (F34)', async () => {
  const running = runtime;
  if (running === undefined) throw new Error('the app did not start');
  await fc.assert(
    fc.asyncProperty(moment, async ({ sent, share, waitMs, way, upstream }) => {
      app.shop.reply = upstream === 'hangs' ? rawReplies.silence() : rawReplies.json({ id: 'i-1', name: 'Lamp' });
      const bytes = sent.map((name) => requests[name]).join('');
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      await new Promise<void>((resolve) => {
        socket.once('connect', resolve);
        socket.once('close', () => resolve());
      });
      await new Promise<void>((resolve) => {
        socket.write(bytes.slice(0, Math.ceil(bytes.length * share)), 'latin1', () => resolve());
      });
      if (waitMs > 0) await pause(waitMs);
      leave[way](socket);
      // A half-closed connection stays as long as a request is under way.
      if (way === 'half close') {
        await pause(2);
        socket.destroy();
      }
      await until(
        () => running.inFlight === 0,
        () => `${running.inFlight} requests are still under way`,
      );
      await until(
        () => permits(running).every(({ active, queued }) => active === 0 && queued === 0),
        () => `calls of upstreams are still under way: ${JSON.stringify(permits(running))}`,
      );
    }),
    { numRuns: 150 },
  );
  expect(running.inFlight).toBe(0);
  expect(running.watched).toBe(0);
  expect(running.callerPlaces?.size).toBe(0);
  app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp' });
  expect(permits(running)).toEqual([{ active: 0, queued: 0, limit: 2 }]);
  // As many as have a permit or wait for one: each that is lost would show.
  const after = await Promise.all(Array.from({ length: 4 }, () => app.post('/screen', {})));
  expect(after.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const open = await Promise.all(Array.from({ length: 20 }, () => app.ask('/open')));
  expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
}, 120_000);

it('leaves nothing of requests that wait behind one that hangs', async () => {
  app.shop.reply = rawReplies.silence();
  const before = app.shop.requests.length;
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(requests.screen + requests.get + requests.refused + requests['no route']);
  await until(
    () => app.shop.requests.length > before && runtime?.inFlight === 4,
    () => `${runtime?.inFlight} requests are under way`,
  );
  socket.destroy();
  await until(
    () => runtime?.inFlight === 0,
    () => `${runtime?.inFlight} requests are still under way`,
  );
});

it.each([
  ['screen', 'get', 'connect'],
  ['get', 'get', 'get', 'connect'],
  ['screen', 'refused', 'no route', 'connect', 'get'],
] as const)('leaves nothing of requests in front of a CONNECT: %s, %s, %s', async (...sent) => {
  app.shop.reply = rawReplies.silence();
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => void socket.once('close', resolve));
  socket.resume().write(sent.map((name) => requests[name]).join(''));
  await closed;
  await until(
    () => runtime?.inFlight === 0 && runtime.watched === 0,
    () => `${runtime?.inFlight} requests are still under way`,
  );
});

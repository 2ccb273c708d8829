import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventStream, heartbeatMs, maxPages, maxWaitingBytes } from './event-stream.js';

let server: Server;
let events: EventStream;
let clock: ManualClock;
const pages: ClientRequest[] = [];

beforeEach(async () => {
  clock = new ManualClock();
  events = new EventStream(clock);
  server = createServer((asked, response) => {
    if (!events.open(asked, response, [{ name: 'request', id: 'a.1', data: { id: 1 } }])) response.writeHead(503).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const page of pages.splice(0)) page.destroy();
  server.close();
  server.closeAllConnections();
});

const port = (): number => (server.address() as AddressInfo).port;

async function open(): Promise<IncomingMessage> {
  const asked = request({ port: port(), host: '127.0.0.1', agent: false }).end();
  asked.on('error', () => undefined);
  pages.push(asked);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8').on('error', () => undefined);
}

/** Resolves with all text so far once it fits. */
function textUntil(response: IncomingMessage, pattern: RegExp): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    response.on('data', function take(piece: string) {
      text += piece;
      if (!pattern.test(text)) return;
      response.off('data', take);
      resolve(text);
    });
  });
}

describe('the events of a page', () => {
  it('begin with those that it has missed, and each has a name, an id and one line of JSON', async () => {
    const page = await open();
    expect(page.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    events.send({ name: 'sandbox', data: { text: 'two\nlines' } });
    expect(await textUntil(page, /sandbox.*\n.*\n\n/)).toBe(
      'retry: 1000\n\nevent: request\nid: a.1\ndata: {"id":1}\n\nevent: sandbox\ndata: {"text":"two\\nlines"}\n\n',
    );
  });

  it('have a sign of life every fifteen seconds, and no timer runs without a page', async () => {
    expect(clock.timerCount).toBe(0);
    const page = await open();
    await textUntil(page, /"id":1/);
    const beats = textUntil(page, /alive[^]*alive/);
    await clock.advance(2 * heartbeatMs);
    expect(await beats).toBe(': alive\n\n: alive\n\n');
    const left = Promise.withResolvers<void>();
    events.onPages = (arePages) => arePages || left.resolve();
    page.destroy();
    await left.promise;
    expect([events.size, clock.timerCount]).toEqual([0, 0]);
  });

  it('go to eight pages at most', async () => {
    for (let at = 0; at < maxPages; at++) expect((await open()).statusCode).toBe(200);
    expect((await open()).statusCode).toBe(503);
    expect(events.size).toBe(maxPages);
  });

  it('are no longer kept for a page that does not read them', async () => {
    const socket = connect(port(), '127.0.0.1').on('error', () => undefined);
    const came = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    events.onPages = (arePages) => (arePages ? came.resolve() : left.resolve());
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await came.promise;
    const data = 'x'.repeat(maxWaitingBytes);
    for (let sent = 0; sent < 64 && events.size > 0; sent++) {
      events.send({ name: 'request', data });
      await new Promise(setImmediate);
    }
    await left.promise;
    expect(events.size).toBe(0);
    socket.destroy();
  });
});

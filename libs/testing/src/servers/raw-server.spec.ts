import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rawReplies } from './raw-replies.js';
import { RawServer, type RawReply } from './raw-server.js';

let server: RawServer;
beforeEach(async () => {
  server = await RawServer.start(rawReplies.json({ title: 'ok' }));
});
afterEach(() => server.stop());

/** The result of a plain HTTP client: the body, or the code of the error. */
async function ask(reply: RawReply): Promise<string> {
  server.reply = reply;
  const { promise, resolve } = Promise.withResolvers<string>();
  const fail = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
  const read = (response: IncomingMessage): void => {
    let body = '';
    response
      .on('data', (chunk: Buffer) => (body += chunk.toString()))
      .on('end', () => resolve(body))
      .on('error', fail);
  };
  request(server.url, { agent: false }, read).on('error', fail).end();
  return promise;
}

describe('a raw server', () => {
  it('responds, and shows the request byte for byte', async () => {
    const response = await fetch(`${server.url}/a%2Fb?x=%20`, {
      method: 'POST',
      body: '{"a":"ä"}',
      headers: { 'x-one': '1' },
    });
    expect(await response.json()).toEqual({ title: 'ok' });
    expect(server.requests).toMatchObject([
      { method: 'POST', target: '/a%2Fb?x=%20', body: '{"a":"ä"}', headers: { 'x-one': '1' }, index: 0 },
    ]);
  });

  it('reads a chunked body', async () => {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    const asked = request(server.url, { method: 'PUT' }, resolve);
    asked.write('one');
    asked.end('two');
    (await promise).resume();
    expect(server.requests[0]?.body).toBe('onetwo');
  });

  it.each([
    ['a reset', rawReplies.reset(), 'ECONNRESET'],
    ['a reset in the body', rawReplies.resetMidBody({ a: 'long enough' }), 'ECONNRESET'],
    ['a short body', rawReplies.shortBody({ a: 'long enough' }), 'ECONNRESET'],
    ['a bad chunk', rawReplies.badChunk(), 'HPE_INVALID_CHUNK_SIZE'],
    ['a redirect', rawReplies.redirect(302, 'http://example.com/'), '{}'],
    ['bytes as they are', rawReplies.bytes('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{"a'), '{"a'],
    ['one byte after the other', rawReplies.slowBytes([1, 2], 1), '[1,2]'],
    ['too many headers', rawReplies.manyHeaders(20_000), 'HPE_HEADER_OVERFLOW'],
  ])('sends %s', async (_, reply, expected) => {
    expect(await ask(reply)).toBe(expected);
  });

  it.each([
    ['nothing', rawReplies.silence()],
    ['a head only', rawReplies.headersOnly()],
    ['half a body', rawReplies.stall({ a: 'long enough' })],
    ['a body without end', rawReplies.endlessBody()],
  ])('sends %s, and sees the caller leave', async (_, reply) => {
    server.reply = reply;
    const asked = request(server.url, (response) => response.on('error', () => {}).resume()).on('error', () => {});
    asked.end();
    await expect.poll(() => server.requests.length).toBe(1);
    expect(server.openConnections).toBe(1);
    asked.destroy();
    await server.untilIdle();
    expect(server.openConnections).toBe(0);
  });

  it('closes after a response, so that the next request needs another connection', async () => {
    server.reply = rawReplies.jsonThenClose({ n: 1 });
    for (const n of [1, 2]) {
      const response = await fetch(server.url);
      expect(await response.json()).toEqual({ n: 1 });
      await server.untilIdle();
      expect(server.connectionCount).toBe(n);
    }
  });

  it('sends bytes behind the end of a response', async () => {
    server.reply = rawReplies.trailingGarbage({ a: 1 });
    const { promise, resolve } = Promise.withResolvers<string>();
    const asked = request(server.url, (response) => response.resume());
    asked
      .on('socket', (socket) => socket.on('data', (bytes: Buffer) => resolve(bytes.toString())))
      .on('error', () => {});
    asked.end();
    expect(await promise).toMatch(/\{"a":1\}garbage$/);
    asked.destroy();
  });
});

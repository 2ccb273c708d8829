import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../sandbox.js';

let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.close());

async function start(allowedHosts: readonly string[] = []): Promise<string> {
  sandbox = await createSandbox({ contracts: [], behaviours: {}, allowedHosts });
  return sandbox.url;
}

/** The status of a request that is written byte by byte, so that no client adds its own Host. */
async function statusOf(url: string, lines: readonly string[], body = ''): Promise<number> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write([...lines, `content-length: ${body.length}`, 'connection: close', '', body].join('\r\n'));
  let text = '';
  for await (const piece of socket) text += String(piece);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
}

const token = 'POST /issuer/token HTTP/1.1';
const user = JSON.stringify({ user: 'ada' });

describe('a request to the sandbox', () => {
  it.each(['localhost', 'localhost:4100', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:4100', '[::1]', '[::1]:4100'])(
    'is accepted for the host %s',
    async (host) => {
      const url = await start();
      expect(await statusOf(url, [token, `host: ${host}`], user)).toBe(200);
      expect(await statusOf(url, ['GET / HTTP/1.1', `host: ${host}`])).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:4100',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    'localhost/evil',
    'localhost, evil.example',
    'localhost:80:80',
    '0.0.0.0',
    '127.1',
    '2130706433',
    '[::]',
    '[::ffff:127.0.0.1]',
    '',
  ])('is refused for the host %j, on every path', async (host) => {
    const url = await start();
    for (const line of [
      token,
      'GET / HTTP/1.1',
      'GET /issuer/jwks.json HTTP/1.1',
      'GET /__sandbox/faults HTTP/1.1',
      'DELETE /__sandbox/faults HTTP/1.1',
      'PUT /__sandbox/orders/faults HTTP/1.1',
      'GET /orders/1 HTTP/1.1',
    ])
      expect([line, await statusOf(url, [line, `host: ${host}`], user)]).toEqual([line, 421]);
  });

  it('is refused with no host, with two, and with a target that names one of its own', async () => {
    const url = await start();
    expect(await statusOf(url, ['GET / HTTP/1.0'])).toBe(421);
    expect(await statusOf(url, ['GET / HTTP/1.1', 'host: localhost', 'host: evil.example'])).toBe(421);
    expect(await statusOf(url, ['GET / HTTP/1.1', 'host: evil.example', 'host: localhost'])).toBe(421);
    expect(await statusOf(url, ['GET http://evil.example/ HTTP/1.1', 'host: localhost'])).toBe(421);
    expect(await statusOf(url, ['GET http://localhost/ HTTP/1.1', 'host: evil.example'])).toBe(421);
  });

  it('is accepted for an allowed name, and not for a part of it', async () => {
    const url = await start(['sandbox.internal', '10.0.0.7']);
    expect(await statusOf(url, [token, 'host: Sandbox.Internal:4100'], user)).toBe(200);
    expect(await statusOf(url, [token, 'host: 10.0.0.7'], user)).toBe(200);
    expect(await statusOf(url, [token, 'host: internal'], user)).toBe(421);
    expect(await statusOf(url, [token, 'host: x.sandbox.internal'], user)).toBe(421);
  });

  it.each(['http://sandbox', 'sandbox:4100', 'a/b', '*', ''])('cannot be allowed by the name %j', async (name) => {
    await expect(createSandbox({ contracts: [], allowedHosts: [name] })).rejects.toThrow(/is no name of a host/);
  });
});

describe('a page in a browser', () => {
  const controls = [
    'DELETE /__sandbox/faults HTTP/1.1',
    'DELETE /__sandbox/calls HTTP/1.1',
    'GET /__sandbox/calls HTTP/1.1',
  ];

  it.each([
    'origin: http://evil.example',
    'origin: https://localhost.evil.example',
    'origin: null',
    'origin: file://',
    'origin: http://evil.example@localhost',
    'origin: http://localhost/evil',
    'sec-fetch-site: cross-site',
  ])('gets no token and changes no control with %s', async (field) => {
    const url = await start();
    expect(await statusOf(url, [token, 'host: localhost', field], user)).toBe(403);
    for (const line of controls) expect(await statusOf(url, [line, 'host: localhost', field])).toBe(403);
    expect(
      await statusOf(
        url,
        [token, 'host: localhost', 'origin: http://localhost', field.replace('sec-fetch-site', 'origin')],
        user,
      ),
    ).toBe(403);
  });

  it.each([
    'origin: http://localhost:5173',
    'origin: https://127.0.0.1:8443',
    'origin: http://[::1]',
    'sec-fetch-site: same-origin',
    'sec-fetch-site: none',
  ])('is served with %s', async (field) => {
    const url = await start();
    expect(await statusOf(url, [token, 'host: localhost', field], user)).toBe(200);
    for (const line of controls) expect(await statusOf(url, [line, 'host: localhost', field])).toBeLessThan(300);
  });

  it('of any site may read public data: keys and metadata', async () => {
    const url = await start();
    for (const path of ['jwks.json', '.well-known/openid-configuration'])
      expect(
        await statusOf(url, [`GET /issuer/${path} HTTP/1.1`, 'host: localhost', 'origin: http://evil.example']),
      ).toBe(200);
  });
});

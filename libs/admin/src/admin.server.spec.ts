import { networkInterfaces } from 'node:os';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminServer, jsonPage, urlHost } from './admin.server.js';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');
const server = (): AdminServer => new AdminServer(new Map([['/livez', () => jsonPage({ status: 'ok' })]]));
let running: AdminServer | undefined;
afterEach(() => running?.close());

async function statusUnder(url: string, host: string): Promise<number | undefined> {
  const sent = request(`${url}/livez`, { headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('the address of the admin port', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
    ['fd00::17', '[fd00::17]'],
    ['admin.internal', 'admin.internal'],
  ])('for %s is written in a URL as %s', (host, written) => {
    expect(urlHost(host)).toBe(written);
    expect(URL.canParse(`http://${written}:5001`)).toBe(true);
  });

  it.skipIf(!hasIpv6)('is one that can be asked, on IPv6 too', async () => {
    running = server();
    const url = await running.listen(0, '::1');
    expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await statusUnder(url, 'evil.example')).toBe(421);
  });

  it.each(['127.0.0.1', '127.0.0.2', 'localhost'])(
    'is a loopback one where it is %s: other names are refused',
    async (host) => {
      running = server();
      const url = await running.listen(0, host);
      for (const name of ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.9.9.9:5001', '[::1]:5001']) {
        expect([name, await statusUnder(url, name)]).toEqual([name, 200]);
      }
      for (const name of ['evil.example', '127.0.0.1.evil.example', '10.0.0.1', 'localhost.evil.example:5001']) {
        expect([name, await statusUnder(url, name)]).toEqual([name, 421]);
      }
    },
  );
});

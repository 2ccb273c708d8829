import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openLoop } from './open-loop.js';

let close = (): void => undefined;
afterEach(() => close());

async function listen(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const options = { method: 'GET', headers: {}, rate: 200, seconds: 1, deadlineMs: 60_000 };

describe('an open loop', () => {
  it('charges a server that stalls for every request that it keeps waiting, and sends on meanwhile', async () => {
    let count = 0;
    const held: ServerResponse[] = [];
    const url = await listen((response) => {
      count++;
      if (count < 50 || held.length === -1) return void response.end('{}');
      held.push(response);
      // 100 requests fall due while none is answered: a closed loop would have sent one.
      if (held.length === 100) for (const one of held.splice(0)) one.end('{}');
      if (count >= 149) for (const one of held.splice(0)) one.end('{}');
      return undefined;
    });
    const result = await openLoop({ ...options, url });
    expect(result).toMatchObject({ requests: 200, good: 200, partial: 0, statuses: { 200: 200 } });
    expect(result.p99Ms).toBeGreaterThan(350);
  });

  it('counts refusals, broken connections, late responses and those that lack parts', async () => {
    let count = 0;
    const url = await listen((response) => {
      count++;
      if (count % 10 === 0) response.destroy();
      else if (count % 10 === 5) response.writeHead(503).end();
      else response.end(count % 10 === 1 ? '{"_parts":{}}' : '{}');
    });
    const result = await openLoop({ ...options, url, seconds: 0.5 });
    expect(result).toMatchObject({ requests: 100, good: 80, partial: 10, statuses: { 0: 10, 200: 80, 503: 10 } });
    expect(await openLoop({ ...options, url, seconds: 0.1, deadlineMs: 0 })).toMatchObject({ requests: 20, good: 0 });
  });
});

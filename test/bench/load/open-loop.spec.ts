import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openLoop } from './open-loop.js';

let close = (): void => {};
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

describe('an open loop', () => {
  it('counts the time that requests wait for a server that stalls, and sends on meanwhile', async () => {
    const stallMs = 200;
    let count = 0;
    let held: ServerResponse[] | undefined;
    const url = await listen((response) => {
      if (held !== undefined) return void held.push(response);
      response.end('{}');
      if (++count !== 100) return;
      held = [];
      setTimeout(() => {
        const waiting = held ?? [];
        held = undefined;
        for (const response of waiting) response.end('{}');
      }, stallMs);
    });
    const result = await openLoop({ url, headers: {}, rate: 400, seconds: 1, connections: 4 });
    // 80 of 400 requests were meant to be sent in the stall: a fifth of all waited, for half of it on average. A closed loop of four
    // connections would have seen four slow responses, and a p99 of nothing.
    expect(result).toMatchObject({ requests: 400, failed: 0, unanswered: 0 });
    expect(result.p90Ms).toBeGreaterThan(stallMs * 0.3);
    expect(result.p99Ms).toBeGreaterThan(stallMs * 0.8);
    expect(result.maxMs).toBeGreaterThan(stallMs * 0.9);
    expect(result.achievedRate).toBe(400);
  });

  it('counts refusals and broken connections, and does not hang on them', async () => {
    let count = 0;
    const url = await listen((response) => {
      count++;
      if (count % 10 === 0) response.destroy();
      else response.writeHead(count % 10 === 5 ? 503 : 200).end();
    });
    const result = await openLoop({ url, headers: {}, rate: 200, seconds: 0.5 });
    expect(result.requests).toBe(100);
    expect(result.failed).toBe(20);
  });
});

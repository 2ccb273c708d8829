import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.js';

const body = 'x'.repeat(2_000);
let server: Server;
let proxy: FaultProxy;
beforeEach(async () => {
  server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.start({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seed: 7 });
});
afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  server.close();
});

interface Got {
  readonly text: string;
  readonly tookMs: number;
}

async function ask(agent?: false): Promise<Got> {
  const at = performance.now();
  const sent = get(proxy.url, { ...(agent === false && { agent: false }) });
  // An error after the response is that of its body, too.
  sent.on('error', () => {});
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { text: await text(response), tookMs: performance.now() - at };
}

/** Code of the error that the request ends with. */
const failure = (): Promise<string> =>
  ask(false).then(
    () => 'none',
    (cause: NodeJS.ErrnoException) => cause.code ?? cause.message,
  );

describe('a proxy that makes faults', () => {
  it('lets everything pass without one', async () => {
    expect((await ask()).text).toBe(body);
    expect(proxy.connectionCount).toBe(1);
  });

  it('delays what passes, more or less by its jitter', async () => {
    await proxy.set({ latencyMs: 100, jitterMs: 20 });
    expect((await ask()).tookMs).toBeGreaterThanOrEqual(79);
  });

  it('limits the bandwidth', async () => {
    await proxy.set({ bytesPerSecond: 10_000 });
    const { text: got, tookMs } = await ask();
    expect(got).toBe(body);
    expect(tookMs).toBeGreaterThan(190);
  });

  it('slices, and every byte arrives', async () => {
    await proxy.set({ on: 'both', sliceBytes: 7 });
    expect((await ask()).text).toBe(body);
  });

  it('resets after so many bytes', async () => {
    await proxy.set({ resetAfterBytes: 500 });
    expect(await failure()).toBe('ECONNRESET');
  });

  it('truncates after so many bytes', async () => {
    await proxy.set({ truncateAfterBytes: 500 });
    expect(await failure()).toBe('ECONNRESET');
    await proxy.set({ truncateAfterBytes: 0 });
    expect(await failure()).toBe('ECONNRESET');
  });

  it('is down: connections are refused and open ones are reset, and it is up again at the same port', async () => {
    const { url } = proxy;
    await proxy.set({ noData: true });
    const hanging = failure();
    await expect.poll(() => proxy.openConnections).toBe(1);
    await proxy.set({ down: true });
    expect(await hanging).toBe('ECONNRESET');
    expect(await failure()).toBe('ECONNREFUSED');
    await proxy.set({});
    expect(proxy.url).toBe(url);
    expect((await ask()).text).toBe(body);
  });

  it('says nothing until the fault has ended, and loses no byte', async () => {
    await proxy.set({ noData: true });
    const waiting = ask(false);
    await expect.poll(() => proxy.openConnections).toBe(1);
    await proxy.set({});
    expect((await waiting).text).toBe(body);
  });

  it('tells the end of a connection later', async () => {
    await proxy.set({ slowCloseMs: 100 });
    const socket = connect(proxy.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    let [got, at] = [0, 0];
    socket.on('data', (chunk) => {
      got += chunk.length;
      at = performance.now();
    });
    await once(socket, 'end');
    expect(got).toBeGreaterThan(body.length);
    expect(performance.now() - at).toBeGreaterThan(80);
  });

  it('has the faults on a share of the connections, the same ones with the same seed', async () => {
    await proxy.set({ resetAfterBytes: 0, share: 0.5 });
    const outcomes = async () => {
      const all: string[] = [];
      for (let i = 0; i < 12; i++) all.push(await failure());
      return all;
    };
    const first = await outcomes();
    expect(new Set(first)).toEqual(new Set(['none', 'ECONNRESET']));
    const again = await FaultProxy.start({
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      seed: 7,
    });
    await proxy.stop();
    proxy = again;
    await proxy.set({ resetAfterBytes: 0, share: 0.5 });
    expect(await outcomes()).toEqual(first);
  });

  it('goes up and down by a schedule', async () => {
    proxy.schedule([{ forMs: 60, down: true }, { forMs: 60 }]);
    await expect.poll(failure, { interval: 5, timeout: 5_000 }).toBe('ECONNREFUSED');
    await expect.poll(failure, { interval: 5, timeout: 5_000 }).toBe('none');
    await expect.poll(failure, { interval: 5, timeout: 5_000 }).toBe('ECONNREFUSED');
  });

  it('leaves no connection open', async () => {
    for (let i = 0; i < 5; i++) await ask(false);
    await expect.poll(() => proxy.openConnections).toBe(0);
  });
});

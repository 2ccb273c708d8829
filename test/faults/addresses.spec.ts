import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { NameResolver } from '@frontage/balancing';
import { createUpstream, type Upstream } from '@frontage/clients';
import { RequestContext } from '@frontage/context';
import { SchemaTable, systemClock, type OperationInfo } from '@frontage/core';
import { DnsServer } from '@frontage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const operation: OperationInfo = {
  contract: { upstream: 'orders', title: 'Orders', version: '1', schemas: new SchemaTable([]) },
  id: 'where',
  method: 'GET',
  path: '/where',
  responses: [{ status: '200', media: 'application/json' }],
};

/** Responds with its own address. */
async function serverAt(host: string, port: number, delayMs = 0): Promise<Server> {
  const server = createServer((_, response) => {
    setTimeout(() => response.setHeader('content-type', 'application/json').end(JSON.stringify(host)), delayMs);
  });
  server.listen(port, host);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_, count) => resolve(count)));

async function worldOf(transport: 'undici' | 'direct' | 'axios', delayMs = 0) {
  const first = await serverAt('127.0.0.1', 0, delayMs);
  const { port } = first.address() as AddressInfo;
  const second = await serverAt('127.0.0.2', port, delayMs);
  const dns = await DnsServer.start({ 'orders.test': { addresses: ['127.0.0.1'], ttl: 1 } });
  const names = new NameResolver({ servers: [dns.address] });
  const upstream = createUpstream(
    'orders',
    { urls: [`http://orders.test:${port}`], transport, connections: 8, timeoutMs: 2_000 },
    { clock: systemClock, names, httpService: new HttpService(axios.create()) },
  );
  onTestFinished(async () => {
    await upstream.close();
    names.close();
    await dns.stop();
  });
  return { first, second, dns, upstream };
}

const where = async (upstream: Upstream): Promise<unknown> => {
  const context = new RequestContext('request-1', systemClock.now(), 'GET', '127.0.0.1', {});
  const scope = { context, part: 'orders', deadlineAt: Number.POSITIVE_INFINITY, cancellation: context.cancellation };
  const outcome = await upstream.executor(operation)({}, scope);
  return outcome.ok ? outcome.value : outcome;
};

describe.each(['undici', 'direct', 'axios'] as const)('a changed address, over %s (RELIABILITY F22)', (transport) => {
  it('is taken under traffic on kept connections, and no request is lost', async () => {
    const { first, dns, upstream } = await worldOf(transport);
    const answers = async (): Promise<unknown[]> => Promise.all(Array.from({ length: 8 }, () => where(upstream)));
    expect(new Set(await answers())).toEqual(new Set(['127.0.0.1']));
    dns.replies.set('orders.test', { addresses: ['127.0.0.2'], ttl: 1 });
    const changedAt = performance.now();
    const seen = new Set<unknown>();
    for (;;) {
      const now = new Set(await answers());
      for (const each of now) seen.add(each);
      if (now.size === 1 && now.has('127.0.0.2')) break;
      expect(performance.now() - changedAt).toBeLessThan(5_000);
    }
    expect(seen).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
    await expect.poll(() => connectionsOf(first)).toBe(0);
  });

  it('lets what is under way at the old address end there', async () => {
    const { dns, upstream, second } = await worldOf(transport, 1_500);
    const underWay = where(upstream);
    await expect.poll(() => dns.asked.length).toBe(1);
    dns.replies.set('orders.test', { addresses: ['127.0.0.2'], ttl: 60 });
    await expect.poll(() => dns.asked.length, { timeout: 5_000 }).toBe(2);
    expect(await underWay).toBe('127.0.0.1');
    expect(await where(upstream)).toBe('127.0.0.2');
    expect(await connectionsOf(second)).toBe(1);
  });

  it('is not needed where one of several addresses is dead', async () => {
    const { dns, upstream, first } = await worldOf(transport);
    dns.replies.set('orders.test', { addresses: ['127.0.0.3', '127.0.0.1', '127.0.0.4'], ttl: 1 });
    expect(new Set(await Promise.all(Array.from({ length: 8 }, () => where(upstream))))).toEqual(
      new Set(['127.0.0.1']),
    );
    expect(await connectionsOf(first)).toBeGreaterThan(0);
  });

  it('costs one question for a burst of connections, and a dead name fails as such', async () => {
    const { dns, upstream } = await worldOf(transport);
    await Promise.all(Array.from({ length: 40 }, () => where(upstream)));
    expect(dns.asked).toEqual(['orders.test']);
    dns.replies.delete('orders.test');
    await upstream.close();
  });
});

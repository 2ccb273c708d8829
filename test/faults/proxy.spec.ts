import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { createUpstream, type UpstreamOptions } from '@frontage/clients';
import { RequestContext } from '@frontage/context';
import { SchemaTable, systemClock, type OperationInfo, type Outcome } from '@frontage/core';
import { sourceArguments } from '@frontage/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

const operation: OperationInfo = {
  contract: { upstream: 'orders', title: 'Orders', version: '1', schemas: new SchemaTable([]) },
  id: 'hello',
  method: 'GET',
  path: '/hello',
  responses: [{ status: '200', media: 'application/json' }],
};

/** A proxy as a process of its own; it writes a line per request. */
async function startProxy(): Promise<{ readonly port: number; readonly lines: string[] }> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const script = fileURLToPath(new URL('fixtures/forward-proxy.ts', import.meta.url));
  const child = spawn(process.execPath, sourceArguments(script), { stdio: ['ignore', 'pipe', 'inherit'], env });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const [first] = (await once(reader, 'line')) as [string];
  reader.on('line', (line) => lines.push(line));
  return { port: Number(first), lines };
}

async function startTarget(): Promise<number> {
  const server = createServer((request, response) => {
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify(request.headers['proxy-authorization'] ?? 'none'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function call(options: UpstreamOptions): Promise<{ outcome: Outcome<unknown>; record: unknown }> {
  const upstream = createUpstream('orders', options, {
    clock: systemClock,
    httpService: new HttpService(axios.create()),
  });
  const context = new RequestContext('request-1', systemClock.now(), 'GET', '127.0.0.1', {});
  const scope = { context, part: 'orders', deadlineAt: Number.POSITIVE_INFINITY, cancellation: context.cancellation };
  try {
    return { outcome: await upstream.executor(operation)({}, scope), record: context.calls };
  } finally {
    await upstream.close();
  }
}

describe.each(['undici', 'direct', 'axios'] as const)('a proxy, over %s', (transport) => {
  it('carries calls, with its credentials, to a host that only it knows', async () => {
    const proxy = await startProxy();
    const port = await startTarget();
    const options = { urls: [`http://target.only-the-proxy-knows.test:${port}`], transport, timeoutMs: 5_000 };
    const { outcome } = await call({ ...options, proxy: `http://gate:s3cret@127.0.0.1:${proxy.port}` });
    // Headers for the proxy are not passed on to the upstream.
    expect(outcome).toEqual({ ok: true, value: 'none' });
    expect(proxy.lines).toEqual([
      `GET http://target.only-the-proxy-knows.test:${port}/hello Basic ${btoa('gate:s3cret')}`,
    ]);
  });

  it('is asked for a tunnel where the address is https', async () => {
    const proxy = await startProxy();
    const port = await startTarget();
    const options = { urls: [`https://target.only-the-proxy-knows.test:${port}`], transport, timeoutMs: 5_000 };
    const { outcome } = await call({ ...options, proxy: `http://gate:s3cret@127.0.0.1:${proxy.port}` });
    // The target speaks no TLS: this test looks at the tunnel only.
    expect(outcome.ok).toBe(false);
    expect(proxy.lines[0]).toBe(`CONNECT target.only-the-proxy-knows.test:${port} Basic ${btoa('gate:s3cret')}`);
  });

  it('that refuses fails the call, and its password is in no record', async () => {
    const proxy = await startProxy();
    for (const protocol of ['http', 'https']) {
      const options = { urls: [`${protocol}://refused.test`], transport, timeoutMs: 3_000 };
      const { outcome, record } = await call({ ...options, proxy: `http://gate:s3cret@127.0.0.1:${proxy.port}` });
      expect(outcome.ok).toBe(false);
      expect(JSON.stringify([outcome, record])).not.toMatch(/s3cret|Z2F0ZTpzM2NyZXQ/);
    }
  });

  it('that is not there fails the call', async () => {
    const { outcome, record } = await call({
      urls: ['http://target.test'],
      transport,
      timeoutMs: 3_000,
      proxy: 'http://gate:s3cret@127.0.0.1:1',
    });
    expect(outcome.ok).toBe(false);
    expect(JSON.stringify([outcome, record])).not.toContain('s3cret');
  });

  it('of the environment is not used', async () => {
    const proxy = await startProxy();
    const port = await startTarget();
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY'])
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    expect((await call({ urls: [`http://127.0.0.1:${port}`], transport, timeoutMs: 5_000 })).outcome.ok).toBe(true);
    expect(proxy.lines).toEqual([]);
  });
});

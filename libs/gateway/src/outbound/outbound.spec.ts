import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loadConfig } from '@frontage/config';
import { systemClock } from '@frontage/core';
import { startTracing } from '@frontage/tracing';
import { DnsServer } from '@frontage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { policyFile } from '../fixtures/gateway-under-test.js';
import { Outbound } from './outbound.js';

/** A server on the loopback that a name of the name server leads to. */
async function world() {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    request.resume().on('end', () => response.end('here'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dns = await DnsServer.start({ 'id.test': { addresses: ['127.0.0.1'] } });
  const file = policyFile(`bff: spec\nlisten: { port: 0 }\ndns: { servers: ['${dns.address}'] }\n`);
  const outbound = new Outbound(loadConfig(file, { env: {}, environment: 'test' }), systemClock);
  onTestFinished(async () => {
    outbound.close();
    server.closeAllConnections();
    server.close();
    await dns.stop();
  });
  return { dns, outbound, paths, port: (server.address() as AddressInfo).port };
}

describe('a server that an app reaches beside its upstreams', () => {
  it('is found by the same resolver, in one question', async () => {
    const { dns, outbound, port } = await world();
    const { agent } = outbound.agentFor(`http://id.test:${port}/keys`, undefined);
    const ask = async (): Promise<string> => {
      const [response] = (await once(get(`http://id.test:${port}/keys`, { agent }), 'response')) as [IncomingMessage];
      return text(response);
    };
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['here', 'here', 'here']);
    expect(dns.asked).toEqual(['id.test']);
  });

  it('goes through the proxy that policy names', async () => {
    const { outbound, paths, port } = await world();
    const { agent, isProxied } = outbound.agentFor('http://elsewhere.test/keys', `http://127.0.0.1:${port}`);
    const [response] = (await once(get('http://elsewhere.test/keys', { agent }), 'response')) as [IncomingMessage];
    expect([await text(response), isProxied, paths]).toEqual(['here', true, ['http://elsewhere.test/keys']]);
  });

  it('has spans taken by a collector that the resolver finds', async () => {
    const { dns, outbound, port, paths } = await world();
    const url = `http://id.test:${port}`;
    const tracing = await startTracing({
      app: 'spec',
      log: { level: 'silent' },
      spans: { otlp: { url, agent: outbound.agentFor(url, undefined).agent }, sampleRatio: 1 },
    });
    const { RequestContext } = await import('@frontage/context');
    const { channels } = await import('@frontage/core');
    const context = new RequestContext('request-1', systemClock.now(), 'GET', '127.0.0.1', {});
    context.traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    channels.requestEnded.publish({ context, status: 200, endedAt: systemClock.now(), clientGone: false });
    await tracing.stop();
    expect([paths, dns.asked]).toEqual([['/v1/traces'], ['id.test']]);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module, StreamableFile } from '@nestjs/common';
import {
  createUpstream,
  createClient,
  SchemaTable,
  UpstreamError,
  type Client,
  type Operation,
} from '@frontage/clients';
import { Public } from '@frontage/auth';
import { systemClock, type DeepReadonly } from '@frontage/core';
import { loadConfig } from '@frontage/config';
import { createGateway, InjectClient, type Gateway } from '@frontage/gateway';
import * as orders from '@frontage/upstreams/orders';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { Cancellations, OrdersController } from './orders.controller.js';

const contract = { upstream: 'invoices', title: 'Invoices', version: '1', schemas: new SchemaTable([]) };
const getInvoice: Operation<Record<never, never>, Uint8Array, Record<never, never>, 'GET'> = {
  contract,
  id: 'getInvoice',
  method: 'GET',
  path: '/invoice',
  responses: [{ status: '200', media: 'application/pdf' }],
};
const invoices = { contract, getInvoice };

@Public()
@Controller('invoice')
class InvoiceController {
  @Get()
  async show(@InjectClient(invoices) client: Client<typeof invoices>) {
    const { body, contentType = 'application/pdf' } = await client.getInvoice.download();
    return new StreamableFile(body, { type: contentType });
  }
}

@Module({ controllers: [OrdersController, InvoiceController], providers: [Cancellations] })
class AppModule {}

@Module({ controllers: [OrdersController], providers: [Cancellations] })
class OrdersModule {}

const folder = mkdtempSync(join(tmpdir(), 'typed-clients-'));
const seen: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let upstream: Server;
let url: string;
let gateway: Gateway;

function policy(upstreams: string): Gateway {
  const file = join(folder, 'bff.yaml');
  writeFileSync(
    file,
    `bff: spec\nlisten: { port: 0, adminPort: 0, trustedProxies: 1 }\nlog: { requests: false }\nupstreams:\n${upstreams}`,
  );
  const address = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const loaded = loadConfig(file, { env: { URL: address }, environment: 'test' });
  return createGateway(upstreams.includes('invoices') ? AppModule : OrdersModule, { loaded });
}

const json = (response: ServerResponse, status: number, value: unknown, type = 'application/json'): void => {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(value));
};

beforeAll(async () => {
  upstream = createServer((request, response) => {
    seen.push(request);
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  gateway = policy(
    "  orders: { urls: ['${URL}'], timeout: 5s, forwardHeaders: [accept-language] }\n  invoices: { urls: ['${URL}'] }\n",
  );
  url = (await gateway.start()).url;
});
afterEach(() => void seen.splice(0));
afterAll(async () => {
  await gateway.close();
  upstream.close();
  rmSync(folder, { recursive: true });
});

describe('a typed client in a hand-written controller', () => {
  it('calls for the request: with its trace, its headers, and the policy of the upstream', async () => {
    answer = (_request, response) => json(response, 200, { id: 'o-1', number: 'A 17' });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const response = await fetch(`${url}/orders/o-1/number`, { headers: { traceparent, 'accept-language': 'de' } });
    expect([response.status, await response.json()]).toEqual([200, { number: 'A 17' }]);
    expect(seen.map(({ method, url: target }) => `${method} ${target}`)).toEqual(['GET /orders/o-1']);
    expect(seen[0]?.headers).toMatchObject({
      'accept-language': 'de',
      'x-request-id': response.headers.get('x-request-id'),
    });
    expect(seen[0]?.headers['traceparent']).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-/);
  });

  it('stops where the client of the request leaves', async () => {
    const aborter = new AbortController();
    const closed = new Promise<void>((resolve) => {
      answer = (request) => {
        request.once('close', () => resolve());
        aborter.abort();
      };
    });
    await expect(fetch(`${url}/orders/o-1/number`, { signal: aborter.signal })).rejects.toThrow();
    await closed;
  });

  it('rejects with the declared error of the contract, typed', async () => {
    answer = (_request, response) => json(response, 404, { title: 'No such order' }, 'application/problem+json');
    const response = await fetch(`${url}/orders/o-1/reason`);
    expect([response.status, await response.json()]).toEqual([200, { reason: 'No such order' }]);
    const uncaught = await fetch(`${url}/orders/o-1/number`);
    expect([uncaught.status, await uncaught.json()]).toMatchObject([404, { code: 'GW_NOT_FOUND' }]);
  });

  it.each([
    [500, 502, 'GW_UPSTREAM_FAILED'],
    [401, 502, 'GW_UPSTREAM_REFUSED'],
  ])(
    'gives the response of a screen where the upstream fails with %i and no code catches the error',
    async (status, expected, code) => {
      answer = (_request, response) => response.writeHead(status).end('secret');
      const response = await fetch(`${url}/orders/o-1/reason`);
      const text = await response.text();
      expect([response.status, JSON.parse(text)]).toMatchObject([expected, { code }]);
      expect(text).not.toMatch(/secret|127\.0\.0\.1/);
    },
  );

  it('keeps to the timeout of a single call', async () => {
    answer = () => undefined;
    const response = await fetch(`${url}/orders/o-1/reason`);
    expect(await response.json()).toMatchObject({ status: 504, code: 'GW_UPSTREAM_TIMEOUT' });
  });

  it('is the same in a constructor, with a request or without one', async () => {
    answer = (_request, response) => json(response, 200, { status: 'CANCELLED' });
    const response = await fetch(`${url}/orders/o-1/cancellation`, {
      method: 'PUT',
      headers: { 'accept-language': 'de' },
    });
    expect(await response.json()).toEqual({ ofTheRequest: 'CANCELLED', ofNoRequest: 'CANCELLED' });
    expect(seen.map(({ headers }) => headers['accept-language'])).toEqual(['de', undefined]);
  });

  it('hands a download on as it arrives', async () => {
    let finish = (): void => undefined;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/pdf' }).write('first,');
      finish = () => void response.end('last');
    };
    const response = await fetch(`${url}/invoice`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first,');
    finish();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('last');
  });
});

describe('a client that is asked for', () => {
  it('stops the boot where its upstream has no address', async () => {
    const lacking = policy("  other: { urls: ['${URL}'] }\n");
    await expect(lacking.start()).rejects.toThrow(/a class asks for a client of the upstream "orders"/);
  });

  it('is no reason to give an address in an app that does not ask for it', async () => {
    const other = policy("  orders: { urls: ['${URL}'] }\n");
    await other.start();
    await other.close();
  });
});

describe('the types of a client', () => {
  const client = createClient(
    orders,
    createUpstream('orders', { urls: ['http://127.0.0.1:1'] }, { clock: systemClock }),
  );

  it('are those of the contract', () => {
    expectTypeOf(client.getOrder).returns.resolves.toEqualTypeOf<DeepReadonly<orders.Order>>();
    expectTypeOf(client.listOrders.values).returns.resolves.toEqualTypeOf<AsyncIterable<orders.OrderPage>>();
    expectTypeOf(client).not.toHaveProperty('contract');
    // @ts-expect-error the path is required
    const missing = () => client.getOrder();
    // @ts-expect-error a status that is none
    const wrong = () => client.cancelOrder({ path: { id: '1' }, body: { reason: 'BORED' } });
    expect([missing, wrong]).toHaveLength(2);
  });

  it('hold at run time: a client without an address returns no value', async () => {
    const failure = await client.getOrder({ path: { id: '1' } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UpstreamError);
    expect(failure).toMatchObject({ reason: 'error', code: 'GW_UPSTREAM_FAILED', upstreamStatus: undefined });
  });
});

it('the page that shows it shows what this test runs', () => {
  const page = readFileSync(new URL('../../docs/typed-clients.md', import.meta.url), 'utf8');
  expect(page).toContain(readFileSync(new URL('orders.controller.ts', import.meta.url), 'utf8'));
});

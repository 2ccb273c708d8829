import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access } from '@frontage/auth';
import { Screen, type Gateway } from '@frontage/gateway';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimsIn } from '../../libs/auth/src/fixtures/proof.js';
import { addItem, getItem } from '../../libs/gateway/src/fixtures/shop.js';
import { BindingProvider, ProofServer } from '../access/binding-provider.js';
import { Browser, startBff, type SessionWorldOptions } from '../access/session-world.js';

const two = screen(
  plan('bound.two', { deadlineMs: 5_000 }, () => ({
    one: required(getItem, { path: { id: 'one?' } }),
    two: required(getItem, { path: { id: 'two' } }),
  })),
  ({ one, two: other }) => ({ one: pick(one, 'name'), two: pick(other, 'name') }),
);
const adding = screen(
  plan('bound.add', { deadlineMs: 5_000 }, () => ({ item: write(addItem, { body: { name: 'x' } }) })),
  ({ item }) => pick(item, 'name'),
);

@Controller()
class Items {
  @Access()
  @Get('two')
  @Screen(two)
  two() {
    return {};
  }
  @Access()
  @Post('add')
  @HttpCode(200)
  @Screen(adding)
  add() {
    return {};
  }
}

interface Call {
  readonly authorization: string;
  readonly proof: string;
  readonly status: number;
}

/** An upstream that takes tokens with a proof of their key alone, and demands its nonce. */
class Upstream {
  readonly calls: Call[] = [];
  readonly proofs = new ProofServer();
  redirectTo: string | undefined;
  readonly #server: Server = createServer((request, response) => {
    void (async () => {
      const { authorization = '', dpop = '' } = request.headers;
      const status = await this.#statusOf(authorization, request, response).catch(() => 403);
      this.calls.push({ authorization, proof: String(dpop), status });
      if (status === 200 && this.redirectTo !== undefined)
        return void response.writeHead(307, { location: this.redirectTo }).end();
      const ok = request.method === 'POST' ? 201 : 200;
      response.writeHead(status === 200 ? ok : status, {
        'content-type': 'application/json',
        ...(status === 401 && { 'www-authenticate': 'DPoP error="use_dpop_nonce"' }),
      });
      return void response.end(JSON.stringify({ id: 'i', name: 'item' }));
    })();
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.url;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo; // a TCP server that listens has such an address
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #statusOf(authorization: string, request: IncomingMessage, response: ServerResponse): Promise<number> {
    const proven = await this.proofs.provenBy(this.url, request, response);
    if (proven === undefined) return 401;
    const { cnf } = claimsIn(authorization.replace(/^DPoP /, ''));
    return typeof cnf === 'object' && cnf !== null && Reflect.get(cnf, 'jkt') === proven ? 200 : 403;
  }
}

let provider: BindingProvider;
let upstream: Upstream;
let clock: ManualClock;
let gateway: Gateway | undefined;
let url = '';
let log = '';

beforeEach(async () => {
  provider = await BindingProvider.start();
  upstream = new Upstream();
  await upstream.start();
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await provider.stop();
  await upstream.stop();
});

async function start(more: SessionWorldOptions = {}): Promise<void> {
  clock = new ManualClock(Date.now());
  upstream.proofs.clock = clock;
  ({ gateway, url, log } = await startBff(provider.issuer, {
    clock,
    controllers: [Items],
    provider: '        dpop: true\n',
    policy: `upstreams:\n  shop: { urls: ['${upstream.url}'], forwardAuthorization: true }\n`,
    ...more,
  }));
}
const statuses = (): readonly number[] => upstream.calls.map(({ status }) => status);

describe('A20 the tokens of a session that are bound to its key', () => {
  it('go upstream with a proof of that key for each call, once the nonce is known', async () => {
    await start();
    const browser = new Browser();
    await browser.logIn(url);
    expect(provider.proofs.told).toBe(1);
    expect((await browser.script(`${url}/two`)).status).toBe(200);
    expect(statuses().toSorted((a, b) => a - b)).toEqual([200, 200, 401, 401]);
    upstream.calls.splice(0);
    expect((await browser.script(`${url}/two`)).status).toBe(200);
    expect(statuses()).toEqual([200, 200]);
    const [first, second] = upstream.calls;
    expect(first?.proof).not.toBe(second?.proof);
    const { htm, htu, ath } = claimsIn(
      upstream.calls.map(({ proof }) => proof).find((proof) => String(claimsIn(proof)['htu']).includes('one')) ?? '',
    );
    expect([htm, htu, ath]).toEqual([
      'GET',
      `${upstream.url}/items/one%3F`,
      hash('sha256', (first?.authorization ?? '').slice(5), 'base64url'),
    ]);
  });

  it('are sent once more when the nonce changes, writes too', async () => {
    await start();
    const browser = new Browser();
    await browser.logIn(url);
    expect((await browser.script(`${url}/add`, 'POST')).status).toBe(200);
    upstream.calls.splice(0);
    upstream.proofs.nonce = 'another';
    expect((await browser.script(`${url}/add`, 'POST')).status).toBe(200);
    expect(statuses()).toEqual([401, 200]);
  });

  it('are not sent again and again to an upstream that refuses them', async () => {
    await start();
    const browser = new Browser();
    await browser.logIn(url);
    await browser.script(`${url}/add`, 'POST');
    upstream.calls.splice(0);
    let nonces = 0;
    Object.defineProperty(upstream.proofs, 'nonce', { get: () => `n${(nonces += 1)}` });
    expect((await browser.script(`${url}/add`, 'POST')).status).toBe(502);
    expect(statuses()).toEqual([401, 401]);
  });

  it('are refreshed with the same key, and each session has its own', async () => {
    provider.expiresIn = 100;
    await start();
    const [ada, grace] = [new Browser(), new Browser()];
    await ada.logIn(url);
    await grace.logIn(url);
    await clock.advance(101_000);
    const answers = await Promise.all([1, 2, 3].map(() => ada.script(`${url}/two`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(provider.grants.map(([grant]) => grant)).toEqual([
      'authorization_code',
      'authorization_code',
      'refresh_token',
    ]);
    const [ofAda, ofGrace, refreshed] = provider.grants.map(([, jkt]) => jkt);
    expect([refreshed === ofAda, ofGrace === ofAda]).toEqual([true, false]);
  });

  it('are no tokens where the provider does not bind them', async () => {
    provider.binds = false;
    await start();
    const browser = new Browser();
    await expect(browser.logIn(url)).rejects.toThrow(/login failed.*403/s);
    expect((await browser.script(`${url}/two`)).status).toBe(401);
    expect(log).not.toBe('');
  });

  it('stay here with their proofs when an upstream redirects to another one', async () => {
    await start({
      policy: `upstreams:\n  shop: { urls: ['${upstream.url}'], forwardAuthorization: true, followRedirects: 1 }\n`,
    });
    const other = new Upstream();
    upstream.redirectTo = `${await other.start()}/items/one`;
    const browser = new Browser();
    await browser.logIn(url);
    await browser.script(`${url}/two`);
    expect(other.calls.every(({ authorization, proof }) => authorization === '' && proof === '')).toBe(true);
    await other.stop();
  });
});

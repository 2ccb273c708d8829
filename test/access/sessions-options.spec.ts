import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Access } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { SchemaTable, type Operation } from '@frontage/core';
import { FrontageModule, Screen, type Gateway } from '@frontage/gateway';
import type { Sandbox } from '@frontage/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policyFile } from './policy-file.js';
import { ask, Browser, ofScript, setProvider, startBff, startProvider, type Fields } from './session-world.js';

const schemas = new SchemaTable([
  ['Lamp', '{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}'],
]);
const contract = { upstream: 'shop', title: 'Shop', version: '1', schemas };
const getLamp: Operation<Record<never, never>, { name: string }, Record<never, never>, 'GET'> = {
  contract,
  id: 'getLamp',
  method: 'GET',
  path: '/lamp',
  responses: [{ status: '200', media: 'application/json', schema: 'Lamp' }],
};
const lampScreen = screen(
  plan('shop.lamp', { deadlineMs: 5_000 }, () => ({ lamp: required(getLamp, {}) })),
  ({ lamp }) => pick(lamp, 'name'),
);

@Controller()
class LampController {
  @Access({ scope: 'home:read' })
  @Get('lamp')
  @Screen(lampScreen)
  show() {
    return {};
  }
}

let sandbox: Sandbox;
let issuer = '';
const gateways: Gateway[] = [];
beforeAll(async () => {
  sandbox = await startProvider();
  issuer = `${sandbox.url}/issuer`;
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
  await setProvider(sandbox, {});
});
afterAll(() => sandbox.close());

async function start(options: Parameters<typeof startBff>[1]): Promise<string> {
  const { gateway, url } = await startBff(issuer, options);
  gateways.push(gateway);
  return url;
}

describe('A11: the token of a session', () => {
  let upstream: Server;
  let received: IncomingHttpHeaders[] = [];
  beforeAll(async () => {
    upstream = createServer((request, response) => {
      received.push(request.headers);
      response.setHeader('content-type', 'application/json').end('{"name":"lamp"}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => upstream.once('listening', resolve));
  });
  beforeEach(() => {
    received = [];
  });
  afterAll(() => upstream.close());
  const policy = (more: string): string => {
    const { port } = upstream.address() as AddressInfo; // a TCP server that listens has such an address
    return `upstreams: { shop: { urls: ['http://127.0.0.1:${port}'], timeout: 5s${more} } }`;
  };

  it('A11: goes to an upstream that gets the token of the user, fresh, and its cookie does not', async () => {
    const url = await start({ controllers: [LampController], policy: policy(', forwardAuthorization: true') });
    await setProvider(sandbox, { accessTokenSeconds: 1 });
    const browser = new Browser();
    await browser.logIn(url);
    await setProvider(sandbox, {});
    const tokenOf = async (): Promise<string> => {
      expect((await browser.script(`${url}/lamp`)).status).toBe(200);
      return received.at(-1)?.authorization ?? '';
    };
    const first = await tokenOf();
    expect(first).toMatch(/^Bearer eyJ/);
    expect(JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ sub: 'ada' });
    await expect.poll(tokenOf, { timeout: 5_000 }).not.toBe(first);
    expect(received.flatMap((headers) => Object.keys(headers))).not.toContain('cookie');
  });

  it('A11: goes to no other upstream', async () => {
    const url = await start({ controllers: [LampController], policy: policy('') });
    const browser = new Browser();
    await browser.logIn(url);
    expect((await browser.script(`${url}/lamp`)).status).toBe(200);
    expect(received.flatMap((headers) => Object.keys(headers))).not.toContain('authorization');
  });

  it('A11: cannot be followed by the cookie: a policy that forwards it does not start', () => {
    const sessions = `access: { sessions: { url: 'http://localhost:1', providers: { main: { issuer: '${issuer}', clientId: a, clientSecret: b, scopes: [c] } } } }`;
    expect(() =>
      loadConfig(policyFile(`${sessions}\n${policy(', forwardHeaders: [cookie]')}`), { env: {}, environment: 'test' }),
    ).toThrow(/"cookie" has the sessions of browsers in it; take it out/);
  });
});

describe('navigation: login', () => {
  const page: Fields = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' };

  it('sends a browser that opens a page to the login and back, and a script gets 401', async () => {
    const url = await start({ sessions: '    navigation: login' });
    const browser = new Browser();
    const opened = await browser.ask(`${url}/me?a=1`, { headers: page });
    expect([opened.status, opened.headers.location]).toEqual([303, `${url}/login?returnTo=%2Fme%3Fa%3D1`]);
    expect((await browser.script(`${url}/me`)).status).toBe(401);
    const begun = await browser.ask(opened.headers.location ?? '', { headers: page });
    const back = await browser.ask(await browser.atProvider(begun.headers.location ?? '', 'ada'));
    expect(back.text).toContain('content="0; url=/me?a=1"');
    for (const site of ['same-origin', 'none'])
      expect((await browser.ask(`${url}/me`, { headers: { ...page, 'sec-fetch-site': site } })).status).toBe(200);
  });

  it('A8: lets no other request pass without the header field', async () => {
    const url = await start({ sessions: '    navigation: login' });
    const browser = new Browser();
    await browser.logIn(url);
    for (const [method, path, fields] of [
      ['GET', '/me', { ...page, 'sec-fetch-site': 'same-site' }],
      ['GET', '/me', { ...page, 'sec-fetch-site': 'cross-site' }],
      ['GET', '/me', { ...page, 'sec-fetch-dest': 'iframe' }],
      ['GET', '/me', { ...page, 'sec-fetch-mode': 'cors' }],
      ['GET', '/me', {}],
      ['POST', '/change', page],
      ['POST', '/logout', page],
    ] as const)
      expect([path, (await browser.ask(url + path, { method, headers: fields })).status]).toEqual([path, 403]);
  });

  it('does not send a user for ever who needs a stronger login', async () => {
    const url = await start({ sessions: '    navigation: login' });
    const browser = new Browser();
    await browser.logIn(url);
    expect((await browser.ask(`${url}/secret`, { headers: page })).status).toBe(401);
  });

  it('is off by default', async () => {
    const url = await start({});
    expect((await ask(`${url}/me`, 'GET', page)).status).toBe(401);
  });
});

describe('several providers', () => {
  it('have redirect URIs and subjects of their own', async () => {
    const url = await start({
      provider: `      staff:
        issuer: ${issuer}
        clientId: staff
        clientSecret: sandbox
        clientAuthentication: client_secret_post
        scopes: [home:read]
        parameters: { audience: staff-api }
        idTokenHint: true`,
    });
    const [customer, staff] = [new Browser(), new Browser()];
    await customer.logIn(url);
    expect(JSON.parse((await customer.script(`${url}/me`)).text)).toMatchObject({ subject: 'main:ada', app: 'shop' });
    const begun = await staff.ask(`${url}/login?provider=staff`);
    const sent = new URL(begun.headers.location ?? '').searchParams;
    expect([sent.get('redirect_uri'), sent.get('audience')]).toEqual([`${url}/callback/staff`, 'staff-api']);
    const back = await staff.atProvider(begun.headers.location ?? '', 'ada');
    // The response of one provider is not taken for that of another.
    expect((await staff.ask(back.replace('/callback/staff', '/callback/main'))).status).toBe(400);
    expect((await staff.ask(back)).status).toBe(200);
    expect(JSON.parse((await staff.script(`${url}/me`)).text)).toMatchObject({ subject: 'staff:ada', app: 'staff' });
    const { location } = JSON.parse((await staff.script(`${url}/logout`, 'POST')).text) as { location: string };
    expect(new URL(location).searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    // With it, the provider asks nothing.
    const ended = await staff.ask(location);
    expect([ended.status, ended.headers.location]).toEqual([303, `${url}/`]);
  });
});

describe('sessions beside tokens', () => {
  it('are one of the strategies of a policy, in its order', async () => {
    const url = await start({
      strategies: '[jwt, session]\n  jwt: { issuer: ISSUER, audience: shop-bff, jwks: ISSUER/jwks.json }'.replaceAll(
        'ISSUER',
        issuer,
      ),
    });
    const token = await sandbox.issueToken({ subject: 'grace', audience: 'shop-bff', scopes: ['home:read'] });
    const browser = new Browser();
    await browser.logIn(url);
    const bearer = { authorization: `Bearer ${token}` };
    expect(JSON.parse((await ask(`${url}/me`, 'GET', bearer)).text)).toMatchObject({ subject: 'grace' });
    expect(JSON.parse((await browser.script(`${url}/me`)).text)).toMatchObject({ subject: 'ada' });
    // A request has one credential.
    expect((await browser.script(`${url}/me`, 'GET', bearer)).status).toBe(401);
    // The token of another kind of caller has no session.
    expect((await ask(`${url}/session`, 'GET', { ...ofScript, ...bearer })).status).toBe(401);
  });

  it('end with a revocation of the subject', async () => {
    const { gateway, url, adminUrl } = await startBff(issuer, { admin: true, policy: 'admin: { token: secret }' });
    gateways.push(gateway);
    const browser = new Browser();
    await browser.logIn(url);
    expect((await browser.script(`${url}/me`)).status).toBe(200);
    const revoked = await fetch(`${adminUrl}/revocations`, {
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
      body: '{"subject":"ada"}',
    });
    expect(revoked.status).toBe(200);
    expect((await browser.script(`${url}/me`)).status).toBe(401);
  });
});

describe('the keys of sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'frontage-session-keys-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are read from a file, and a start without it says so', async () => {
    const file = join(folder, 'keys');
    await expect(start({ sessions: `    keysFile: ${file}` })).rejects.toThrow(
      /the keys of sessions cannot be read \(ENOENT/,
    );
    writeFileSync(file, 'k'.repeat(32));
    const url = await start({ sessions: `    keysFile: ${file}` });
    const browser = new Browser();
    await browser.logIn(url);
    expect((await browser.script(`${url}/me`)).status).toBe(200);
  });
});

describe('an app on Express, below a prefix', () => {
  let app: INestApplication;
  let url = '';
  beforeAll(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo; // a TCP server that listens has such an address
    await new Promise((resolve) => server.close(resolve));
    url = `http://127.0.0.1:${port}/api`;
    const file = policyFile(
      `access: { sessions: { url: '${url}', providers: { main: { issuer: '${issuer}', clientId: a, clientSecret: sandbox, scopes: [home:read] } } } }`,
    );
    @Controller()
    class Routes {
      @Access()
      @Get('hello')
      hello(): string {
        return 'hello';
      }
    }
    const frontage = FrontageModule.forRoot({
      loaded: loadConfig(file, { env: {}, environment: 'test' }),
      admin: false,
    });
    @Module({ imports: [frontage], controllers: [Routes] })
    class ShopModule {}
    app = await NestFactory.create(ShopModule, new ExpressAdapter(), { logger: false });
    app.setGlobalPrefix('api');
    await app.listen(port, '127.0.0.1');
  });
  afterAll(() => app.close());

  it('has the same logins', async () => {
    const browser = new Browser();
    expect((await browser.script(`${url}/hello`)).status).toBe(401);
    const back = await browser.logIn(url, 'ada', '?returnTo=/api/hello');
    expect([back.status, back.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await browser.script(`${url}/hello`)).text).toBe('hello');
    expect((await browser.ask(`${url}/hello`)).status).toBe(403);
    expect(JSON.parse((await browser.script(`${url}/session`)).text)).toMatchObject({ subject: 'ada' });
    await browser.ask(`${issuer}/logout`, { method: 'POST', body: 'request=' });
    await expect.poll(async () => (await browser.script(`${url}/hello`)).status).toBe(401);
  });
});

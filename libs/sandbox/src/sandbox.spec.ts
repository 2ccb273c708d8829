import { createRemoteJWKSet, jwtVerify } from 'jose';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallReport } from './server/call-log.js';
import { findContracts } from './contract/contract-files.js';
import { createSandbox, type Sandbox } from './sandbox.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let sandbox: Sandbox;
beforeAll(async () => {
  const contracts = await findContracts(root);
  sandbox = await createSandbox({
    contracts: contracts.filter(({ upstream }) =>
      ['users', 'content', 'inventory', 'catalogue', 'orders', 'carts'].includes(upstream),
    ),
    audiences: () => ['mobile-bff', 'web-bff'],
  });
});
afterAll(() => sandbox.close());
afterEach(async () => {
  await fetch(`${sandbox.url}/__sandbox/faults`, { method: 'DELETE' });
  await fetch(`${sandbox.url}/__sandbox/calls`, { method: 'DELETE' });
});

const put = (upstream: string, fault: object): Promise<Response> =>
  fetch(`${sandbox.url}/__sandbox/${upstream}/faults`, { method: 'PUT', body: JSON.stringify(fault) });
const calls = async (): Promise<CallReport> =>
  (await (await fetch(`${sandbox.url}/__sandbox/calls`)).json()) as CallReport;
interface Problem {
  readonly status: number;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}
const problemOf = async (target: string, init?: RequestInit): Promise<Problem> => {
  const response = await fetch(sandbox.url + target, init);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as Problem;
  expect(body).toMatchObject({ status: response.status });
  return body;
};

/** The bytes that a client without HTTP library receives until the connection ends or `stopAt` arrives. */
async function rawly(target: string, stopAt?: string): Promise<{ readonly bytes: string; readonly end: string }> {
  const { port } = new URL(sandbox.url);
  const socket = connect(Number(port), '127.0.0.1');
  let bytes = '';
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('data', (chunk) => {
    bytes += chunk.toString();
    if (stopAt !== undefined && bytes.includes(stopAt)) resolve('still open');
  });
  socket
    .once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    .once('end', () => resolve('FIN'));
  socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const end = await promise;
  socket.destroy();
  return { bytes, end };
}

describe('a request that breaks its contract', () => {
  const post = (body: string, type = 'application/json'): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': type },
  });

  it.each([
    ['a required parameter is missing', '/inventory/stock', '/query'],
    ['a number is out of bounds', '/catalogue/products?limit=101', '/query/limit'],
    ['a number is none', '/catalogue/products?limit=many', '/query/limit'],
    ['a value is not of its enum', '/content/banners?slot=LEFT', '/query/slot'],
    ['a value is not of an enum that only parameters use', '/catalogue/search?q=a&sort=SIDEWAYS', '/query/sort'],
    ['a list is too long', `/inventory/stock?skus=${Array(101).fill('a').join(',')}`, '/query/skus'],
    ['a pattern does not match', '/content/pages/NO', '/path/slug'],
    ['a date is none', '/catalogue/products?updatedSince=yesterday', '/query/updatedSince'],
    ['an escape is none', '/users/users/%zz', ''],
  ])('gets a 400 with a pointer: %s', async (_, target, pointer) => {
    const { status, errors } = await problemOf(target);
    expect(status).toBe(400);
    expect(errors[0]?.pointer).toBe(pointer);
  });

  it('gets one for its body and its headers too', async () => {
    const body = await problemOf('/carts/carts/ada/items', post('{"sku":"a","quantity":"1"}'));
    expect(body.errors).toEqual([{ pointer: '/body/quantity', rule: 'type', message: 'must be integer' }]);
    expect((await problemOf('/carts/carts/ada/items', post('{'))).status).toBe(400);
    expect((await problemOf('/carts/carts/ada/items', { method: 'POST' })).errors[0]?.message).toBe('is required');
    const { errors } = await problemOf('/orders/orders', post('{"customerId":"ada"}'));
    expect(errors).toEqual([
      { pointer: '/header', rule: 'required', message: "must have required property 'idempotency-key'" },
    ]);
  });

  it('gets 404, 405 and 415 where there is no such path, method or media type', async () => {
    expect((await problemOf('/users/nothing')).status).toBe(404);
    expect((await problemOf('/nobody/nothing')).status).toBe(404);
    const response = await fetch(`${sandbox.url}/users/users/ada`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await problemOf('/carts/carts/ada/items', post('{}', 'text/plain'))).status).toBe(415);
  });
});

describe('a fault', () => {
  it('delays a response', async () => {
    await put('users', { latencyMs: 60 });
    const start = performance.now();
    expect((await fetch(`${sandbox.url}/users/users/ada`)).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(59);
  });

  it('responds with a status, a problem and Retry-After', async () => {
    await put('users', { status: 503, retryAfter: 7 });
    const response = await fetch(`${sandbox.url}/users/users/ada`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '7']);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('responds with any JSON', async () => {
    await put('users', { payload: { id: 7, secret: 'x' } });
    const response = await fetch(`${sandbox.url}/users/users/ada`);
    expect([response.status, await response.json()]).toEqual([200, { id: 7, secret: 'x' }]);
  });

  it('sends nothing, a head only, or half a body', async () => {
    await put('users', { hang: true });
    const asked = request(`${sandbox.url}/users/users/ada`).on('error', () => {});
    asked.end();
    await vi.waitFor(async () => expect((await calls()).counts).toMatchObject([{ operation: 'getUser', open: 1 }]));
    asked.destroy();
    await vi.waitFor(async () =>
      expect((await calls()).counts).toMatchObject([{ operation: 'getUser', open: 0, aborted: 1 }]),
    );

    await put('users', { hang: 'after_headers' });
    expect((await rawly('/users/users/ada', '\r\n\r\n')).bytes).toMatch(/^HTTP\/1\.1 200 OK\r\n[^{]*$/);
    await put('users', { hang: 'mid_body' });
    expect((await rawly('/users/users/ada', 'Lovelace')).bytes).not.toContain('newsletter');
  });

  it('resets the connection before a response and in the middle of one', async () => {
    await put('users', { reset: true });
    expect(await rawly('/users/users/ada')).toEqual({ bytes: '', end: 'ECONNRESET' });
    await put('users', { reset: 'mid_body' });
    expect((await rawly('/users/users/ada')).end).toBe('ECONNRESET');
    expect((await calls()).recent.map(({ state }) => state)).toEqual(['reset', 'reset']);
  });

  it.each([
    [true, /^\{"id":"ada".*[^}]$/],
    ['html', /^<!doctype html>/],
    ['empty', /^$/],
  ])('responds with 200 and a body that is no JSON: %s', async (badPayload, expected) => {
    await put('users', { badPayload });
    const response = await fetch(`${sandbox.url}/users/users/ada`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.text()).toMatch(expected);
  });

  it('sends a body piece by piece', async () => {
    await put('users', { slowBody: { bytes: 50, everyMs: 1 } });
    const response = await fetch(`${sandbox.url}/users/users/ada`);
    const sizes: number[] = [];
    for await (const chunk of response.body ?? []) sizes.push(chunk.length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(Number(response.headers.get('content-length')));
  });

  it('concerns its share of the calls, evenly spread', async () => {
    await put('users', { status: 500, rate: 0.25 });
    const statuses: number[] = [];
    for (let call = 0; call < 8; call += 1) statuses.push((await fetch(`${sandbox.url}/users/users/ada`)).status);
    expect(statuses).toEqual([200, 200, 200, 500, 200, 200, 200, 500]);
  });

  it('of one operation leaves the others alone, and wins over that of the upstream', async () => {
    await put('users', { status: 503 });
    await put('users', { operation: 'getUser', status: 502 });
    expect((await fetch(`${sandbox.url}/users/users/ada`)).status).toBe(502);
    expect((await fetch(`${sandbox.url}/users/users/ada/addresses`)).status).toBe(503);
    expect((await fetch(`${sandbox.url}/content/banners`)).status).toBe(200);
    const listed = await fetch(`${sandbox.url}/__sandbox/users/faults`);
    expect(await listed.json()).toEqual([{ status: 503 }, { operation: 'getUser', status: 502 }]);
    await fetch(`${sandbox.url}/__sandbox/users/faults?operation=getUser`, { method: 'DELETE' });
    expect((await fetch(`${sandbox.url}/users/users/ada`)).status).toBe(503);
    await fetch(`${sandbox.url}/__sandbox/users/faults`, { method: 'DELETE' });
    expect((await fetch(`${sandbox.url}/users/users/ada`)).status).toBe(200);
  });

  it('does not change state where the request is not performed', async () => {
    await put('carts', { status: 500 });
    await fetch(`${sandbox.url}/carts/carts/grace`, { method: 'DELETE' });
    await fetch(`${sandbox.url}/__sandbox/carts/faults`, { method: 'DELETE' });
    const cart = await fetch(`${sandbox.url}/carts/carts/grace`);
    expect(await cart.json()).toMatchObject({ itemCount: 1 });
  });

  it.each([
    [{ latency: 5 }, 'There is no fault "latency". There are: operation, latencyMs,'],
    [{ operation: 'getusers' }, 'There is no operation getusers. There are: getUser,'],
    [{ rate: 2 }, 'rate is 2, and must be a share from 0 to 1.'],
    [[], 'A fault is a JSON object'],
  ])('that is invalid is refused with the right form: %j', async (fault, message) => {
    const response = await put('users', fault);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining(message) });
  });

  it('of an unknown upstream is refused', async () => {
    const response = await put('user', { status: 500 });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('users');
  });
});

describe('the log of calls', () => {
  it('shows the requests, without credentials', async () => {
    await fetch(`${sandbox.url}/users/users/ada?x=1`, {
      headers: { authorization: 'Bearer secret', 'x-request-id': 'r1' },
    });
    const { recent, counts } = await calls();
    expect(counts).toEqual([{ upstream: 'users', operation: 'getUser', count: 1, aborted: 0, open: 0, maxOpen: 1 }]);
    expect(recent).toMatchObject([
      { target: '/users/ada?x=1', status: 200, state: 'answered', headers: { 'x-request-id': 'r1' } },
    ]);
    expect(JSON.stringify(recent)).not.toContain('secret');
  });

  it('wakes clients that wait for a new call', async () => {
    const { version } = await calls();
    const waiting = fetch(`${sandbox.url}/__sandbox/calls?since=${version}`);
    await fetch(`${sandbox.url}/users/users/ada`);
    const report = (await (await waiting).json()) as CallReport;
    expect(report.version).toBeGreaterThan(version);
    expect(report.recent).toMatchObject([{ operation: 'getUser' }]);
  });

  it('keeps the last 500', async () => {
    for (let call = 0; call < 505; call += 1) await (await fetch(`${sandbox.url}/users/users/u${call}`)).arrayBuffer();
    const { recent, counts } = await calls();
    expect(recent.length).toBe(500);
    expect(recent[0]?.target).toBe('/users/u5');
    expect(counts[0]?.count).toBe(505);
  });
});

describe('a token', () => {
  const ask = async (init: RequestInit): Promise<{ readonly access_token: string }> => {
    const response = await fetch(`${sandbox.url}/issuer/token`, { method: 'POST', ...init });
    return (await response.json()) as { readonly access_token: string };
  };
  const verify = async (token: string, audience: string) => {
    const discovery = (await (await fetch(`${sandbox.url}/issuer/.well-known/openid-configuration`)).json()) as {
      readonly jwks_uri: string;
      readonly issuer: string;
    };
    const jwks = createRemoteJWKSet(new URL(discovery.jwks_uri));
    return jwtVerify(token, jwks, { issuer: discovery.issuer, audience, algorithms: ['ES256'] });
  };

  it('verifies against the published keys, requested with a form', async () => {
    const response = await ask({
      body: new URLSearchParams({ user: 'ada', scope: 'home:read cart:write', expires_in: '60' }),
    });
    expect(response).toMatchObject({ token_type: 'Bearer', expires_in: 60, scope: 'home:read cart:write' });
    const { payload, protectedHeader } = await verify(response.access_token, 'web-bff');
    expect(payload).toMatchObject({
      sub: 'ada',
      scope: 'home:read cart:write',
      roles: [],
      aud: ['mobile-bff', 'web-bff'],
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    expect(protectedHeader).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  });

  it('is for one audience where JSON says so, with roles and a tenant', async () => {
    const body = JSON.stringify({
      subject: 'acme',
      scopes: ['orders:write'],
      audience: 'partner-bff',
      roles: ['buyer'],
      tenant: 't1',
    });
    const { access_token: token } = await ask({ body });
    const { payload } = await verify(token, 'partner-bff');
    expect(payload).toMatchObject({ aud: 'partner-bff', roles: ['buyer'], tenant: 't1' });
    await expect(verify(token, 'mobile-bff')).rejects.toThrow(/"aud"/);
  });

  it('can be made invalid for tests: expired, of another issuer', async () => {
    const late = await sandbox.issueToken({ subject: 'ada', expiresInSeconds: -120 });
    await expect(verify(late, 'mobile-bff')).rejects.toThrow(/"exp"/);
    const foreign = await sandbox.issueToken({ subject: 'ada', claims: { iss: 'https://other.example' } });
    await expect(verify(foreign, 'mobile-bff')).rejects.toThrow(/"iss"/);
  });

  it('needs a user', async () => {
    expect(await ask({ body: '{}' })).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringContaining('user='),
    });
  });
});

describe('the start', () => {
  it('is refused in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(createSandbox({ contracts: [] })).rejects.toThrow('NODE_ENV=production');
    vi.unstubAllEnvs();
  });

  it('says that the port is taken', async () => {
    const port = Number(new URL(sandbox.url).port);
    await expect(createSandbox({ contracts: [], port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('finds the contracts of the organisation and of apps, and gives two of one name different names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-sandbox-'));
    for (const path of ['libs/upstreams/orders', 'apps/tv/upstreams/orders', 'apps/tv/upstreams/epg', 'apps/web/src']) {
      await mkdir(join(folder, path), { recursive: true });
      if (path.includes('upstreams')) await writeFile(join(folder, path, 'openapi.yaml'), '');
    }
    expect((await findContracts(folder)).map(({ upstream }) => upstream)).toEqual(['orders', 'epg', 'tv.orders']);
    await rm(folder, { recursive: true });
  });

  it("plays the example shop for its own contracts alone: a team's operation may have the same name", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-sandbox-'));
    const contract = (info: string): string => {
      const response = `{ '200': { description: ok, content: { application/json: { schema: { type: object, required: [name], properties: { name: { type: string, example: Own } } } } } } }`;
      const id = '{ name: id, in: path, required: true, schema: { type: string } }';
      return `openapi: 3.0.3\ninfo: { title: Users, version: '1'${info} }\npaths: { '/users/{id}': { get: { operationId: getUser, parameters: [${id}], responses: ${response} } } }\n`;
    };
    const files = { users: contract(''), people: contract(', x-frontage-sandbox: users'), others: contract(', x-frontage-sandbox: toString') }; // prettier-ignore
    const contracts = Object.keys(files).map((upstream) => ({ upstream, file: join(folder, `${upstream}.yaml`) }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.yaml`), text);
    const played = await createSandbox({ contracts });
    const nameIn = async (upstream: string): Promise<unknown> =>
      (await fetch(`${played.url}/${upstream}/users/ada`)).json();
    expect(await nameIn('users')).toEqual({ name: 'Own' });
    expect(await nameIn('people')).toMatchObject({ name: 'Ada Lovelace' });
    expect(await nameIn('others')).toEqual({ name: 'Own' });
    await played.close();
    await rm(folder, { recursive: true });
  });

  it('plays a contract as its overlay changes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-sandbox-'));
    await mkdir(join(folder, 'libs/upstreams/orders'), { recursive: true });
    const response = `{ '200': { description: ok, content: { application/json: { schema: { type: object } } } } }`;
    await writeFile(
      join(folder, 'libs/upstreams/orders/openapi.yaml'),
      `openapi: 3.0.3\ninfo: { title: O, version: '1' }\npaths: { /a: { get: { operationId: a, responses: ${response} } } }\n`,
    );
    await writeFile(
      join(folder, 'libs/upstreams/orders/overlay.yaml'),
      `overlay: 1.0.0\nactions: [{ target: $..schema, update: { required: [note], properties: { note: { const: mended } } } }]\n`,
    );
    const played = await createSandbox({ contracts: await findContracts(folder), behaviours: {} });
    expect(await (await fetch(`${played.url}/orders/a`)).json()).toEqual({ note: 'mended' });
    await played.close();
    await rm(folder, { recursive: true });
  });

  it('ends open connections when closed', async () => {
    const short = await createSandbox({ contracts: [] });
    const socket = connect(Number(new URL(short.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    await short.close();
    await ended;
  });

  it('has an index page', async () => {
    const index = await (await fetch(`${sandbox.url}/`)).json();
    expect(index).toMatchObject({
      issuer: `${sandbox.url}/issuer`,
      upstreams: expect.arrayContaining([expect.objectContaining({ upstream: 'users' })]),
    });
  });
});

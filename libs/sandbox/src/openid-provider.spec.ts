import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from './sandbox.js';

let sandbox: Sandbox;
let issuer = '';
beforeAll(async () => {
  sandbox = await createSandbox({ contracts: [], audiences: () => ['web-bff'], seed: 'provider' });
  issuer = `${sandbox.url}/issuer`;
});
afterAll(() => sandbox.close());
afterEach(() => fetch(`${sandbox.url}/__sandbox/issuer`, { method: 'DELETE' }));

const redirectUri = 'http://localhost:9/callback/sandbox';
const basic = `Basic ${Buffer.from('web:sandbox').toString('base64')}`;

function authorization(more: Readonly<Record<string, string>> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'web',
    redirect_uri: redirectUri,
    scope: 'openid home:read',
    state: 's-1',
    nonce: 'n-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { verifier, query, url: `${issuer}/authorize?${query}` };
}

const manual = (url: string, init: RequestInit = {}): Promise<Response> => fetch(url, { redirect: 'manual', ...init });

/** Sends the form of the login page. */
const logIn = (query: URLSearchParams, user = 'ada'): Promise<Response> =>
  manual(`${issuer}/login`, { method: 'POST', body: new URLSearchParams({ user, request: query.toString() }) });

const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
const target = (response: Response): URL => new URL(response.headers.get('location') ?? 'none:');

async function token(form: Readonly<Record<string, string>>, auth = basic) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { authorization: auth },
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, string>> };
}

/** A login up to its tokens. */
async function tokens(
  user = 'ada',
  more: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const { verifier, query } = authorization(more);
  const logged = await logIn(query, user);
  const code = target(logged).searchParams.get('code') ?? '';
  const { body } = await token({
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: more['redirect_uri'] ?? redirectUri,
  });
  return { ...body, cookie: cookieOf(logged) };
}

const verified = async (text: string | undefined) =>
  (await jwtVerify(text ?? '', createRemoteJWKSet(new URL(`${issuer}/jwks.json`)), { issuer })).payload;

describe('the OpenID provider of the sandbox', () => {
  it('shows a login page with the users of the sandbox, and nothing of the request as markup', async () => {
    const { url } = authorization({ client_id: '<script>alert(1)</script>', state: '"><b>' });
    const response = await fetch(url);
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).toContain('<button name="user" value="ada">Ada Lovelace');
    expect(page).toContain('<label for="user">');
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('"><b>');
  });

  it('gives tokens for a code, a verifier and the client', async () => {
    const { verifier, query } = authorization({ acr_values: 'mfa' });
    const logged = await logIn(query);
    expect(logged.status).toBe(303);
    const { searchParams } = target(logged);
    expect(Object.fromEntries(searchParams)).toMatchObject({ state: 's-1', iss: issuer });
    const form = {
      grant_type: 'authorization_code',
      code: searchParams.get('code') ?? '',
      code_verifier: verifier,
      redirect_uri: redirectUri,
    };
    const { status, body } = await token(form);
    expect([status, body['token_type'], body['scope']]).toEqual([200, 'Bearer', 'openid home:read']);
    const idToken = await verified(body['id_token']);
    expect(idToken).toMatchObject({ sub: 'ada', aud: 'web', nonce: 'n-1', acr: 'mfa' });
    const access = await verified(body['access_token']);
    expect(access).toMatchObject({ sub: 'ada', aud: ['web-bff'], client_id: 'web', sid: idToken['sid'] });
    // A code is good once.
    expect(await token(form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, basic],
    ['another redirect URI', { redirect_uri: `${redirectUri}/` }, basic],
    ['another client', {}, `Basic ${Buffer.from('other:sandbox').toString('base64')}`],
  ])('refuses a code with %s', async (_, change, auth) => {
    const { verifier, query } = authorization();
    const code = target(await logIn(query)).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
    expect(await token({ ...form, ...change }, auth)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('refuses a client with another secret', async () => {
    const wrong = `Basic ${Buffer.from('web:guess').toString('base64')}`;
    expect(await token({ grant_type: 'client_credentials' }, wrong)).toMatchObject({ status: 401 });
  });

  it('redirects to this machine only', async () => {
    for (const uri of ['https://evil.example/callback', 'javascript:alert(1)', 'http://ada@localhost/', '/callback']) {
      const { url, query } = authorization({ redirect_uri: uri });
      expect([uri, (await manual(url)).status, (await logIn(query)).status]).toEqual([uri, 400, 400]);
    }
    const away = new URLSearchParams({ post_logout_redirect_uri: 'https://evil.example/' });
    expect((await manual(`${issuer}/end-session?${away}`)).status).toBe(400);
  });

  it('wants PKCE with S256', async () => {
    for (const [name, value] of [
      ['code_challenge_method', 'plain'],
      ['code_challenge', ''],
    ] as const) {
      const { url } = authorization({ [name]: value });
      expect(target(await manual(url)).searchParams.get('error')).toBe('invalid_request');
    }
  });

  it('asks a browser once, and again for prompt=login or an older login than max_age', async () => {
    const cookie = cookieOf(await logIn(authorization().query));
    const statusOf = async (more: Readonly<Record<string, string>>, headers = { cookie }): Promise<number> =>
      (await manual(authorization(more).url, { headers })).status;
    expect(await statusOf({})).toBe(303);
    expect(await statusOf({ prompt: 'login' })).toBe(200);
    expect(await statusOf({ max_age: '-1' })).toBe(200);
    expect(await statusOf({ max_age: '3600' })).toBe(303);
    const none = await manual(authorization({ prompt: 'none' }).url);
    expect(target(none).searchParams.get('error')).toBe('login_required');
  });

  it('rotates refresh tokens, and ends the grant when an old one comes again', async () => {
    const first = await tokens();
    const refresh = (text: string | undefined) => token({ grant_type: 'refresh_token', refresh_token: text ?? '' });
    const second = await refresh(first['refresh_token']);
    expect(second.status).toBe(200);
    expect(second.body['refresh_token']).not.toBe(first['refresh_token']);
    expect(await refresh(first['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await refresh(second.body['refresh_token'])).status).toBe(400);
  });

  it('gives tokens to clients, and exchanges the token of a user for another audience', async () => {
    const own = await token({ grant_type: 'client_credentials', scope: 'stock:read', audience: 'stock' });
    expect(await verified(own.body['access_token'])).toMatchObject({ sub: 'web', aud: 'stock', scope: 'stock:read' });
    const { access_token: subjectToken = '' } = await tokens();
    const exchanged = await token({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subjectToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'orders',
      scope: 'home:read admin',
    });
    expect(await verified(exchanged.body['access_token'])).toMatchObject({
      sub: 'ada',
      aud: 'orders',
      scope: 'home:read',
      act: { sub: 'web' },
    });
  });

  it('introspects and revokes tokens', async () => {
    const { access_token: access = '', refresh_token: refresh = '' } = await tokens();
    const post = async (path: string, text: string) =>
      fetch(issuer + path, {
        method: 'POST',
        body: new URLSearchParams({ token: text }),
        headers: { authorization: basic },
      });
    const introspect = async (text: string) => (await (await post('/introspect', text)).json()) as object;
    expect(await introspect(access)).toMatchObject({ active: true, sub: 'ada', client_id: 'web' });
    expect(await introspect(refresh)).toMatchObject({ active: true, token_use: 'refresh_token' });
    expect(await introspect('unknown')).toEqual({ active: false });
    for (const text of [access, refresh]) expect((await post('/revoke', text)).status).toBe(200);
    expect([await introspect(access), await introspect(refresh)]).toEqual([{ active: false }, { active: false }]);
  });

  it('tells who the user of a token is', async () => {
    const { access_token: access = '' } = await tokens();
    const ask = (authorizationField: string): Promise<Response> =>
      fetch(`${issuer}/userinfo`, { headers: { authorization: authorizationField } });
    expect(await (await ask(`Bearer ${access}`)).json()).toEqual({
      sub: 'ada',
      preferred_username: 'ada',
      name: 'Ada Lovelace',
    });
    expect((await ask('Bearer none')).status).toBe(401);
  });

  it('ends a login where an ID token of it is the hint, and asks the user else', async () => {
    const received: string[] = [];
    const client = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push(`${request.url} ${body}`);
        response.end();
      });
    });
    client.listen(0, '127.0.0.1');
    await once(client, 'listening');
    const { port } = client.address() as AddressInfo;
    const {
      cookie,
      id_token: hint = '',
      refresh_token: refresh = '',
    } = await tokens('grace', {
      redirect_uri: `http://127.0.0.1:${port}/bff/callback/sandbox`,
    });
    const query = new URLSearchParams({ post_logout_redirect_uri: 'http://localhost:9/bye', state: 'out' });
    const asked = await manual(`${issuer}/end-session?${query}`, { headers: { cookie } });
    expect([asked.status, received]).toEqual([200, []]);
    expect(await asked.text()).toContain('<button>Log out</button>');
    const ended = await manual(`${issuer}/end-session?${query}&id_token_hint=${hint}`, { headers: { cookie } });
    expect([ended.status, ended.headers.get('location')]).toEqual([303, 'http://localhost:9/bye?state=out']);
    client.close();
    const [path = '', body = ''] = received[0]?.split(' ') ?? [];
    expect([received.length, path]).toEqual([1, '/bff/backchannel-logout']);
    expect(await verified(new URLSearchParams(body).get('logout_token') ?? '')).toMatchObject({
      sub: 'grace',
      aud: 'web',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(await token({ grant_type: 'refresh_token', refresh_token: refresh })).toMatchObject({ status: 400 });
    expect((await manual(authorization().url, { headers: { cookie } })).status).toBe(200);
  });

  it('has the same keys for the same seed', async () => {
    const keysOf = async (seed: string): Promise<string> => {
      const other = await createSandbox({ contracts: [], seed });
      const keys = await (await fetch(`${other.url}/issuer/jwks.json`)).text();
      await other.close();
      return keys;
    };
    expect(await keysOf('one')).toBe(await keysOf('one'));
    expect(await keysOf('one')).not.toBe(await keysOf('two'));
  });

  it('has settings for tests, and counts the requests for tokens', async () => {
    const set = (settings: object): Promise<Response> =>
      fetch(`${sandbox.url}/__sandbox/issuer`, { method: 'PUT', body: JSON.stringify(settings) });
    expect((await set({ accessTokenSeconds: 5 })).status).toBe(204);
    const { access_token: access } = await tokens();
    const { exp = 0, iat = 0 } = await verified(access);
    expect(exp - iat).toBe(5);
    await set({ tokenStatus: 503 });
    expect((await token({ grant_type: 'client_credentials' })).status).toBe(503);
    expect((await set({ acessTokenSeconds: 5 })).status).toBe(422);
    expect(await (await fetch(`${sandbox.url}/__sandbox/issuer`)).json()).toMatchObject({
      settings: { tokenStatus: 503 },
      tokenRequests: { authorization_code: 1, client_credentials: 1 },
    });
  });

  it('takes forms of its own pages only', async () => {
    const { query } = authorization();
    for (const path of ['/login', '/logout', '/token']) {
      const response = await manual(issuer + path, {
        method: 'POST',
        body: new URLSearchParams({ user: 'ada', request: query.toString() }),
        headers: { origin: 'https://evil.example' },
      });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });
});

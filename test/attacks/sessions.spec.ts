import { readFileSync } from 'node:fs';
import type { Gateway } from '@frontage/gateway';
import type { Sandbox } from '@frontage/sandbox';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ask,
  Browser,
  ofScript,
  reached,
  setProvider,
  startBff,
  startProvider,
  type Fields,
} from '../access/session-world.js';
import { LogoutTokenMaker } from './fixtures/logout-tokens.js';

let sandbox: Sandbox;
let issuer = '';
let gateway: Gateway;
let url = '';
let log = '';
/** The clock of the app, which the provider does not share. */
let clock: ManualClock;

beforeAll(async () => {
  clock = new ManualClock(Date.now());
  sandbox = await startProvider();
  issuer = `${sandbox.url}/issuer`;
  ({ gateway, url, log } = await startBff(issuer, { clock }));
});
afterAll(async () => {
  await gateway.close();
  await sandbox.close();
});
beforeEach(() => {
  reached.count = 0;
});

const sessionCookie = '__Host-shop-session';
const loginCookie = '__Host-shop-login';

async function loggedIn(user = 'ada', from = url): Promise<Browser> {
  const browser = new Browser();
  await browser.logIn(from, user);
  return browser;
}

const cookieOf = (browser: Browser): string => browser.cookies(url).get(sessionCookie) ?? '';
const withCookie = (value: string, headers: Fields = ofScript) =>
  ask(`${url}/me`, 'GET', { ...headers, cookie: `${sessionCookie}=${value}` });

describe('A7: the id of a session', () => {
  it('A7: is new after a login, so an id that was planted before is worth nothing (fixation)', async () => {
    const planted = 'A'.repeat(43);
    const victim = new Browser();
    victim.plant(url, sessionCookie, planted);
    await victim.logIn(url);
    expect(cookieOf(victim)).not.toBe(planted);
    expect((await withCookie(planted)).status).toBe(401);
  });

  it('A7: of an own session that was planted ends with the login of the victim', async () => {
    const attacker = await loggedIn('mallory');
    const planted = cookieOf(attacker);
    const victim = new Browser();
    victim.plant(url, sessionCookie, planted);
    await victim.logIn(url);
    expect((await withCookie(planted)).status).toBe(401);
    expect(JSON.parse((await victim.script(`${url}/me`)).text)).toMatchObject({ subject: 'ada' });
  });

  it('A7: is no other id if it is changed, shortened, doubled, encoded or made up', async () => {
    const id = cookieOf(await loggedIn());
    const swapped = id.startsWith('A') ? `B${id.slice(1)}` : `A${id.slice(1)}`;
    const others = [
      swapped,
      id.slice(1),
      id + id,
      `"${id}"`,
      encodeURIComponent(`${id}%`),
      '',
      '../..',
      '__proto__',
      'x'.repeat(6_000),
    ];
    for (const other of others) expect([other, (await withCookie(other)).status]).toEqual([other, 401]);
    expect((await withCookie(id)).status).toBe(200);
    expect(reached.count).toBe(1);
  });

  it('A7: is refused where the cookie stands twice, in one field or in two', async () => {
    const id = cookieOf(await loggedIn());
    const other = cookieOf(await loggedIn('mallory'));
    const pair = (value: string): string => `${sessionCookie}=${value}`;
    for (const cookie of [`${pair(id)}; ${pair(other)}`, [pair(other), pair(id)], `${pair(id)};${pair(id)}`])
      expect((await ask(`${url}/me`, 'GET', { ...ofScript, cookie })).status).toBe(401);
    // Neither the end of another name nor another case is the cookie.
    for (const cookie of [`x${pair(id)}`, pair(id).toLowerCase()])
      expect((await ask(`${url}/me`, 'GET', { ...ofScript, cookie })).status).toBe(401);
    expect((await ask(`${url}/me`, 'GET', { ...ofScript, cookie: `a=1; ${pair(id)}; b=2` })).status).toBe(200);
  });

  it('A7: is no bearer token, and a request with both is refused', async () => {
    const id = cookieOf(await loggedIn());
    expect((await ask(`${url}/me`, 'GET', { ...ofScript, authorization: `Bearer ${id}` })).status).toBe(401);
    expect(
      (await ask(`${url}/me`, 'GET', { ...ofScript, authorization: 'Bearer x', cookie: `${sessionCookie}=${id}` }))
        .status,
    ).toBe(401);
  });
});

describe('A7: a session ends', () => {
  it('A7: at the logout, so a cookie that was copied before is worth nothing', async () => {
    const browser = await loggedIn();
    const id = cookieOf(browser);
    await browser.script(`${url}/logout`, 'POST');
    expect((await withCookie(id)).status).toBe(401);
  });

  it('A7: after half an hour without a request, which /session does not count as', async () => {
    const browser = await loggedIn();
    for (const [minutes, path, status] of [
      [29, '/me', 200],
      [29, '/session', 200],
      [2, '/me', 401],
    ] as const) {
      await clock.advance(minutes * 60_000);
      expect([path, (await browser.script(url + path)).status]).toEqual([path, status]);
    }
  });

  it('A7: twelve hours after the login, whatever happens', async () => {
    const browser = await loggedIn();
    for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
      expect((await browser.script(`${url}/me`)).status).toBe(200);
      await clock.advance(20 * 60_000);
    }
    expect((await browser.script(`${url}/me`)).status).toBe(401);
  });

  it('A7: with its refresh token, when the provider has revoked it', async () => {
    await setProvider(sandbox, { accessTokenSeconds: 60 });
    const browser = await loggedIn();
    // The provider responds with invalid_grant.
    await setProvider(sandbox, { tokenStatus: 400 });
    await clock.advance(61_000);
    expect((await browser.script(`${url}/me`)).status).toBe(401);
    expect((await browser.script(`${url}/session`)).status).toBe(401);
    await setProvider(sandbox, {});
  });

  it('A7: with its refresh token, when the provider says at the login that it ends before', async () => {
    await setProvider(sandbox, { refreshTokenSeconds: 600 });
    const browser = await loggedIn();
    await setProvider(sandbox, {});
    await clock.advance(599_000);
    expect((await browser.script(`${url}/me`)).status).toBe(200);
    await clock.advance(2_000);
    expect((await browser.script(`${url}/me`)).status).toBe(401);
  });

  it('A7: not with a provider that is down, while the access token is valid; and is refused without one', async () => {
    await setProvider(sandbox, { accessTokenSeconds: 60 });
    const browser = await loggedIn();
    await setProvider(sandbox, { tokenStatus: 503 });
    await clock.advance(40_000);
    expect((await browser.script(`${url}/me`)).status).toBe(200);
    await clock.advance(21_000);
    expect((await browser.script(`${url}/me`)).status).toBe(502);
    await setProvider(sandbox, {});
    await clock.advance(20_000);
    expect((await browser.script(`${url}/me`)).status).toBe(200);
  });
});

describe('A7: the response of the provider', () => {
  const begin = async (browser: Browser, query = ''): Promise<string> =>
    (await browser.ask(`${url}/login${query}`)).headers.location ?? '';

  it('A7: logs in only the browser that has begun the login (login CSRF)', async () => {
    const attacker = new Browser();
    const callback = await attacker.atProvider(await begin(attacker), 'mallory');
    const victim = new Browser();
    expect((await victim.ask(callback)).status).toBe(400);
    await begin(victim);
    expect((await victim.ask(callback)).status).toBe(403);
    expect(victim.cookies(url).has(sessionCookie)).toBe(false);
  });

  it('A7: is good once, and its code with its own state and verifier only (code injection)', async () => {
    const browser = new Browser();
    const callback = await browser.atProvider(await begin(browser), 'ada');
    const kept = browser.cookies(url).get(loginCookie) ?? '';
    expect((await browser.ask(callback)).status).toBe(200);
    browser.plant(url, loginCookie, kept);
    expect((await browser.ask(callback)).status).toBe(403);

    const attacker = new Browser();
    const stolen = new URL(await attacker.atProvider(await begin(attacker), 'mallory')).searchParams.get('code') ?? '';
    const victim = new Browser();
    const own = new URL(await victim.atProvider(await begin(victim), 'ada'));
    own.searchParams.set('code', stolen);
    expect((await victim.ask(own.href)).status).toBe(403);
  });

  it.each([
    ['another issuer (mix-up)', (back: URL) => back.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (back: URL) => back.searchParams.delete('iss')],
    ['another state', (back: URL) => back.searchParams.set('state', 'x')],
    ['two states', (back: URL) => back.searchParams.append('state', 'x')],
    ['an error', (back: URL) => back.searchParams.set('error', 'access_denied')],
  ])('A7: is refused with %s', async (_, change) => {
    const browser = new Browser();
    const back = new URL(await browser.atProvider(await begin(browser), 'ada'));
    change(back);
    expect((await browser.ask(back.href)).status).toBe(403);
    expect(browser.cookies(url).has(sessionCookie)).toBe(false);
  });

  it('A7: is refused on the path of another provider, and ten minutes after the login began', async () => {
    const browser = new Browser();
    const back = await browser.atProvider(await begin(browser), 'ada');
    expect((await browser.ask(back.replace('/callback/main', '/callback/other'))).status).toBe(400);
    await clock.advance(601_000);
    expect((await browser.ask(back)).status).toBe(400);
  });

  it('A7: is not taken with a login cookie that was changed, or of another kind', async () => {
    const browser = new Browser();
    const back = await browser.atProvider(await begin(browser), 'ada');
    const kept = browser.cookies(url).get(loginCookie) ?? '';
    const bytes = Buffer.from(kept, 'base64url');
    for (const at of [0, 5, 12, 40, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      browser.plant(url, loginCookie, changed.toString('base64url'));
      expect([at, (await browser.ask(back)).status]).toEqual([at, 400]);
    }
  });
});

describe('A7: /login', () => {
  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/%0a/evil.example\n',
    'javascript:alert(1)',
    'evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '@evil.example',
    `/${'x'.repeat(3_000)}`,
  ])('A7: does not send a browser to %j afterwards (open redirect)', async (returnTo) => {
    const answer = await ask(`${url}/login?${new URLSearchParams({ returnTo })}`, 'GET', {});
    expect(answer.status).toBe(400);
    expect(answer.headers['location']).toBeUndefined();
  });

  it.each(['/a?b=c#d', '/a%2f%2fevil.example', '/?next=//evil.example', '/a/../b'])(
    'takes the path %j of its own origin',
    async (returnTo) => {
      const browser = new Browser();
      const answer = await browser.logIn(url, 'ada', `?${new URLSearchParams({ returnTo })}`);
      const [, onward = ''] = /content="0; url=([^"]*)"/.exec(answer.text) ?? [];
      expect(new URL(onward.replaceAll('&#38;', '&').replaceAll('&#39;', "'"), url).origin).toBe(url);
    },
  );

  it('A7: writes nothing of the query as markup', async () => {
    const browser = new Browser();
    const answer = await browser.logIn(
      url,
      'ada',
      `?${new URLSearchParams({ returnTo: '/a?"><script>alert(1)</script>' })}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('<script>');
  });

  it.each([
    ['provider', 'evil'],
    ['prompt', 'none'],
    ['max_age', '-1'],
    ['acr_values', 'a\nb'],
  ])('refuses %s=%j', async (name, value) => {
    expect((await ask(`${url}/login?${new URLSearchParams({ [name]: value })}`, 'GET', {})).status).toBe(400);
  });

  it('passes no other parameter on to the provider', async () => {
    const query = new URLSearchParams({
      redirect_uri: 'https://evil.example',
      scope: 'admin',
      client_id: 'x',
      state: 'x',
    });
    const { headers } = await ask(`${url}/login?${query}`, 'GET', {});
    const sent = new URL(headers.location ?? '').searchParams;
    expect([sent.get('redirect_uri'), sent.get('scope'), sent.get('client_id'), sent.getAll('state').length]).toEqual([
      `${url}/callback/main`,
      'openid home:read cart:write',
      'shop',
      1,
    ]);
    expect(sent.get('state')).not.toBe('x');
  });
});

describe('A8: a request that another page has caused', () => {
  const from = (fields: Fields): Fields => ({ ...ofScript, ...fields });
  const { 'x-csrf': _header, ...withoutHeader } = ofScript;
  const form = 'application/x-www-form-urlencoded';

  it.each<{
    readonly by: string;
    readonly method: string;
    readonly path: string;
    readonly headers: Fields;
    readonly body?: string;
  }>([
    {
      by: 'a form of another site',
      method: 'POST',
      path: '/change',
      headers: { 'sec-fetch-site': 'cross-site', 'content-type': form },
      body: 'a=1',
    },
    {
      by: 'a form of a sister sub-domain',
      method: 'POST',
      path: '/change',
      headers: { 'sec-fetch-site': 'same-site', 'content-type': form },
      body: 'a=1',
    },
    {
      by: 'a form of an old browser',
      method: 'POST',
      path: '/change',
      headers: { 'content-type': form, origin: 'https://evil.example' },
      body: 'a=1',
    },
    {
      by: 'JSON as text/plain',
      method: 'POST',
      path: '/change',
      headers: { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
      body: '{"a":1}',
    },
    { by: 'a POST without a body', method: 'POST', path: '/change', headers: withoutHeader },
    { by: 'a GET', method: 'GET', path: '/me', headers: withoutHeader },
    {
      by: 'a GET of an image',
      method: 'GET',
      path: '/me',
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' },
    },
    {
      by: 'a navigation',
      method: 'GET',
      path: '/me',
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    },
    { by: 'a HEAD', method: 'HEAD', path: '/me', headers: withoutHeader },
    { by: 'nothing that a browser would send', method: 'GET', path: '/me', headers: {} },
    {
      by: 'the header from another site',
      method: 'POST',
      path: '/change',
      headers: from({ 'sec-fetch-site': 'cross-site' }),
    },
    {
      by: 'the header from a sister sub-domain',
      method: 'POST',
      path: '/change',
      headers: from({ 'sec-fetch-site': 'same-site' }),
    },
    {
      by: 'the header with another origin',
      method: 'POST',
      path: '/change',
      headers: from({ origin: 'https://sister.shop.example' }),
    },
    { by: 'the header with the origin null', method: 'POST', path: '/change', headers: from({ origin: 'null' }) },
    { by: 'the header with another value', method: 'GET', path: '/me', headers: from({ 'x-csrf': '0' }) },
    { by: 'the header twice', method: 'GET', path: '/me', headers: from({ 'x-csrf': ['1', '1'] }) },
    {
      by: 'an unknown Sec-Fetch-Site',
      method: 'GET',
      path: '/me',
      headers: from({ 'sec-fetch-site': 'same-origin, cross-site' }),
    },
  ])('A8: gets 403 before anything is done: $by', async ({ method, path, headers, body }) => {
    const browser = await loggedIn();
    const answer = await browser.ask(url + path, { method, headers, ...(body !== undefined && { body }) });
    expect([answer.status, reached.count]).toEqual([403, 0]);
    expect(answer.text).not.toContain('"ada"');
  });

  it('A8: cannot end a session, and cannot read who the user is', async () => {
    const browser = await loggedIn();
    for (const [method, path] of [
      ['POST', '/logout'],
      ['GET', '/session'],
    ] as const) {
      for (const headers of [{}, from({ 'sec-fetch-site': 'same-site' }), from({ origin: 'https://evil.example' })])
        expect((await browser.ask(url + path, { method, headers })).status).toBe(403);
    }
    expect((await browser.script(`${url}/me`)).status).toBe(200);
  });

  it('A8: may call what is open to everyone, which the session has no part in', async () => {
    const browser = await loggedIn();
    expect((await browser.ask(`${url}/open`, { headers: { 'sec-fetch-site': 'cross-site' } })).text).toBe('open');
  });

  it('is taken with the origin of the app, and without the fields of newer browsers', async () => {
    const browser = await loggedIn();
    for (const headers of [{ 'x-csrf': '1' }, { 'x-csrf': '1', origin: url }, from({ origin: url })])
      expect((await browser.ask(`${url}/change`, { method: 'POST', headers })).text).toBe('changed');
  });
});

describe('A7: a logout token', () => {
  let maker: LogoutTokenMaker;
  /** An app with the clock of the machine, which the provider has too. */
  let own: Awaited<ReturnType<typeof startBff>>;
  beforeAll(async () => {
    maker = new LogoutTokenMaker(issuer, 'shop');
    own = await startBff(issuer);
  });
  afterAll(() => own.gateway.close());
  const enter = (user?: string) => loggedIn(user, own.url);
  const statusOf = async (browser: Browser): Promise<number> => (await browser.script(`${own.url}/me`)).status;
  const send = (token: string) =>
    ask(
      `${own.url}/backchannel-logout`,
      'POST',
      { 'content-type': 'application/x-www-form-urlencoded' },
      new URLSearchParams({ logout_token: token }).toString(),
    );
  /** Seconds since 1970. */
  const now = (): number => Math.floor(Date.now() / 1000);

  it('A7: ends all sessions of its subject, and those of no other one', async () => {
    const [first, second, other] = [await enter(), await enter(), await enter('grace')];
    expect((await send(await maker.token({ sub: 'ada', iat: now() }))).status).toBe(200);
    expect(await statusOf(first)).toBe(401);
    expect(await statusOf(second)).toBe(401);
    expect(await statusOf(other)).toBe(200);
  });

  it('A7: ends the sessions of one login at the provider alone', async () => {
    const [one, two] = [await enter(), await enter()];
    const page = { 'content-type': 'application/x-www-form-urlencoded' };
    const cookie = [...one.cookies(issuer)].map(([name, value]) => `${name}=${value}`).join('; ');
    expect((await ask(`${issuer}/logout`, 'POST', { ...page, cookie }, 'request=')).status).toBe(200);
    await expect.poll(() => statusOf(one)).toBe(401);
    expect(await statusOf(two)).toBe(200);
  });

  it.each<readonly [string, (maker: LogoutTokenMaker) => Promise<string>]>([
    ['without a signature', (made) => made.unsigned({ sub: 'ada', iat: now() })],
    ['signed with another key', (made) => made.foreign({ sub: 'ada', iat: now() })],
    ['signed with the client secret', (made) => made.symmetric({ sub: 'ada', iat: now() }, 'sandbox')],
    ['of another issuer', (made) => made.token({ sub: 'ada', iat: now(), iss: 'https://evil.example' })],
    ['for another client', (made) => made.token({ sub: 'ada', iat: now(), aud: 'other' })],
    ['that is an ID token', (made) => made.token({ sub: 'ada', iat: now(), events: undefined, nonce: 'n' })],
    ['with a nonce', (made) => made.token({ sub: 'ada', iat: now(), nonce: 'n' })],
    ['with another event', (made) => made.token({ sub: 'ada', iat: now(), events: { 'urn:x': {} } })],
    ['without a subject and a session', (made) => made.token({ sub: undefined, iat: now() })],
    ['that was sent ten minutes ago', (made) => made.token({ sub: 'ada', iat: now() - 600, exp: now() + 600 })],
    ['that has expired', (made) => made.token({ sub: 'ada', iat: now() - 60, exp: now() - 30 })],
    ['without an id', (made) => made.token({ sub: 'ada', iat: now(), jti: undefined })],
    ['that is no token', async () => 'x'],
    ['that is empty', async () => ''],
  ])('A7: is refused %s, and ends nothing', async (_, make) => {
    const browser = await enter();
    const answer = await send(await make(maker));
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([400, { error: 'invalid_request' }]);
    expect(await statusOf(browser)).toBe(200);
  });

  it('A7: is good once, and ends no session that began after it', async () => {
    const token = await maker.token({ sub: 'ada', iat: now() });
    expect((await send(token)).status).toBe(200);
    const browser = await enter();
    expect((await send(token)).status).toBe(400);
    expect((await send(await maker.token({ sub: 'ada', iat: now() - 60 }))).status).toBe(200);
    expect(await statusOf(browser)).toBe(200);
  });
});

describe('A7: nothing of a token', () => {
  it('A7: leaves the app, in any response of a login, a session and a logout, or stands in its log', async () => {
    const browser = new Browser();
    const begun = await browser.ask(`${url}/login`);
    const back = await browser.atProvider(begun.headers.location ?? '', 'ada');
    const answers = [
      begun,
      await browser.ask(back),
      await browser.script(`${url}/me`),
      await browser.script(`${url}/session`),
    ];
    const id = cookieOf(browser);
    answers.push(await browser.script(`${url}/logout`, 'POST'));
    const seen = JSON.stringify(answers);
    // Each JWT begins so.
    expect(seen).not.toContain('eyJhbGciOi');
    const lines = readFileSync(log, 'utf8');
    const code = new URL(back).searchParams.get('code') ?? '-';
    for (const secret of [id, code, 'eyJhbGciOi', 'sandbox"']) expect(lines).not.toContain(secret);
  });
});

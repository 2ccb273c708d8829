import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gateway } from '@frontage/gateway';
import type { Sandbox } from '@frontage/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, setProvider, startBff, startProvider, tokenRequests } from './session-world.js';

let sandbox: Sandbox;
let gateway: Gateway;
let url = '';
beforeAll(async () => {
  sandbox = await startProvider();
  ({ gateway, url } = await startBff(`${sandbox.url}/issuer`));
});
afterAll(async () => {
  await gateway.close();
  await sandbox.close();
});

describe('a browser', () => {
  it('logs in, is known by one cookie, and logs out', async () => {
    const browser = new Browser();
    expect((await browser.script(`${url}/me`)).status).toBe(401);
    const begun = await browser.ask(`${url}/login?returnTo=/me%3Fa%3D1`);
    const query = new URL(begun.headers.location ?? '').searchParams;
    expect([begun.status, query.get('code_challenge_method'), query.get('redirect_uri'), query.get('scope')]).toEqual([
      303,
      'S256',
      `${url}/callback/main`,
      'openid home:read cart:write',
    ]);
    expect(begun.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-shop-login=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/),
    ]);
    const back = await browser.ask(await browser.atProvider(begun.headers.location ?? '', 'ada'));
    expect(back).toMatchObject({ status: 200, text: expect.stringContaining('content="0; url=/me?a=1"') });
    expect(back.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(back.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-shop-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^__Host-shop-login=; .*Max-Age=0$/),
    ]);

    const me = await browser.script(`${url}/me`);
    expect(JSON.parse(me.text)).toEqual({
      subject: 'ada',
      scopes: ['openid', 'home:read', 'cart:write'],
      roles: [],
      app: 'shop',
      authenticatedAt: expect.any(Number),
    });
    const session = await browser.script(`${url}/session`);
    expect(JSON.parse(session.text)).toMatchObject({ subject: 'ada', provider: 'main', endsAt: expect.any(String) });
    expect(session.text).not.toMatch(/eyJhbGciOi/);

    const gone = await browser.script(`${url}/logout`, 'POST');
    expect(gone.status).toBe(200);
    const { location } = JSON.parse(gone.text) as { readonly location: string };
    const end = new URL(location);
    expect([end.origin + end.pathname, Object.fromEntries(end.searchParams)]).toEqual([
      `${sandbox.url}/issuer/end-session`,
      { post_logout_redirect_uri: `${url}/`, client_id: 'shop' },
    ]);
    expect(browser.cookies(url).size).toBe(0);
    expect((await browser.script(`${url}/me`)).status).toBe(401);
    expect((await browser.script(`${url}/session`)).status).toBe(401);
  });

  it('is in the audit log with its login, its logout and a request that another site made it send', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'audited-sessions-'));
    const file = join(folder, 'audit.jsonl');
    const audited = await startBff(`${sandbox.url}/issuer`, { policy: `auditLog: { file: ${file} }` });
    const browser = new Browser();
    await browser.logIn(audited.url, 'grace');
    expect((await browser.script(`${audited.url}/me`, 'GET', { origin: 'https://evil.test' })).status).toBe(403);
    expect((await browser.script(`${audited.url}/logout`, 'POST')).status).toBe(200);
    await audited.gateway.close();
    const text = readFileSync(file, 'utf8');
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event, caller, what, route }) => [event, caller, what, route])).toEqual([
      ['audit.opened', undefined, undefined, undefined],
      ['session.login', 'grace', 'provider main', '/callback/:provider'],
      ['csrf.refused', undefined, undefined, '/me'],
      ['session.logout', 'grace', 'provider main', '/logout'],
      ['audit.closed', undefined, undefined, undefined],
    ]);
    expect(events[1]?.['requestId']).toEqual(expect.any(String));
    expect(text).not.toMatch(/eyJhbGciOi|__Host|code=/);
    rmSync(folder, { recursive: true });
  });

  it('has its rights by the scopes that the provider has granted, and logs in again for a stronger login', async () => {
    const browser = new Browser();
    await browser.logIn(url);
    expect((await browser.script(`${url}/change`, 'POST')).text).toBe('changed');
    const refused = await browser.script(`${url}/secret`);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('insufficient_user_authentication'),
    ]);
    await browser.logIn(url, 'ada', '?acr_values=mfa&prompt=login');
    expect((await browser.script(`${url}/secret`)).text).toBe('secret');
  });
});

describe('an access token', () => {
  it('is refreshed by one request, however many wait for it', async () => {
    const browser = new Browser();
    await setProvider(sandbox, { accessTokenSeconds: 1 });
    await browser.logIn(url);
    await setProvider(sandbox, { accessTokenSeconds: 600, tokenLatencyMs: 100 });
    const before = (await tokenRequests(sandbox))['refresh_token'] ?? 0;
    await expect
      .poll(
        async () => {
          const answers = await Promise.all(Array.from({ length: 50 }, () => browser.script(`${url}/me`)));
          expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
          return (await tokenRequests(sandbox))['refresh_token'];
        },
        { timeout: 5_000 },
      )
      .toBe(before + 1);
    await setProvider(sandbox, {});
  });
});

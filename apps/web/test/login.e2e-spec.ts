import { createServer as createPage, type Server } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { startWorld, type World } from '@frontage/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebModule } from '../src/web.module.js';
import { browserIsInstalled, startBrowser } from './browser.js';

const upstreams = [
  'users',
  'catalogue',
  'orders',
  'shipping',
  'recommendations',
  'content',
  'carts',
  'reviews',
  'inventory',
];

/** The redirect URI has the port of the app, so it is chosen before. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has such an address
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!browserIsInstalled())('a login in a browser', () => {
  let world: World;
  let gateway: Gateway;
  let browser: Browser;
  let context: BrowserContext;
  let url = '';
  /** A page of another origin of the same site: another port, as a sister sub-domain has another name. */
  let sister: Server;
  /** All that the browser was sent. */
  let received: string[] = [];

  beforeAll(async () => {
    const port = await freePort();
    world = await startWorld({ upstreams });
    const policy = loadConfig(fileURLToPath(new URL('../bff.yaml', import.meta.url)), {
      env: { ...world.env, WEB_PORT: String(port), WEB_ADMIN_PORT: '0', WEB_PUBLIC_URL: `http://localhost:${port}` },
    });
    gateway = createGateway(WebModule, {
      loaded: { ...policy, log: { ...policy.log, requests: false }, deadlineMs: 60_000 },
      admin: false,
    });
    await gateway.start();
    url = `http://localhost:${port}`;
    sister = createPage((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Sister</title>');
    }).listen(0, '127.0.0.1');
    browser = await startBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    sister.close();
    await gateway.close();
    await world.stop();
  });

  async function open(): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('response', (response) => {
      received.push(response.url(), JSON.stringify(response.headers()));
      // A body of a navigation that goes on is gone.
      response.text().then(
        (text) => received.push(text),
        () => undefined,
      );
    });
    await page.goto(`${url}/`);
    return page;
  }
  const logIn = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('link', { name: 'Log in' }).click();
    await page.getByRole('button', { name }).click();
    await page.getByRole('heading', { name: `Hello ${name}` }).waitFor();
  };
  const picture = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['FRONTAGE_SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
  };

  it(
    'shows the home screen, with one cookie that no script can read, and no token anywhere',
    { timeout: 60_000 },
    async () => {
      context = await browser.newContext();
      received = [];
      const page = await open();
      await picture(page, 'welcome');
      await page.getByRole('link', { name: 'Log in' }).click();
      await picture(page, 'login');
      await page.getByRole('button', { name: 'Ada Lovelace' }).click();
      await page.getByRole('heading', { name: 'Hello Ada Lovelace' }).waitFor();
      await picture(page, 'home');
      expect(page.url()).toBe(`${url}/`);
      expect(await page.getByRole('listitem').count()).toBeGreaterThan(0);
      // Cookies have no port: those of the provider are at 127.0.0.1.
      expect(await context.cookies(url)).toEqual([
        {
          name: '__Host-web-session',
          value: expect.stringMatching(/^[\w-]{43}$/),
          domain: 'localhost',
          path: '/',
          expires: -1,
          httpOnly: true,
          secure: true,
          sameSite: 'Strict',
        },
      ]);
      const seen = await page.evaluate('[document.cookie, localStorage.length, sessionStorage.length]');
      expect(seen).toEqual(['', 0, 0]);
      expect(received.length).toBeGreaterThan(8);
      expect(received.filter((text) => text.includes('eyJ'))).toEqual([]);
      await context.close();
    },
  );

  it('ends in one tab for the other one too, here and at the provider', { timeout: 60_000 }, async () => {
    context = await browser.newContext();
    const [one, two] = [await open(), await open()];
    await logIn(one, 'Grace Hopper');
    await two.reload();
    await two.getByRole('heading', { name: 'Hello Grace Hopper' }).waitFor();
    await one.getByRole('button', { name: 'Log out' }).click();
    // The provider asks, because it gets no ID token.
    await one.getByRole('heading', { name: 'Log out of the sandbox?' }).waitFor();
    await picture(one, 'logout');
    await one.getByRole('button', { name: 'Log out' }).click();
    await one.getByRole('link', { name: 'Log in' }).waitFor();
    expect(await context.cookies(url)).toEqual([]);
    await two.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await two.getByRole('link', { name: 'Log in' }).waitFor();
    // The login at the provider is over too: it shows its page again.
    await two.getByRole('link', { name: 'Log in' }).click();
    await two.getByRole('heading', { name: 'Log in to the sandbox' }).waitFor();
    await context.close();
  });

  it('A8: is of no use to a page of the same site on another origin', { timeout: 60_000 }, async () => {
    context = await browser.newContext();
    await logIn(await open(), 'Linus Torvalds');
    await world.resetCalls();
    const { port } = sister.address() as AddressInfo; // a TCP server that listens has such an address
    const attacker = await context.newPage();
    await attacker.goto(`http://localhost:${port}/`);
    // The browser keeps these responses from the page and from the driver; its network log has their status.
    const asked = new Set<string>();
    const answers: { readonly requestId: string; readonly statusCode: number }[] = [];
    const network = await context.newCDPSession(attacker);
    network.on('Network.requestWillBeSent', ({ requestId, request }) => {
      // The page has an icon too.
      if (request.url === `${url}/home`) asked.add(requestId);
    });
    network.on('Network.responseReceivedExtraInfo', (answer) => answers.push(answer));
    const statuses = (): number[] => answers.flatMap((each) => (asked.has(each.requestId) ? each.statusCode : []));
    await network.send('Network.enable');
    const readable = await attacker.evaluate(async (target) => {
      const ask = (init: RequestInit): Promise<string> =>
        fetch(`${target}/home`, init).then(
          (answer) => answer.type,
          () => 'failed',
        );
      return [
        await ask({ credentials: 'include', mode: 'no-cors' }),
        await ask({ credentials: 'include' }),
        await ask({ credentials: 'include', headers: { 'x-csrf': '1' } }),
      ];
    }, url);
    // Not even an opaque response (Cross-Origin-Resource-Policy). The preflight of the last one is refused, so it is never sent.
    expect(readable).toEqual(['failed', 'failed', 'failed']);
    await expect.poll(() => statuses().slice(0, 2)).toEqual([403, 403]);
    const [posted] = await Promise.all([
      attacker.waitForResponse((response) => response.url() === `${url}/checkout`),
      attacker.evaluate(`
        const form = document.createElement('form');
        form.method = 'post';
        form.action = '${url}/checkout';
        document.body.append(form);
        form.submit();`),
    ]);
    // The cookie was sent: SameSite does not tell one port or one sub-domain from another.
    expect((await posted.request().allHeaders())['cookie']).toContain('__Host-web-session=');
    expect(posted.status()).toBe(403);
    for (const upstream of ['users', 'orders', 'carts']) expect(await world.count(upstream)).toBe(0);
    await context.close();
  });
});

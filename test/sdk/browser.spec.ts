import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';
import { AppUnderTest } from '@frontage/testing/app-under-test';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { browserIsInstalled, startBrowser } from '../../apps/web/test/browser.js';
import { codeOf, StrictProject } from './strict-project.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const upstreams = ['users', 'catalogue', 'inventory', 'carts', 'orders', 'shipping', 'recommendations', 'reviews', 'content']; // prettier-ignore

/** Starts the example of the page in the document: a root for React, and the query client. */
const main = `import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { homeText } from './home.js';
import { Home } from './page.js';

const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <QueryClientProvider client={new QueryClient()}>
      <Home />
    </QueryClientProvider>,
  );
Object.assign(globalThis, { homeText });
`;

const html =
  '<!doctype html><meta charset="utf-8"><title>Shop</title><style>body{font:16px sans-serif;margin:2rem}</style><div id="root"></div><script src="/page.js"></script>';

describe.skipIf(!browserIsInstalled())('the client in a browser, with the example of docs/sdk.md', () => {
  let app: AppUnderTest;
  let project: StrictProject;
  let browser: Browser;
  let server: Server;
  let url = '';

  beforeAll(async () => {
    app = await AppUnderTest.start(MobileModule, {
      bff: 'mobile',
      config: join(workspaceRoot, 'apps/mobile/bff.yaml'),
      upstreams,
      separate: ['content'],
    });
    project = await StrictProject.make();
    await project.frontage('sdk', 'mobile', '--out', project.place(''), '--hooks');
    const [home = ''] = await codeOf('docs/sdk.md', 'ts');
    const [page = ''] = await codeOf('docs/sdk.md', 'tsx');
    // The page and the BFF have one origin, as behind the load balancer of a shop.
    await project.write('home.ts', home.replace('https://mobile.shop.example', ''));
    await project.write('page.tsx', page);
    await project.write('main.tsx', main);
    const script = await project.bundle('main.tsx');
    server = createServer((request, response) => {
      if (request.url === '/') response.setHeader('content-type', 'text/html').end(html);
      else if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
      else void forward(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server that listens has such an address
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await project.remove();
    await app.stop();
  });

  /** Passes a request on to the BFF, as a load balancer does. */
  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const text = Buffer.concat(pieces).toString();
    const { authorization = '', 'idempotency-key': key } = request.headers;
    const answer = await app.ask(`${request.method} ${request.url}`, {
      headers: { authorization, ...(typeof key === 'string' && { 'idempotency-key': key }) },
      ...(text !== '' && { body: JSON.parse(text) }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(JSON.stringify(answer.body));
  }

  async function open(token: string): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.addInitScript(`sessionStorage.setItem('token', ${JSON.stringify(token)})`);
    await page.goto(url);
    return page;
  }
  const picture = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['FRONTAGE_SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/sdk-${name}.png` });
  };

  it('shows the whole screen', async () => {
    const page = await open(await app.token('ada', 'home:read'));
    await page.getByRole('heading', { name: 'Hello Ada Lovelace' }).waitFor();
    expect(await page.getByRole('listitem').count()).toBeGreaterThan(0);
    expect(await page.getByText('No offers').count()).toBe(0);
    await picture(page, 'complete');
    await page.close();
  });

  it('shows the screen without the part of a service that is killed, and says which part is missing', async () => {
    await app.world.kill('content');
    const page = await open(await app.token('ada', 'home:read'));
    await page.getByRole('heading', { name: 'Hello Ada Lovelace' }).waitFor();
    await page.getByText('No offers: error').waitFor();
    expect(await page.getByRole('listitem').count()).toBe(0);
    const text: unknown = await page.evaluate('homeText(new AbortController().signal)');
    expect(text).toMatch(/^Hello Ada Lovelace: \d+ for you \(no offers now\)$/);
    await picture(page, 'partial');
    await page.close();
    await app.world.restart('content');
  });

  it('shows the problem where the BFF refuses', async () => {
    const page = await open('none');
    await page.getByText('Authentication required').waitFor();
    await picture(page, 'problem');
    await page.close();
  });

  it('sends a write of the page, with its key', async () => {
    const page = await open(await app.token('grace', 'home:read', 'cart:write'));
    await page.getByRole('heading', { name: 'Hello Grace Hopper' }).waitFor();
    const answered = page.waitForResponse((response) => response.url().endsWith('/cart/items'));
    await page.getByRole('button', { name: 'Add' }).click();
    const response = await answered;
    expect(response.status()).toBe(201);
    expect(response.request().headers()['idempotency-key']).toMatch(/^[\w-]{36}$/);
    await page.close();
  });
});

describe('the client in Node.js', () => {
  it('gives complete, partial and refused screens of a running BFF as three results', async () => {
    const app = await AppUnderTest.start(MobileModule, {
      bff: 'mobile',
      config: join(workspaceRoot, 'apps/mobile/bff.yaml'),
      upstreams,
    });
    const { sender } = await import('../../libs/generator/src/sdk/runtime/client.js');
    const token = await app.token('ada', 'home:read');
    const operation = { method: 'GET', path: '/home', codes: 'GW_UNAUTHENTICATED' };
    const home = (authorization: string) =>
      sender({ baseUrl: app.url, headers: () => ({ authorization }) })(operation, {}, undefined);
    expect(await home(`Bearer ${token}`)).toMatchObject({ kind: 'complete', data: { greeting: 'Hello Ada Lovelace' } });
    await app.world.setFault('content', { operation: 'listBanners', status: 500 });
    expect(await home(`Bearer ${token}`)).toMatchObject({
      kind: 'partial',
      partialData: { banners: [] },
      missing: { banners: { status: 'error', source: 'fallback' } },
    });
    expect(await home('none')).toMatchObject({ kind: 'problem', problem: { code: 'GW_UNAUTHENTICATED' } });
    await app.stop();
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import axe, { type AxeResults } from 'axe-core';
import { loadConfig } from '@frontage/config';
import { createGateway } from '@frontage/gateway';
import { workspaceRoot } from '@frontage/testing';
import { AppUnderTest } from '@frontage/testing/app-under-test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { browserIsInstalled, startBrowser } from '../../apps/web/test/browser.js';
import { buildPage } from '../../libs/developer-page/build.mjs';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const upstreams = ['users', 'catalogue', 'inventory', 'carts', 'orders', 'shipping', 'recommendations', 'reviews', 'content']; // prettier-ignore

/** Bytes of the page as they go over the wire of a tool that compresses, 150 kB. */
const maxBytes = 150_000;

beforeAll(() => buildPage());

it('the page has at most 150 kB, compressed, with all that it loads', () => {
  const files = ['index.html', 'page.js', 'page.css'].map((name) =>
    readFileSync(join(workspaceRoot, 'libs/developer-page/dist/page', name)),
  );
  expect(files.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0)).toBeLessThan(maxBytes);
});

describe.skipIf(!browserIsInstalled())('the page for developers', () => {
  let app: AppUnderTest;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let token = '';
  const mistakes: string[] = [];

  beforeAll(async () => {
    app = await AppUnderTest.start(MobileModule, {
      bff: 'mobile',
      config: join(workspaceRoot, 'apps/mobile/bff.yaml'),
      upstreams,
      developerPage: true,
    });
    token = await app.token('ada', 'home:read');
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });
  beforeEach(async () => {
    mistakes.length = 0;
    context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
    context.setDefaultTimeout(15_000);
    page = await context.newPage();
    // A refusal of the Content Security Policy is an error in the console.
    page.on('console', (message) => message.type() === 'error' && mistakes.push(message.text()));
    page.on('pageerror', (error) => mistakes.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(app.adminUrl) && !request.url().startsWith('data:')) mistakes.push(request.url());
    });
    await page.goto(`${app.adminUrl}/`);
    await page.getByText('live', { exact: true }).waitFor();
  });
  afterEach(async () => {
    await context.close();
    await app.world.clearFaults();
    expect(mistakes).toEqual([]);
  });

  /** Asks for the home screen, and waits until it is the first of the list. */
  async function home(): Promise<void> {
    const before = await page.locator('.requests li').count();
    await app.ask('GET /home', { token });
    await page.locator('.requests li').nth(before).waitFor();
  }

  const row = (part: string): Locator => page.locator('.waterfall tbody tr', { has: page.getByRole('rowheader', { name: part }) }); // prettier-ignore
  const member = (name: string): Locator => page.locator(`[data-member="${name}"]`);
  const why = (): Locator => page.getByRole('complementary', { name: 'Why' });

  it('finds the slow call of a screen, kills it, shows the partial response, says why, and replays', async () => {
    // A tenth of it in the slow time of the app.
    await app.world.setFault('recommendations', { operation: 'listRecommendations', latencyMs: 1_000 });
    await home();
    expect(await row('suggested').getByRole('rowheader').innerText()).toContain('slowest');
    expect(await row('parcels').locator('.result').innerText()).toMatch(/3 calls, after recent$/);
    await member('suggested[0].name').waitFor();

    await page.getByRole('button', { name: 'suggested' }).click();
    await page.getByRole('button', { name: 'Kill listRecommendations' }).click();
    await page.getByText('1 fault', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('1 part missing').waitFor();

    await row('suggested').locator('.bar.failed').first().waitFor();
    expect(await page.getByRole('link', { name: /^replay of \d+: 200/ }).count()).toBe(1);
    await member('suggested').hover();
    await why().getByText('the call failed: error, ECONNRESET', { exact: false }).waitFor();
    expect(await why().innerText()).toMatch(/suggested is null/);
    expect(await row('suggested').getAttribute('class')).toContain('lit');

    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByText('no faults').waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('complete', { exact: true }).waitFor();
    expect(await app.world.count('recommendations')).toBeGreaterThan(2);
  });

  it('is walked by keyboard alone', async () => {
    await home();
    await home();
    const focused = (): Locator => page.locator(':focus');
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let at = 0; at < 60; at++) {
        await page.keyboard.press('Tab');
        const text = await focused().evaluate((one) => one.getAttribute('aria-label') ?? one.textContent ?? '');
        if (name.test(text)) return;
      }
      throw new Error(`no key leads to ${name}`);
    };
    await tabTo(/^To the content/);
    await page.keyboard.press('Enter');
    expect(await focused().getAttribute('id')).toBe('main');
    await tabTo(/^GET \/home/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await tabTo(/^suggested$/);
    await page.keyboard.press('Enter');
    expect(await focused().getAttribute('aria-expanded')).toBe('true');
    await tabTo(/^Kill listRecommendations/);
    await page.keyboard.press('Enter');
    await page.getByText('1 fault', { exact: true }).waitFor();
    expect(await focused().getAttribute('aria-pressed')).toBe('true');
    await page.locator('main').focus();
    await tabTo(/^Replay$/);
    await page.keyboard.press('Enter');
    await page.getByText('1 part missing').waitFor();
    await tabTo(/^\{$/);
    await page.keyboard.press('End');
    for (let at = 0; at < 60 && (await focused().getAttribute('data-member')) !== 'suggested'; at++)
      await page.keyboard.press('ArrowUp');
    await why().getByText('the call failed', { exact: false }).waitFor();
    // The summary for people who listen to the page.
    expect(await page.getByRole('status').first().innerText()).toMatch(/GET \/home: 200, 1 missing/);
  });

  it('finds the app again after a restart, and shows its requests', async () => {
    const env = { ...app.world.env, MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0' };
    const policy = loadConfig(join(workspaceRoot, 'apps/mobile/bff.yaml'), { env });
    const start = async (adminPort: number) => {
      const loaded = { ...policy, listen: { ...policy.listen, adminPort }, log: { ...policy.log, requests: false } };
      const gateway = createGateway(MobileModule, { loaded, developerPage: {} });
      const { url, adminUrl = '' } = await gateway.start();
      return { gateway, url, adminUrl };
    };
    const before = await start(0);
    const other = await context.newPage();
    await other.goto(`${before.adminUrl}/`);
    await fetch(`${before.url}/home`);
    await other.getByRole('link', { name: 'GET /home' }).click();
    await before.gateway.close();
    await other.getByText('not connected').waitFor();
    const after = await start(Number(new URL(before.adminUrl).port));
    try {
      await other.getByText('live', { exact: true }).waitFor();
      await other.getByText('No request yet', { exact: false }).waitFor();
      await fetch(`${after.url}/cart`);
      await other.getByRole('link', { name: 'GET /cart 401' }).waitFor();
    } finally {
      await other.close();
      await after.gateway.close();
    }
  });

  it('hides members that a contract classifies until they are asked for', async () => {
    await home();
    await member('user.name').hover();
    await why().getByText('pii').waitFor();
    expect(await member('user.name').innerText()).toBe('name: "[pii]"');
    await page.getByRole('button', { name: 'Show hidden members' }).click();
    await page.getByText('"Ada Lovelace"', { exact: true }).waitFor();
  });

  it('moves the sliders of an upstream, and shows its figures, places and breakers', async () => {
    await home();
    await page.getByRole('link', { name: 'upstreams' }).click();
    await page.getByRole('button', { name: /^orders/ }).click();
    const fault = page.locator('.upstreams .fault');
    const delay = page.getByRole('slider', { name: 'delay' });
    await delay.fill('400');
    await fault.getByText('400 ms later').waitFor();
    expect(await delay.getAttribute('aria-valuetext')).toBe('400 ms');
    await page.getByLabel('failure').selectOption('503');
    await fault.getByText('400 ms later, status 503').waitFor();
    await page.getByRole('slider', { name: 'share of calls' }).fill('50');
    await fault.getByText('400 ms later, status 503 for 50 %').waitFor();
    expect(await page.locator('.upstreams .panel').innerText()).toMatch(/\d+ of \d+ taken, 0 wait/);
  });

  const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

  /** Faults against these rules, of WCAG 2.2 AA and others, that a program can find. */
  async function accessFaults(rules: readonly string[] = wcag): Promise<readonly string[]> {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(rules)} })`);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
  }

  it.each(['light', 'dark'] as const)('shows plans, policy and calls, in %s colours', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const rules = colorScheme === 'light' ? wcag : ['color-contrast'];
    await app.world.setFault('recommendations', { status: 503, operation: 'listRecommendations' });
    await home();
    await page.getByRole('button', { name: 'suggested' }).click();
    await member('suggested').hover();
    await why().getByText('the call failed', { exact: false }).waitFor();
    expect(await accessFaults(rules)).toEqual([]);
    await page.getByRole('link', { name: 'upstreams' }).click();
    await page.getByRole('button', { name: /^recommendations/ }).click();
    expect(await accessFaults(rules)).toEqual([]);
    await page.getByRole('link', { name: 'endpoints' }).click();
    await page.getByRole('link', { name: 'GET /home' }).click();
    await page.locator('.graph .node', { hasText: 'parcels' }).waitFor();
    expect(await page.locator('.graph .edge').count()).toBe(1);
    if (colorScheme === 'light') expect(await accessFaults()).toEqual([]);
    await page.getByRole('link', { name: 'policy' }).click();
    await page.getByRole('searchbox', { name: 'filter' }).fill('banners timeout');
    await expect
      .poll(() => page.locator('.policy tbody').innerText())
      .toMatch(/^plans\."mobile\.home"\.calls\.banners\.timeout\s+100ms\s+apps\/mobile\/bff\.yaml:\d+$/);
    if (colorScheme === 'light') expect(await accessFaults()).toEqual([]);
    await page.getByRole('link', { name: 'sandbox' }).click();
    await page.getByRole('rowheader', { name: 'recommendations.listRecommendations' }).first().waitFor();
    if (colorScheme === 'light') expect(await accessFaults()).toEqual([]);
    const [back, text] = await Promise.all(
      ['backgroundColor', 'color'].map(async (name) => {
        const colour = await page.evaluate<string>(`getComputedStyle(document.documentElement).${name}`);
        return Number(/\d+/.exec(colour)?.[0]);
      }),
    );
    expect((back ?? 0) > (text ?? 0)).toBe(colorScheme === 'light');
  });
});

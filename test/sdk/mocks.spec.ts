import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadConfig } from '@frontage/config';
import { readContract } from '@frontage/contracts';
import { createGateway, type Gateway } from '@frontage/gateway';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { PartnerModule } from '../../apps/partner/src/partner.module.js';
import { WebModule } from '../../apps/web/src/web.module.js';
import { browserIsInstalled, startBrowser } from '../../apps/web/test/browser.js';
import { sampled } from '../../libs/generator/src/endpoint/planner/sampled-contract.js';
import type { SampleRequest } from '../../libs/generator/src/endpoint/planner/sample-request.js';
import { documentedEndpoints } from '../../libs/generator/src/examples/documented-endpoints.js';
import { exampleRequest } from '../../libs/generator/src/examples/example-request.js';
import { UpstreamValues } from '../../libs/generator/src/examples/upstream-values.js';
import type { AppDescription } from '../../libs/generator/src/plan/app-description.js';
import type { Mocks, MockResponse, MockScreen } from '../../libs/generator/src/mocks/runtime/mocks.js';
import { SlowClock } from '../../libs/testing/src/clocks/slow-clock.js';
import { codeOf, StrictProject } from './strict-project.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const upstreams = ['users', 'catalogue', 'inventory', 'carts', 'orders', 'shipping', 'recommendations', 'reviews', 'content']; // prettier-ignore
const apps = [
  ['mobile', MobileModule],
  ['web', WebModule],
  ['partner', PartnerModule],
] as const;
const reasons = ['timeout', 'error', 'bad_payload', 'open_circuit', 'shed', 'skipped', 'credentials', 'forbidden', 'not_found']; // prettier-ignore

let project: StrictProject;
beforeAll(async () => {
  project = await StrictProject.make();
  for (const [app] of apps) await project.frontage('mocks', app, '--out', project.place(''), '--msw');
});
afterAll(() => project.remove());

const imported = async <T>(file: string): Promise<T> =>
  (await import(/* @vite-ignore */ pathToFileURL(project.place(file)).href)) as T;

interface Runtime {
  readonly mockResponse: (screen: MockScreen, scenario: string) => MockResponse;
}

/** The parts of a response that a client sees; the id of the request is another one each time. */
interface Seen {
  readonly status: number;
  readonly type: string | null | undefined;
  readonly after: string | null | undefined;
  readonly parts: string | null | undefined;
  readonly body: string;
}

const withoutIds = (body: string): string => body.replace(/"requestId":"[^"]*"/, '"requestId":"r"');

/** A write makes something new: its ids and times are those of that moment. */
const withoutMoments = (body: string): string =>
  body.replaceAll(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"time"').replaceAll(/"(?:\w+-)?\d{3,}"/g, '"id"');

class RunningApp {
  private constructor(
    readonly description: AppDescription,
    readonly url: string,
    readonly world: World,
    readonly gateway: Gateway,
  ) {}

  static async start(bff: string, module: Parameters<typeof createGateway>[0]): Promise<RunningApp> {
    const world = await startWorld({ upstreams });
    const name = bff.toUpperCase();
    const env = { ...world.env, [`${name}_PORT`]: '0', [`${name}_ADMIN_PORT`]: '0', [`${name}_PUBLIC_URL`]: 'http://localhost:1' }; // prettier-ignore
    const policy = loadConfig(join(workspaceRoot, `apps/${bff}/bff.yaml`), { env, environment: 'test' });
    const { addressLimit: _many, ...rest } = policy;
    const rateClasses = Object.fromEntries(
      Object.entries(policy.rateClasses).map(([each, limits]) => [
        each,
        limits.map((one) => ({ ...one, limit: 100_000 })),
      ]),
    );
    const gateway = createGateway(module, {
      loaded: { ...rest, rateClasses, log: { ...policy.log, requests: false } },
      scenarios: true,
      // A busy machine must not make parts late.
      clock: new SlowClock(10),
      admin: false,
    });
    const { url } = await gateway.start();
    const description = JSON.parse(JSON.stringify(await gateway.describe())) as AppDescription;
    return new RunningApp(description, url, world, gateway);
  }

  async stop(): Promise<void> {
    await this.gateway.close();
    await this.world.stop();
  }

  async ask(method: string, { path, headers, body }: SampleRequest, token: string, scenario: string): Promise<Seen> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        ...(scenario !== 'complete' && { 'x-frontage-scenario': scenario }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      after: response.headers.get('retry-after'),
      parts: response.headers.get('frontage-parts'),
      body: withoutIds(await response.text()),
    };
  }
}

const statesOf = ({ parts, problems }: MockScreen): string[] => [
  ...Object.keys(parts).flatMap((part) => reasons.map((reason) => `${part}=${reason}`)),
  ...Object.keys(problems),
  'complete',
];

describe.each(apps)('the mocks of %s', (bff, module) => {
  it('are, byte for byte but for ids and times, what the running BFF says under the same scenario', async () => {
    const { mockResponse } = await imported<Runtime>('frontage.mocks.gen.ts');
    const mocks = (await imported<Readonly<Record<string, Mocks>>>(`${bff}.mocks.gen.ts`))[`${bff}Mocks`] ?? {};
    const file = join(workspaceRoot, `apps/${bff}/openapi.gen.json`);
    const contract = sampled(await readContract(file, { text: await readFile(file, 'utf8'), lint: false }));
    const values = new UpstreamValues((upstream) => join(workspaceRoot, 'libs/upstreams', upstream));
    const app = await RunningApp.start(bff, module);
    const screens = documentedEndpoints(app.description, contract).toSorted((one) =>
      one.endpoint.method === 'GET' ? -1 : 1,
    );
    expect(Object.keys(mocks)).toHaveLength(screens.length);
    let compared = 0;
    for (const one of screens) {
      const { endpoint, operation } = one;
      const screen = Object.values(mocks).find(
        ({ method, path }) => method === operation.method && path === operation.path,
      );
      const request = await exampleRequest(one, contract.samples, values);
      if (screen === undefined || 'reason' in request)
        throw new Error(`${endpoint.method} ${endpoint.path} has no mock`);
      const scopes = endpoint.access === 'public' ? [] : endpoint.access.allScopes;
      const token = await app.world.token({ user: 'ada', scopes, audience: `${bff}-bff` });
      for (const scenario of statesOf(screen)) {
        const { status, headers, body } = mockResponse(screen, scenario);
        const mocked: Seen = {
          status,
          type: headers['content-type'],
          after: headers['retry-after'] ?? null,
          parts: headers['frontage-parts'] ?? null,
          body: withoutIds(body),
        };
        const place = `${endpoint.method} ${endpoint.path}, ${scenario}`;
        const isWrite = endpoint.method !== 'GET' && scenario === 'complete';
        const seen = await app.ask(endpoint.method, request, token, scenario);
        if (isWrite)
          expect({ ...seen, body: withoutMoments(seen.body) }, place).toEqual({ ...mocked, body: withoutMoments(body) }); // prettier-ignore
        else expect(seen, place).toEqual(mocked);
        const schema = operation.responses.find((each) => each.status === String(status))?.media[0]?.schema ?? false;
        expect(contract.samples.accepts(schema, JSON.parse(body)), `${place}: valid`).toBe(true);
        compared += 1;
      }
    }
    await app.stop();
    expect(compared).toBeGreaterThan(100);
  });
});

it('the mocks of an app are the same in another run', async () => {
  const text = await project.frontage('mocks', 'mobile', '--out', project.place(''), '--msw', '--check');
  expect(text).toContain('is current: nothing has changed');
});

describe('X-Frontage-Scenario', () => {
  it.each([
    ['error', { status: 500 }],
    ['bad_payload', { badPayload: true }],
    ['timeout', { hang: true }],
  ] as const)('gives what the service gives that fails for real: %s', async (reason, fault) => {
    const app = await RunningApp.start('mobile', MobileModule);
    const token = await app.world.token({ user: 'ada', scopes: ['home:read'], audience: 'mobile-bff' });
    const request = { path: '/home', headers: {}, body: undefined, form: undefined };
    const asked = await app.ask('GET', request, token, `banners=${reason}`);
    await app.world.setFault('content', { operation: 'listBanners', ...fault });
    const real = await app.ask('GET', request, token, 'complete');
    expect(JSON.parse(real.body)).toHaveProperty('_parts.banners.status', reason);
    expect(asked).toEqual(real);
    await app.stop();
  });
});

describe('the examples of docs/mocks.md', () => {
  beforeAll(async () => {
    const [test = '', msw = '', stories = '', playwright = ''] = await codeOf('docs/mocks.md', 'ts');
    await project.write('home-test.ts', test);
    await project.write('server.ts', msw);
    await project.write('home.stories.ts', stories);
    await project.write('pages.ts', playwright);
  });

  it('compile in a strict project with the mocks of all apps, and a misspelled scenario does not', async () => {
    expect(await project.compile()).toBe('');
    await project.write(
      'mistakes.ts',
      `import { mobileFetch, mobileStory } from './mobile.mocks.gen.js';
// @ts-expect-error: no such part
mobileFetch({ home: 'banner=timeout' });
// @ts-expect-error: no such reason
mobileFetch({ home: 'banners=late' });
// @ts-expect-error: no such screen
mobileStory({ hom: 'complete' });
// @ts-expect-error: a problem of another screen
mobileStory({ home: 'order_unknown' });
`,
    );
    expect(await project.compile()).toBe('');
  });

  it('give a client without a server', async () => {
    const { withoutBanners } = await imported<{ readonly withoutBanners: Client }>('home-test.ts');
    expect(await withoutBanners.home()).toMatchObject({
      kind: 'partial',
      partialData: { greeting: 'Hello Ada Lovelace', banners: [] },
      missing: { banners: { status: 'timeout', source: 'fallback' } },
    });
    expect(
      await withoutBanners.home({ headers: { 'X-Frontage-Scenario': 'profile=open_circuit' }, attempts: 1 }),
    ).toMatchObject({
      kind: 'problem',
      problem: { code: 'GW_UPSTREAM_OPEN_CIRCUIT', part: 'profile' },
      retryAfterMs: 1000,
    });
    expect(await withoutBanners.order({ path: { id: 'o-7' } })).toMatchObject({ kind: 'complete', status: 200 });
  });

  it('give a server of MSW, which lets other requests go on', async () => {
    const { server } = await imported<{ readonly server: MockServer }>('server.ts');
    server.listen({ onUnhandledRequest: 'error' });
    const home = await fetch('https://any.example/api/home');
    expect(await home.json()).toMatchObject({ suggested: null, _parts: { suggested: { status: 'shed' } } });
    expect((await fetch('https://any.example/cart')).status).toBe(504);
    await expect(fetch('https://any.example/elsewhere')).rejects.toThrow();
    server.close();
  });

  it('give stories, which put the fetch of the page back', async () => {
    const { WithoutBanners } = await imported<{ readonly WithoutBanners: Story }>('home.stories.ts');
    const before = globalThis.fetch;
    const after = WithoutBanners.beforeEach();
    expect(await (await fetch('/home')).json()).toMatchObject({ _parts: { banners: { status: 'error' } } });
    await expect(fetch('/nowhere')).rejects.toThrow('there is no mock for GET /nowhere');
    after();
    expect(globalThis.fetch).toBe(before);
  });

  it.skipIf(!browserIsInstalled())('give a page of a browser', async () => {
    const { openWithoutProfile } = await imported<{
      readonly openWithoutProfile: (page: Page, url: string) => Promise<void>;
    }>('pages.ts');
    const browser = await startBrowser();
    const page = await browser.newPage();
    await openWithoutProfile(page, 'data:text/html,<title>Shop</title>');
    const answer: unknown = await page.evaluate(
      `fetch('https://bff.test/home').then(async (response) => [response.status, (await response.json()).code])`,
    );
    expect(answer).toEqual([504, 'GW_UPSTREAM_TIMEOUT']);
    await browser.close();
  });
});

/** The parts of the generated code that a test calls. */
interface Client {
  readonly home: (options?: object) => Promise<unknown>;
  readonly order: (input: object) => Promise<unknown>;
}
interface MockServer {
  readonly listen: (options: { readonly onUnhandledRequest: 'error' }) => void;
  readonly close: () => void;
}
interface Story {
  readonly beforeEach: () => () => void;
}

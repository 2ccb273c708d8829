import { Controller, Get, Post } from '@nestjs/common';
import {
  each,
  list,
  optional,
  orNull,
  pick,
  plan,
  problem,
  required,
  screen,
  step,
  write,
} from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createGateway, type Gateway } from '../create-gateway.js';
import { policyFile, policyText, specModule } from '../fixtures/gateway-under-test.js';
import { addItem, getItem } from '../fixtures/shop.js';
import { allowsScenarios } from './scenarios.js';
import { Screen } from './screen.decorator.js';

const gone = problem(410, 'item_gone', 'The item is gone.');
const closed = problem(403, 'shop_closed', 'The shop is closed.');

const homeScreen = screen(
  plan('spec.home', { deadlineMs: 1000 }, () => {
    const item = required(getItem, { path: { id: 'i-1' } }, { refuseOn: { 404: gone } });
    const other = optional(getItem, { path: { id: 'i-2' } });
    const third = optional(getItem, { path: { id: 'i-3' } }, { fallback: { id: 'i-0', name: 'Any' } });
    const ids = step(z.array(z.object({ id: z.string() })), { item, closed }, () => [{ id: 'a' }, { id: 'b' }]);
    const items = each(ids, (one) => optional(getItem, { path: { id: one.id } }), { maxCount: 5 });
    return { item, other, third, ids, items };
  }),
  ({ item, other, third, items }) => ({
    item: pick(item, 'name'),
    other: orNull(pick(other, 'name')),
    third: pick(third, 'name'),
    items: list(items, (one) => orNull(pick(one, 'name'))),
  }),
);
const addScreen = screen(
  plan('spec.add', { deadlineMs: 1000 }, () => ({ item: write(addItem, { body: { name: 'Lamp' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller('home')
class HomeController {
  @Get()
  @Screen(homeScreen)
  show() {
    return {};
  }
  @Post()
  @Screen(addScreen)
  add() {
    return {};
  }
}

let shop: RawServer;
beforeAll(async () => {
  shop = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'Lamp' }));
});
afterAll(() => shop.stop());

const configOf = (environment: string) =>
  loadConfig(policyFile(policyText({ policy: 'access: off' })), { env: { SHOP_URL: shop.url }, environment });

async function start(
  environment: string,
  scenarios?: boolean,
): Promise<{ readonly gateway: Gateway; readonly url: string }> {
  const gateway = createGateway(specModule({ controllers: [HomeController] }), {
    loaded: configOf(environment),
    admin: false,
    ...(scenarios !== undefined && { scenarios }),
  });
  return { gateway, url: (await gateway.start()).url };
}

async function ask(url: string, scenario: string | undefined, method = 'GET') {
  const response = await fetch(`${url}/home`, {
    method,
    headers: scenario === undefined ? {} : { 'X-Frontage-Scenario': scenario },
  });
  return {
    status: response.status,
    body: (await response.json()) as object,
    after: response.headers.get('retry-after'),
  };
}

const complete = {
  item: { name: 'Lamp' },
  other: { name: 'Lamp' },
  third: { name: 'Lamp' },
  items: [{ name: 'Lamp' }, { name: 'Lamp' }],
};

describe('X-Frontage-Scenario in development', () => {
  let gateway: Gateway;
  let url = '';
  beforeAll(async () => ({ gateway, url } = await start('development', true)));
  afterAll(() => gateway.close());

  it.each([
    'timeout',
    'error',
    'bad_payload',
    'open_circuit',
    'shed',
    'skipped',
    'credentials',
    'forbidden',
    'not_found',
  ])('lets a part be missing for the reason %s', async (reason) => {
    expect(await ask(url, `other=${reason}`)).toMatchObject({
      status: 200,
      body: { ...complete, other: null, _parts: { other: { status: reason, source: 'none' } } },
    });
  });

  it('lets several parts be missing, with fallbacks, and all items of a list', async () => {
    const { body } = await ask(url, 'third=shed , items=timeout');
    expect(body).toEqual({
      ...complete,
      third: { name: 'Any' },
      items: [null, null],
      _parts: { third: { status: 'shed', source: 'fallback' }, items: { items: { 0: 'timeout', 1: 'timeout' } } },
    });
  });

  it.each([
    ['item=timeout', 504, 'GW_UPSTREAM_TIMEOUT', null],
    ['item=error', 502, 'GW_UPSTREAM_FAILED', null],
    ['item=open_circuit', 503, 'GW_UPSTREAM_OPEN_CIRCUIT', '1'],
    ['item=404', 410, 'item_gone', null],
    ['GW_RATE_LIMITED', 429, 'GW_RATE_LIMITED', '1'],
    ['shop_closed', 403, 'shop_closed', null],
  ])('ends with a problem: %s', async (scenario, status, code, after) => {
    expect(await ask(url, scenario)).toMatchObject({ status, body: { code }, after });
  });

  it('sends no call of a part that it fails, a change least of all', async () => {
    const before = shop.requests.length;
    expect(await ask(url, 'item=timeout', 'POST')).toMatchObject({
      status: 504,
      body: { code: 'GW_UPSTREAM_TIMEOUT' },
    });
    expect(shop.requests).toHaveLength(before);
  });

  it('concerns one request alone', async () => {
    const [asked, plain] = await Promise.all([ask(url, 'other=error'), ask(url, undefined)]);
    expect(asked.body).toHaveProperty('_parts');
    expect(plain.body).toEqual(complete);
  });

  it.each([
    ['othr=error', 'there is no part othr; did you mean other?'],
    ['ids=error', 'there is no part ids; there are item, other, third, items'],
    ['other=erorr', 'there is no reason erorr; did you mean error?'],
    ['other=200', 'there is no reason 200; there are timeout, error'],
    ['GW_RATE_LIMITD', 'there is no problem GW_RATE_LIMITD; did you mean GW_RATE_LIMITED?'],
    ['__proto__=error', 'there is no part __proto__; there are'],
    ['', 'there is no problem '],
  ])('says what is wrong with its text: %s', async (scenario, text) => {
    const { status, body } = await ask(url, scenario);
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'GW_BAD_REQUEST' } });
    expect('detail' in body && body.detail).toContain(`x-frontage-scenario: ${text}`);
  });
});

describe('X-Frontage-Scenario elsewhere', () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['in production, whatever is asked for', 'production', true],
    ['in development that no command of Frontage has started', 'development', undefined],
  ])('means nothing: %s', async (_, environment, scenarios) => {
    const { gateway, url } = await start(environment, scenarios);
    for (const scenario of ['other=error', 'GW_RATE_LIMITED', 'nonsense', '='.repeat(2000)])
      expect(await ask(url, scenario)).toEqual({ status: 200, body: complete, after: null });
    await gateway.close();
  });

  it('means nothing where the variable of the commands leaks into production, or an upstream is on another machine', () => {
    const config = configOf('staging');
    expect(allowsScenarios(config)).toBe(false);
    vi.stubEnv('FRONTAGE_SCENARIOS', 'on');
    expect(allowsScenarios(config)).toBe(true);
    expect(allowsScenarios({ ...config, environment: 'production' })).toBe(false);
    for (const url of [
      'https://orders.example.com',
      'http://10.0.0.1',
      'http://localhost.example.com',
      'unix:/run/a',
    ]) {
      const upstreams = Object.fromEntries(
        Object.entries(config.upstreams).map(([name, upstream]) => [name, { ...upstream, urls: [shop.url, url] }]),
      );
      expect(allowsScenarios({ ...config, upstreams }), url).toBe(false);
    }
    vi.stubEnv('NODE_ENV', 'production');
    expect(allowsScenarios(config)).toBe(false);
  });
});

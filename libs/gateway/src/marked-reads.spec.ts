import { Controller, Get } from '@nestjs/common';
import { optional, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { ConfigError, loadConfig } from '@frontage/config';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterEach, describe, expect, it } from 'vitest';
import { createGateway } from './create-gateway.js';
import { GatewayUnderTest, policyFile, policyText, specModule, type AppParts } from './fixtures/gateway-under-test.js';
import { addItem, dropItem, findItems } from './fixtures/shop.js';
import { Screen } from './screens/screen.decorator.js';

let app: GatewayUnderTest | undefined;
afterEach(() => app?.stop());

const found = screen(
  plan('spec.found', { deadlineMs: 5_000 }, () => ({
    items: required(findItems, { body: { ids: ['a', 'b'] } }, { safe: true }),
    more: optional(findItems, { body: { ids: ['c'] } }, { safe: true, fallback: [] }),
  })),
  ({ items, more }) => ({ items, more }),
);
const changed = screen(
  plan('spec.changed', { deadlineMs: 5_000 }, () => ({
    made: write(findItems, { body: { ids: [] } }),
    dropped: write(dropItem, { path: { id: 'a' } }),
    added: write(addItem, { body: { name: 'b' } }),
  })),
  ({ made }) => ({ made }),
);

@Public()
@Controller('found')
class Found {
  @Get()
  @Screen(found)
  show() {
    return {};
  }
}
@Public()
@Controller('changed')
class Changed {
  @Get()
  @Screen(changed)
  show() {
    return {};
  }
}

async function mistakesOf(parts: AppParts): Promise<readonly string[]> {
  const config = policyFile(policyText(parts));
  const env = { SHOP_URL: 'http://127.0.0.1:1' };
  const gateway = createGateway(specModule(parts), { loaded: loadConfig(config, { env, environment: 'test' }) });
  try {
    await gateway.start();
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.issues.map(({ message }) => message);
    throw cause;
  }
  await gateway.close();
  return [];
}

const shop = (more: string): string => `  shop: { urls: ['\${SHOP_URL}']${more} }`;

describe('a read by POST', () => {
  it('is tried again, cached by its body, and a failed page names no change', async () => {
    app = await GatewayUnderTest.start({
      controllers: [Found],
      upstreams: shop(', retry: { attempts: 2, budget: 50% }, cache: { findItems: { ttl: 1m, scope: public } }'),
    });
    const bodies = () => app?.shop.requests.map(({ body }) => body);
    let refused = 0;
    app.shop.reply = (socket, request) => {
      if (request.body.includes('"a"') && refused++ === 0) rawReplies.json({}, {}, 503)(socket, request);
      else rawReplies.json([{ id: request.body, name: 'x' }])(socket, request);
    };
    const first = await app.ask('/found');
    expect([first.status, await first.json()]).toMatchObject([
      200,
      { items: [{ id: '{"ids":["a","b"]}' }], more: [{ id: '{"ids":["c"]}' }] },
    ]);
    expect(bodies()?.toSorted()).toEqual(['{"ids":["a","b"]}', '{"ids":["a","b"]}', '{"ids":["c"]}']);
    expect((await app.ask('/found')).status).toBe(200);
    expect(bodies()).toHaveLength(3);
  });

  it('that fails ends in the problem of a read', async () => {
    app = await GatewayUnderTest.start({ controllers: [Found] });
    app.shop.reply = rawReplies.json({}, {}, 500);
    const answer = await app.ask('/found');
    const body: unknown = await answer.json();
    expect([answer.status, body]).toMatchObject([502, { code: 'GW_UPSTREAM_FAILED', part: 'items' }]);
    expect(body).not.toHaveProperty('writes');
  });
});

describe('a mark in policy', () => {
  const parts = { controllers: [Found, Changed] };

  it('stops the start where a plan writes with the operation, or it removes something', async () => {
    const marks = 'operations: { findItems: { safe: true }, dropItem: { safe: true } }';
    expect(await mistakesOf({ ...parts, upstreams: shop(`, ${marks}`) })).toEqual([
      'the plan "spec.changed" calls "findItems" with write(...); run "npx frontage upstream update --stored shop", then call it with required(...) or optional(...)',
      '"dropItem" is a DELETE, which removes something; take the mark out',
    ]);
  });

  it('is what a cache of a change needs', async () => {
    expect(await mistakesOf({ ...parts, upstreams: shop(', cache: { addItem: { ttl: 1s } }') })).toEqual([
      '"addItem" is a POST, and only reads are cached; where it only reads, write operations: { addItem: { safe: true } }',
    ]);
  });

  it('takes true or false', async () => {
    expect(() =>
      loadConfig(policyFile(policyText({ upstreams: shop(', operations: { findItems: { safe: yes-please } }') })), {
        env: { SHOP_URL: 'http://127.0.0.1:1' },
        environment: 'test',
      }),
    ).toThrow(/expected true or false, found "yes-please"/);
  });
});

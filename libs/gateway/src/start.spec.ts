import { Controller, Get, Post } from '@nestjs/common';
import { each, optional, pick, plan, required, screen, list, orNull } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { ConfigError, loadConfig } from '@frontage/config';
import { RateClass } from '@frontage/throttling';
import { describe, expect, it } from 'vitest';
import { createGateway } from './create-gateway.js';
import { policyFile, policyText, specModule, takesTokens, type AppParts } from './fixtures/gateway-under-test.js';
import { getItem, listItems } from './fixtures/shop.js';
import { BootError } from './routes/routes.js';
import { Screen } from './screens/screen.decorator.js';

const env = { SHOP_URL: 'http://127.0.0.1:1', ISSUER_URL: 'http://127.0.0.1:1' };
const itemScreen = screen(
  plan('spec.item', { deadlineMs: 1000 }, () => {
    const items = required(listItems, {});
    const more = each(items, (item) => optional(getItem, { path: { id: item.id } }), { maxCount: 2 });
    return { items, more };
  }),
  ({ more }) => ({ more: list(more, (one) => orNull(pick(one, 'id'))) }),
);

@Public()
@Controller('item')
class ItemController {
  @Get()
  @RateClass('interactive')
  @Screen(itemScreen)
  show() {
    return {};
  }
}

async function startOf(parts: AppParts): Promise<unknown> {
  const config = policyFile(policyText(parts));
  const gateway = createGateway(specModule(parts), { loaded: loadConfig(config, { env, environment: 'test' }) });
  try {
    await gateway.start();
  } catch (cause) {
    return cause;
  }
  await gateway.close();
  return undefined;
}

/** `<line>:<column> <message>` of each mistake. */
async function mistakesOf(parts: AppParts): Promise<readonly string[]> {
  const cause = await startOf(parts);
  if (!(cause instanceof ConfigError)) throw new Error(`this starts, or fails otherwise: ${String(cause)}`);
  return cause.issues.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const interactive = 'rateClasses: { interactive: [{ per: user, limit: 1, window: 1s }] }\n';

describe('a route that says nothing about access', () => {
  @Controller('first')
  class First {
    @Get()
    one(): void {}
    @Post(':id')
    two(): void {}
    @Get('open')
    @Public()
    open(): void {}
  }
  @Controller('second')
  class Second {
    @Get()
    three(): void {}
  }

  it('stops the start, and all such routes are named at once', async () => {
    const cause = await startOf({ controllers: [First, Second], upstreams: '' });
    expect(cause).toBeInstanceOf(BootError);
    expect((cause as BootError).issues).toEqual([
      expect.stringContaining('First.one (GET /first) says neither @Access(...) nor @Public()'),
      expect.stringContaining('First.two (POST /first/:id) says neither'),
      expect.stringContaining('Second.three (GET /second) says neither'),
    ]);
  });
});

describe('a policy that the app has no use for (F27)', () => {
  it('is refused at its place where it names an unknown plan or call', async () => {
    expect(
      await mistakesOf({
        controllers: [ItemController],
        policy: `${interactive}plans:\n  spec.itm: { deadline: 1s }\n  spec.item: { calls: { itms: { timeout: 1ms }, more: { timeout: 1ms } } }\n`,
      }),
    ).toEqual([
      '8:3 no screen of this app has the plan "spec.itm"; did you mean "spec.item"?',
      '9:25 the plan "spec.item" has no call "itms"; did you mean "items"?',
    ]);
  });

  it('is refused at its place where it names an upstream or an operation that no screen calls', async () => {
    expect(
      await mistakesOf({
        controllers: [ItemController],
        policy: interactive,
        upstreams: `  shop: { urls: ['\${SHOP_URL}'], cache: { getItm: { ttl: 1s } }, operations: { listAll: { timeout: 1s } } }\n  shopp: { urls: ['http://x'] }`,
      }),
    ).toEqual([
      '5:43 no screen of this app calls "getItm" of "shop"; did you mean "getItem"?',
      '5:80 no screen of this app calls "listAll" of "shop"; there are listItems, getItem',
      '6:3 no screen of this app calls the upstream "shopp"; remove it',
    ]);
  });

  it('is refused where it lacks what a route or a screen needs', async () => {
    @Controller('guarded')
    class Guarded {
      @Get()
      @Access({ scope: 'x' })
      @RateClass('interactiv')
      show(): void {}
    }
    expect(await mistakesOf({ controllers: [ItemController, Guarded], policy: interactive, upstreams: '' })).toEqual([
      '4:1 GET /guarded has the rate class "interactiv", which is not defined here; did you mean "interactive"?',
      '1:1 GET /guarded asks for a caller, but this app takes no tokens; add access: { jwt: { issuer, audience, jwks } }',
      '1:1 a screen calls the upstream "shop", which has no address here; add shop: { urls: [...] }',
    ]);
  });

  it('is refused where it defines a rate class that no route has', async () => {
    expect(
      await mistakesOf({
        controllers: [ItemController],
        policy:
          'rateClasses:\n  interactive: [{ per: user, limit: 1, window: 1s }]\n  batch: [{ per: user, limit: 1, window: 1s }]\n',
      }),
    ).toEqual(['8:3 no route of this app has the rate class "batch"; remove it']);
  });

  it('is none where it is inherited: a base may speak to other apps', async () => {
    const base = policyFile(
      `rateClasses:\n  interactive: [{ per: user, limit: 1, window: 1s }]\n  batch: [{ per: user, limit: 1, window: 1s }]\n`,
    );
    expect(await startOf({ controllers: [ItemController], policy: `extends: ${base}\n` })).toBeUndefined();
  });

  it('with all in its place starts', async () => {
    expect(
      await startOf({
        controllers: [ItemController],
        policy: `${interactive}${takesTokens}plans: { spec.item: { deadline: 1s, calls: { more: { timeout: 1ms } } } }\n`,
      }),
    ).toBeUndefined();
  });
});

import { Controller, Get, Post } from '@nestjs/common';
import { each, given, optional, pick, plan, required, screen, list, orNull, step } from '@frontage/aggregation';
import { Access, type Caller, Public } from '@frontage/auth';
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
  it('is refused at its place where it has objectives of an unknown plan', async () => {
    expect(
      await mistakesOf({
        controllers: [ItemController],
        policy: `${interactive}slo:\n  spec.itm: { availability: 99.9% }\n`,
      }),
    ).toEqual(['8:3 no screen of this app has the plan "spec.itm"; did you mean "spec.item"?']);
  });

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

describe('a claim that a plan reads of its caller', () => {
  type WithPlan = Caller<{ plan: string; seats?: number }>;
  const claimsPlan = plan('spec.claims', { input: { caller: given<WithPlan>() }, deadlineMs: 1000 }, ({ caller }) => {
    const size = step({ seats: caller.claims.seats }, ({ seats }) => seats ?? 1);
    return { item: required(getItem, { path: { id: caller.claims.plan } }), size };
  });
  const claimsScreen = screen(claimsPlan, ({ item }) => pick(item, 'id'));
  @Access()
  @Controller('claims')
  class ClaimsController {
    @Get()
    @Screen(claimsScreen)
    show() {
      return { caller: undefined };
    }
  }
  const withClaims = (claims: string) => ({
    controllers: [ClaimsController],
    policy: takesTokens.replace("/jwks.json'", `/jwks.json', claims: { ${claims} }`),
  });

  it('stops the start where the policy does not name it, or does not require one that a call needs', async () => {
    expect(await mistakesOf(withClaims('plam: { kind: text }'))).toEqual([
      expect.stringContaining(
        'the plan "spec.claims" reads the claim "plan" of its caller, which is not named here; did you mean "plam"?',
      ),
      expect.stringContaining(
        'reads the claim "seats" of its caller, which is not named here; add seats: { kind: text }',
      ),
    ]);
    expect(await mistakesOf(withClaims('plan: { kind: text }, seats: { kind: number }'))).toEqual([
      expect.stringContaining(
        'a call of the plan "spec.claims" needs the claim "plan" of its caller; write required: true',
      ),
    ]);
    expect(await startOf(withClaims('plan: { kind: text, required: true }, seats: { kind: number }'))).toBeUndefined();
  });
});

describe('a screen that cannot work on its route stops the start', () => {
  const ofCaller = plan('spec.caller', { input: { caller: given<Caller>() }, deadlineMs: 1000 }, ({ caller }) => ({
    item: required(getItem, { path: { id: caller.subject } }),
  }));
  const callerScreen = screen(ofCaller, ({ item }) => pick(item, 'id'));

  it('where it needs a caller and the route is public', async () => {
    @Controller('open')
    class Open {
      @Get()
      @Public()
      @Screen(callerScreen)
      show() {
        return { caller: undefined };
      }
    }
    expect(String(await startOf({ controllers: [Open] }))).toMatch(
      /Open\.show \(GET \/open\) is public and so has no caller, but its plan 'spec\.caller' needs caller\.subject at .+start\.spec\.ts:\d+:\d+: write @Access\(\.\.\.\)/,
    );
  });

  it('where two plans have one name', async () => {
    const again = screen(
      plan('spec.item', { deadlineMs: 1000 }, () => ({ items: required(listItems, {}) })),
      ({ items }) => ({ items: list(items, (item) => pick(item, 'id')) }),
    );
    @Public()
    @Controller('again')
    class Again {
      @Get()
      @Screen(again)
      show() {
        return {};
      }
    }
    expect(String(await startOf({ controllers: [ItemController, Again], policy: interactive }))).toMatch(
      /two plans have the name 'spec\.item', at .+start\.spec\.ts:\d+:\d+ and at .+start\.spec\.ts:\d+:\d+: rename one/,
    );
  });

  it('where its method has no route', async () => {
    @Public()
    @Controller('lost')
    class Lost {
      @Screen(itemScreen)
      show() {
        return {};
      }
    }
    expect(String(await startOf({ controllers: [ItemController, Lost], policy: interactive }))).toContain(
      'Lost.show has @Screen(...) and no route: write @Get(), @Post() or another method above it',
    );
  });

  it('but one plan may serve several routes', async () => {
    @Public()
    @Controller('twice')
    class Twice {
      @Get('a')
      @RateClass('interactive')
      @Screen(itemScreen)
      a() {
        return {};
      }
      @Get('b')
      @Screen(itemScreen)
      b() {
        return {};
      }
    }
    expect(await startOf({ controllers: [Twice], policy: interactive })).toBeUndefined();
  });
});

describe('a screen that no route serves is named where the policy speaks of it', () => {
  const upstreams = `  shop: { urls: ['\${SHOP_URL}'] }\n  stock: { urls: ['http://x'] }`;
  const stocked = { ...getItem.contract, upstream: 'stock' };
  const getStock = { ...getItem, contract: stocked, id: 'getStock' };
  const stockPlan = (name: string) =>
    plan(name, { deadlineMs: 1000 }, () => ({ stock: required(getStock, { path: { id: '1' } }) }));

  it('with the method that lacks @Screen', async () => {
    const forgotten = screen(stockPlan('spec.stock'), ({ stock }) => pick(stock, 'id'));
    @Public()
    @Controller('stock')
    class StockController {
      @Get()
      show() {
        return {};
      }
    }
    const mistakes = await mistakesOf({
      controllers: [ItemController, StockController],
      policy: `${interactive}plans: { spec.stock: { deadline: 1s } }\n`,
      upstreams,
    });
    const reason =
      /no method has the screen of the plan "spec\.stock" \(.+start\.spec\.ts:\d+:\d+\); write @Screen\(\.\.\.\)/;
    expect(forgotten.source).toMatch(/start\.spec\.ts/);
    expect(mistakes).toEqual([
      expect.stringMatching(reason),
      expect.stringMatching(/no route calls the upstream "stock": no method has the screen/),
    ]);
  });

  it('with the controller that no module lists', async () => {
    const unlisted = screen(stockPlan('spec.unlisted'), ({ stock }) => pick(stock, 'id'));
    @Public()
    @Controller('stock')
    class UnlistedController {
      @Get()
      @Screen(unlisted)
      show() {
        return {};
      }
    }
    expect(UnlistedController).toBeDefined();
    const mistakes = await mistakesOf({
      controllers: [ItemController],
      policy: `${interactive}plans: { spec.unlisted: { deadline: 1s } }\n`,
    });
    expect(mistakes).toEqual([
      expect.stringContaining(
        'no module lists UnlistedController, whose method show has the screen of the plan "spec.unlisted"; add UnlistedController to the controllers of a module',
      ),
    ]);
  });
});

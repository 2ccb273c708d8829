import { Controller, Get, Param } from '@nestjs/common';
import { at, batch, list, orNull, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { OperationCache } from '@frontage/caching';
import { createUpstream } from '@frontage/clients';
import { RequestContext } from '@frontage/context';
import { systemClock } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { findItems } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const items = screen(
  plan('kept.items', { input: { path: z.object({ ids: z.array(z.string()) }) }, deadlineMs: 1000 }, ({ path }) => ({
    found: batch(path.ids, (ids) => required(findItems, { body: { ids } }, { safe: true }), {
      by: 'id',
      size: 3,
      maxCount: 9,
    }),
  })),
  ({ found }, { path }) => ({ items: list(path.ids, (id) => orNull(at(found, id))) }),
);

@Controller()
class Items {
  @Public()
  @Get('items/:ids')
  @Screen(items)
  open(@Param('ids') ids: string) {
    return { path: { ids: ids.split(',') } };
  }
}

const idsIn = (body: string): readonly string[] => (JSON.parse(body) as { readonly ids: readonly string[] }).ids;

/** Names each item by its id and the request that brought it; knows no `x`. */
const known: RawReply = (socket, request) => {
  const ids = idsIn(request.body).filter((id) => id !== 'x');
  rawReplies.json(ids.map((id) => ({ id, name: `${id}${request.index}` })))(socket, request);
};

it('a batch of a screen asks for the items alone that are not kept, in calls of its size', async () => {
  const upstreams =
    "  shop:\n    urls: ['${SHOP_URL}']\n    operations: { findItems: { safe: true } }\n    cache: { findItems: { ttl: 60s, negative: 5s, scope: public } }\n";
  const app = await GatewayUnderTest.start({ controllers: [Items], upstreams });
  onTestFinished(() => app.stop());
  app.shop.reply = known;
  const namesOf = async (ids: string): Promise<unknown> => {
    const page = (await (await app.ask(`/items/${ids}`)).json()) as {
      readonly items: readonly ({ name: string } | null)[];
    };
    return page.items.map((item) => item?.name);
  };
  expect(await namesOf('a,b,x')).toEqual(['a0', 'b0', undefined]);
  expect(await namesOf('x,b,c,a')).toEqual([undefined, 'b0', 'c1', 'a0']);
  expect(app.shop.requests.map(({ body }) => idsIn(body))).toEqual([['a', 'b', 'x'], ['c']]);
});

it.skipIf(!redisIsInstalled())(
  'Redis gives the rows that another process loaded, and one call asks for the others',
  async () => {
    const redis = await RedisServer.start();
    const service = await RawServer.start(known);
    const process = async () => {
      const store = new RedisStore({ app: 'shop', url: redis.url, timeoutMs: 500 });
      await store.start();
      const cache = new OperationCache({ redis: store }, systemClock);
      await cache.start();
      const upstream = createUpstream(
        'shop',
        {
          urls: [service.url],
          operations: { findItems: { safe: true } },
          cache: { findItems: { ttlMs: 60_000, scope: 'public' } },
        },
        { clock: systemClock, cache },
      );
      onTestFinished(async () => {
        await upstream.close();
        await cache.stop();
        store.stop();
      });
      const execute = upstream.executor(findItems, { rows: { at: ['body', 'ids'], by: 'id' } });
      return async (...ids: readonly string[]): Promise<unknown> => {
        const context = new RequestContext('r', systemClock.now(), 'GET', '192.0.2.1', {});
        const { cancellation } = context;
        const scope = { context, part: 'found', deadlineAt: systemClock.now() + 5_000, cancellation };
        const outcome = await execute({ body: { ids } }, scope);
        return outcome.ok ? outcome.value : outcome.status;
      };
    };
    onTestFinished(async () => {
      await service.stop();
      await redis.stop();
    });
    const [here, there] = [await process(), await process()];
    await here('a', 'b');
    // Records are written after the response; the other process waits for those that are still under way.
    expect(await there('a', 'c', 'b', 'd')).toEqual(
      ['a0', 'c1', 'b0', 'd1'].map((name) => ({ id: name.slice(0, 1), name })),
    );
    expect(service.requests.map(({ body }) => idsIn(body))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  },
);

import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Param } from '@nestjs/common';
import { each, list, optional, orNull, pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, Screen } from '@frontage/gateway';
import { RawServer } from '@frontage/testing/raw-server';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { policyFile, specModule } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { findItems, getItem } from '../../libs/gateway/src/fixtures/shop.js';

const pageScreen = screen(
  plan('same.page', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 120_000 }, ({ path }) => {
    const first = required(getItem, { path: { id: path.id } });
    const next = required(getItem, { path: { id: first.name } });
    const gone = optional(getItem, { path: { id: 'gone' } });
    const broken = optional(getItem, { path: { id: 'broken' } });
    const found = required(findItems, { body: { ids: ['a', 'b', 'a', 'broken', 'c'] } }, { safe: true });
    const items = each(found, (item) => optional(getItem, { path: { id: item.id } }), { maxCount: 10 });
    return { first, next, gone, broken, found, items };
  }),
  ({ first, next, gone, broken, items }) => ({
    first: pick(first, 'id', 'name'),
    next: pick(next, 'id', 'name'),
    gone: orNull(pick(gone, 'name')),
    broken: orNull(pick(broken, 'name')),
    items: list(items, (item) => orNull(pick(item, 'id', 'name'))),
  }),
);

@Public()
@Controller()
class Pages {
  @Get('pages/:id')
  @Screen(pageScreen)
  show(@Param() path: Readonly<Record<string, string>>) {
    return { path };
  }
}

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

/** Responds to a request after a time of its own, in any order; what it says depends on the request alone. */
async function shop(): Promise<RawServer> {
  let count = 0;
  const turns = new Map<number, Promise<void>>();
  const raw = await RawServer.start((socket, { target, body, connection }) => {
    const id = target.split('/').at(-1) ?? '';
    const status = id === 'gone' ? 404 : id === 'broken' ? 500 : 200;
    const value = target.endsWith('/search')
      ? (JSON.parse(body) as { ids: string[] }).ids.map((one) => ({ id: one, name: one }))
      : { id, name: `after-${id}` };
    const text = status === 200 ? JSON.stringify(value) : '{}';
    // Up to 12 ms, and never the same twice in a row; on one connection in the order of the requests.
    const before = turns.get(connection) ?? Promise.resolve();
    const respond = async (): Promise<void> => {
      await Promise.all([before, wait((count++ * 7) % 13)]);
      socket.write(
        `HTTP/1.1 ${status} Status\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
      );
    };
    turns.set(connection, respond());
  });
  started.push(raw);
  return raw;
}

it.each([
  ['no policy', 'timeout: 1m'],
  ['a second attempt of every call', 'timeout: 1m, hedge: { after: 1ms, budget: 20% }'],
  ['retries of what fails', 'timeout: 1m, retry: { attempts: 3, budget: 50% }'],
  ['one call at a time', 'timeout: 1m, concurrency: 1, queue: 1000'],
  ['an adaptive limit and throttling', 'timeout: 1m, concurrency: adaptive, queue: 1000, breaker: { mode: throttle }'],
  ['a cache', 'timeout: 1m, cache: { getItem: { ttl: 1m, scope: public } }'],
  ['calls of one request on one connection', 'timeout: 1m, pipelining: 8'],
  ['undici', 'timeout: 1m, transport: undici, hedge: { after: 1ms, budget: 20% }'],
  [
    'all of it',
    'timeout: 1m, hedge: { after: 2ms }, retry: {}, breaker: { minimumCalls: 1000 }, concurrency: 4, queue: 1000',
  ],
])('a screen has the same response with %s (F29)', async (_, upstream) => {
  const raw = await shop();
  const file = policyFile(
    `bff: spec\nlisten: { port: 0 }\nlog: { level: silent }\ndeadline: 2m\nupstreams: { shop: { urls: ['${raw.url}'], ${upstream} } }\n`,
  );
  const loaded = loadConfig(file, { env: {}, environment: 'test' });
  const gateway = createGateway(specModule({ controllers: [Pages] }), { loaded, admin: false });
  started.push({ stop: () => gateway.close() });
  const { url } = await gateway.start();
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const response = await fetch(`${url}/pages/one`);
      return [response.status, await response.text()] as const;
    }),
  );
  const item = (id: string) => ({ id, name: `after-${id}` });
  const wanted = {
    first: item('one'),
    next: item('after-one'),
    gone: null,
    broken: null,
    items: [item('a'), item('b'), item('a'), null, item('c')],
    _parts: {
      gone: { status: 'not_found', source: 'none' },
      broken: { status: 'error', source: 'none' },
      items: { items: { '3': 'error' } },
    },
  };
  for (const [status, text] of answers) {
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual(wanted);
    expect(text).toBe(answers[0]?.[1]);
  }
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Body, Controller, Get, Injectable, Logger, Post } from '@nestjs/common';
import { pick, plan, required, screen, step } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { InjectLogger } from './inject-logger.decorator.js';
import { Screen } from '../screens/screen.decorator.js';
import type { AppLogger } from '@frontage/tracing';

const nestLogger = new Logger('Stock');

@Injectable()
class Orders {
  readonly #log: AppLogger;
  constructor(@InjectLogger() log: AppLogger) {
    this.#log = log;
  }
  onModuleInit(): void {
    this.#log.info('ready');
  }
  async place(note: string): Promise<void> {
    await nextTurn();
    this.#log.debug('below the level');
    this.#log.info('placed', { note, orderId: 'o-1', password: 'hunter2', route: '/mine' });
  }
}

const stepScreen = screen(
  plan('spec.step', { deadlineMs: 1000 }, () => {
    const item = required(getItem, { path: { id: 'i-1' } });
    const named = step({ item }, ({ item: { name } }) => {
      nestLogger.log('in a step');
      return { name };
    });
    return { item, named };
  }),
  ({ named }) => pick(named, 'name'),
);

@Controller()
class Pages {
  readonly #orders: Orders;
  readonly #log: AppLogger;
  constructor(orders: Orders, @InjectLogger('pages') log: AppLogger) {
    this.#orders = orders;
    this.#log = log;
  }
  @Get('stock')
  @Public()
  stock(): string {
    nestLogger.warn('low', { left: 2 });
    nestLogger.verbose('below the level');
    const unreadable = Object.defineProperty({}, 'member', {
      enumerable: true,
      get: () => {
        throw new Error('from a getter');
      },
    });
    nestLogger.log(unreadable, ['a'], 7, new TypeError('odd'));
    nestLogger.error('gone', new Error('Bearer abcdefgh was refused').stack);
    return 'ok';
  }
  @Post('orders')
  @Access()
  async place(@Body() body: { readonly note: string }): Promise<string> {
    this.#log.info('begins');
    await this.#orders.place(body.note);
    return 'ok';
  }
  @Get('step')
  @Public()
  @Screen(stepScreen)
  step() {
    return {};
  }
}

const folder = mkdtempSync(join(tmpdir(), 'own-lines-'));
const file = join(folder, 'app.log');
let app: GatewayUnderTest;
/** The status and the request id of each response. */
const responses: (readonly [status: number | undefined, requestId: unknown])[] = [];
let lines: readonly Readonly<Record<string, unknown>>[];

beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Pages],
    providers: [Orders],
    log: `{ file: '${file}' }`,
    policy: takesTokens,
  });
  const authorization = `Bearer ${await app.token('ada')}`;
  responses.push(
    seen(await app.ask('/stock')),
    await postLate('/orders', JSON.stringify({ note: 'line one\n{"level":"forged"}' }), authorization),
    seen(await app.ask('/step')),
  );
  await app.stop();
  lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
});
afterAll(() => rmSync(folder, { recursive: true }));

const seen = ({ status, headers }: Response) => [status, headers.get('x-request-id')] as const;

/** The body is sent once the head has been read. */
async function postLate(path: string, body: string, authorization: string) {
  const sent = request(app.url + path, {
    method: 'POST',
    headers: { authorization, expect: '100-continue', 'content-type': 'application/json' },
  });
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  await text(response);
  return [response.statusCode, response.headers['x-request-id']] as const;
}

/** The lines of one request, each with what it has beside time and app. */
const linesOf = (response: (typeof responses)[number] | undefined) =>
  lines
    .filter(({ requestId }) => requestId === response?.[1])
    .map(({ time, app: name, ...line }): Readonly<Record<string, unknown>> => ({
      hasTime: typeof time === 'string',
      name,
      ...line,
    }));

describe('lines of the own code of an app', () => {
  it('have the ids of their request, through Nest’s Logger and an injected one, as the line of the request has', () => {
    expect(responses.map(([status]) => status)).toEqual([200, 201, 200]);
    for (const response of responses) {
      const own = linesOf(response);
      expect(own.length).toBeGreaterThan(1);
      expect(own.at(-1)).toMatchObject({ msg: 'request' });
      const { traceId, method, route } = own.at(-1) as Record<string, unknown>;
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      for (const line of own) expect(line).toMatchObject({ hasTime: true, name: 'spec', traceId, method, route });
    }
    expect(linesOf(responses[2])[0]).toMatchObject({ logger: 'Stock', msg: 'in a step', route: '/step' });
  });

  it('hold what they were given, without secrets, and cannot forge a line', () => {
    const [low, odd, gone] = linesOf(responses[0]);
    expect(low).toMatchObject({ level: 'warn', logger: 'Stock', msg: 'low', left: 2 });
    expect(odd).toMatchObject({
      level: 'info',
      msg: '7',
      member: '[unreadable]',
      value: ['a'],
      error: { type: 'TypeError' },
    });
    expect(gone).toMatchObject({ level: 'error', msg: 'gone', stack: expect.stringContaining('Bearer [redacted]') });
    const [begins, placed, ended] = linesOf(responses[1]);
    expect(begins).toMatchObject({ level: 'info', logger: 'pages', msg: 'begins', route: '/orders' });
    expect(placed).toMatchObject({
      logger: 'Orders',
      msg: 'placed',
      note: 'line one\n{"level":"forged"}',
      orderId: 'o-1',
      password: '[redacted]',
      route: '/orders',
      route_: '/mine',
    });
    expect(begins?.['caller']).toMatch(/^[0-9a-f]{12}$/);
    expect(new Set([begins, placed, ended].map((line) => line?.['caller']))).toHaveProperty('size', 1);
    expect(lines.filter(({ msg }) => msg === 'below the level')).toEqual([]);
  });

  it('are written outside of a request, too, and without the lines that Nest writes at its start', () => {
    const { time: _, ...ready } = lines.find(({ msg }) => msg === 'ready') ?? {};
    expect(ready).toEqual({ level: 'info', app: 'spec', logger: 'Orders', msg: 'ready' });
    expect(lines.filter(({ logger }) => /Router|Instance|Nest/.test(String(logger)))).toEqual([]);
  });
});

it('an injected logger stands at a parameter of a constructor', () => {
  class Other {
    handler(): void {}
  }
  expect(() => InjectLogger()(Other.prototype, 'handler', 0)).toThrow('@InjectLogger() stands at a parameter');
});

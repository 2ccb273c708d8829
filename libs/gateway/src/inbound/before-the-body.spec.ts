import { Body, Controller, Get, Inject, Injectable, Post, Sse, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { given, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RateClass } from '@frontage/throttling';
import { NEVER, type Observable } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { bodies, firstResponse, type BodyKind } from '../fixtures/raw-client.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { input: { body: given<unknown>() }, deadlineMs: 5000 }, () => ({
    item: required(getItem, { path: { id: 'i-1' } }),
  })),
  ({ item }) => pick(item, 'id'),
);

const reached: string[] = [];

@Controller()
class Orders {
  @Post('screen')
  @Access({ scope: 'order:write' })
  @RateClass('caller')
  @Screen(itemScreen)
  order(@Body() body: unknown) {
    reached.push('screen');
    return { body };
  }
  @Post('written')
  @Access({ scope: 'order:write' })
  @RateClass('caller')
  write(@Body() body: unknown): unknown {
    reached.push('written');
    return { body };
  }
  @Sse('events')
  @Access({ scope: 'order:write' })
  @RateClass('caller')
  events(): Observable<never> {
    reached.push('events');
    return NEVER;
  }
  @Post('open')
  @Public()
  @RateClass('open')
  open(): string {
    return 'open';
  }
  @Get('hang')
  @Public()
  hang(): Promise<never> {
    reached.push('hang');
    return new Promise(() => undefined);
  }
}

/** Notes each body that is handed to a parser. */
@Injectable()
class ParserWatch implements OnModuleInit {
  constructor(@Inject(HttpAdapterHost) readonly host: HttpAdapterHost) {}
  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<{
      addHook(
        name: 'preParsing',
        hook: (request: unknown, reply: unknown, payload: unknown, done: () => void) => void,
      ): void;
    }>();
    fastify.addHook('preParsing', (_request, _reply, _payload, done) => {
      reached.push('parser');
      done();
    });
  }
}

let app: GatewayUnderTest | undefined;
afterEach(async () => {
  await app?.stop();
  app = undefined;
});

const wide = 'caller: [{ per: user, limit: 1000, window: 1m }], open: [{ per: address, limit: 1000, window: 1m }]';
const start = async (policy = '', classes = wide): Promise<GatewayUnderTest> => {
  reached.length = 0;
  app = await GatewayUnderTest.start({
    controllers: [Orders],
    providers: [ParserWatch],
    policy: `${takesTokens}rateClasses: { ${classes} }\n${policy}`,
  });
  return app;
};

const kinds = Object.keys(bodies) as BodyKind[];
const bearer = (token: string): string => `authorization: Bearer ${token}\r\n`;

describe.each(kinds)('a refused request with this body: %s', (body) => {
  const refused = async (running: GatewayUnderTest, line: string, headers = ''): Promise<number> => {
    const { status, text } = await firstResponse(running.url, line, headers, body);
    expect(text).toContain('content-type: application/problem+json');
    return status;
  };
  const nothingReached = (running: GatewayUnderTest): void => {
    expect(reached).toEqual([]);
    expect(running.shop.requests).toEqual([]);
  };

  it('is shed where too many are under way', async () => {
    const running = await start('limits: { maxInFlight: 1 }\n');
    const leaving = new AbortController();
    const hanging = fetch(`${running.url}/hang`, { signal: leaving.signal }).catch(() => undefined);
    while (!reached.includes('hang')) await new Promise((resolve) => setImmediate(resolve));
    reached.length = 0;
    expect(await refused(running, 'POST /written')).toBe(503);
    nothingReached(running);
    leaving.abort();
    await hanging;
  });

  it('is malformed where it says twice what can be said once', async () => {
    const running = await start();
    expect(await refused(running, 'POST /written', 'authorization: a\r\nauthorization: b\r\n')).toBe(400);
    nothingReached(running);
  });

  it('is beyond the limit of its address', async () => {
    const running = await start('addressLimit: { limit: 1, window: 1m }\n');
    expect(await refused(running, 'POST /written')).toBe(401);
    expect(await refused(running, 'POST /open')).toBe(429);
    nothingReached(running);
  });

  it('is beyond the limit of its class for an address', async () => {
    const classes = 'caller: [{ per: user, limit: 9, window: 1m }], open: [{ per: address, limit: 1, window: 1m }]';
    const running = await start('', classes);
    expect((await running.post('/open', {})).status).toBe(201);
    reached.length = 0;
    expect(await refused(running, 'POST /open')).toBe(429);
    nothingReached(running);
  });

  it.each(['POST /screen', 'POST /written', 'GET /events'])('has no token, or not the scope: %s', async (line) => {
    const running = await start();
    expect(await refused(running, line)).toBe(401);
    expect(await refused(running, line, bearer('forged'))).toBe(401);
    expect(await refused(running, line, bearer(await running.token('ada')))).toBe(403);
    nothingReached(running);
  });

  it('is beyond the limit of its caller', async () => {
    const classes = 'caller: [{ per: user, limit: 1, window: 1m }], open: [{ per: address, limit: 9, window: 1m }]';
    const running = await start('', classes);
    const token = await running.token('ada', 'order:write');
    running.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp' });
    expect((await running.post('/written', {}, { authorization: `Bearer ${token}` })).status).toBe(201);
    reached.length = 0;
    expect(await refused(running, 'POST /screen', bearer(token))).toBe(429);
    nothingReached(running);
  });

  it('matches no route, or not with its method, or has an unreadable path, and counts for its address', async () => {
    const running = await start('addressLimit: { limit: 3, window: 1m }\n');
    expect(await refused(running, 'POST /nowhere')).toBe(404);
    expect(await refused(running, 'PUT /written')).toBe(405);
    expect(await refused(running, 'POST /%zz')).toBe(400);
    expect(await refused(running, 'POST /nowhere')).toBe(429);
    nothingReached(running);
  });
});

describe('a body that is too large', () => {
  it('is refused by what it declares before its sender is asked for', async () => {
    const running = await start('limits: { maxBody: 1KiB }\n');
    expect((await firstResponse(running.url, 'POST /written', '', 'large')).status).toBe(413);
    expect(reached).toEqual([]);
  });

  it.each(['/written', '/screen'])('is refused by what arrives where it declares nothing: %s', async (path) => {
    const running = await start('limits: { maxBody: 100KiB }\n');
    const token = await running.token('ada', 'order:write');
    expect((await firstResponse(running.url, `POST ${path}`, bearer(token), 'endless')).status).toBe(413);
    expect(reached).toEqual(['parser']);
    expect(running.shop.requests).toEqual([]);
  });
});

describe('a body that is not taken', () => {
  it('counts for its address: 400, 413, 415', async () => {
    const running = await start('addressLimit: { limit: 4, window: 1m }\nlimits: { maxBody: 1KiB }\n');
    const statuses = [
      (await running.post('/open', '{')).status,
      (await running.post('/open', 'x', { 'content-type': 'text/plain' })).status,
      (await running.post('/open', 'x', { 'content-type': ';;' })).status,
      (await running.post('/open', 'x'.repeat(2000))).status,
      (await running.post('/open', {})).status,
    ];
    expect(statuses).toEqual([400, 415, 415, 413, 429]);
  });
});

describe('a client that asks before it sends its body', () => {
  const asking = 'expect: 100-continue\r\ncontent-type: application/json\r\ncontent-length: 2\r\n';
  it('is told to go on when it is let in', async () => {
    const running = await start();
    const token = await running.token('ada', 'order:write');
    const bytes = `POST /written HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${bearer(token)}${asking}\r\n{}`;
    const answer = await running.send(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created\r\n/);
  });

  it('is refused without being asked for it, and the connection is closed', async () => {
    const running = await start();
    const answer = await running.send(`POST /written HTTP/1.1\r\nhost: x\r\n${asking}\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('connection: close');
  });

  it.each(['200-ok', '100-continue, 200-ok', ''])(
    'is refused where it expects what is not known: "%s"',
    async (value) => {
      const running = await start();
      const answer = await running.send(
        `POST /open HTTP/1.1\r\nhost: x\r\nexpect: ${value}\r\ncontent-length: 0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('application/problem+json');
    },
  );
});

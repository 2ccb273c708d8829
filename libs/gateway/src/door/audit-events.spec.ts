import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, ForbiddenException, Get, Post } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { ChainVerifier } from '@frontage/core';
import { RateClass } from '@frontage/throttling';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.auditedItem', { deadlineMs: 2000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Controller()
class Doors {
  @Get('users/:userId')
  @Access({ owner: { path: 'userId' } })
  user(): string {
    return 'user';
  }
  @Post('orders')
  @Access({ owner: { body: 'buyerId' } })
  order(@Body() body: unknown): unknown {
    return { body };
  }
  @Get('scoped')
  @Access({ scope: 'orders:read' })
  scoped(): string {
    return 'scoped';
  }
  @Get('ruled')
  @Access({ when: () => false })
  ruled(): string {
    return 'ruled';
  }
  @Get('limited')
  @Public()
  @RateClass('few')
  limited(): string {
    return 'limited';
  }
  @Get('by-hand')
  @Public()
  byHand(): never {
    throw new ForbiddenException('not today');
  }
  @Get('item')
  @Public()
  @Screen(itemScreen)
  item() {
    return {};
  }
}

const folder = mkdtempSync(join(tmpdir(), 'audited-'));
const file = join(folder, 'audit.jsonl');
let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Doors],
    policy: `${takesTokens}auditLog: { file: ${file} }
cors: { origins: [https://shop.example.test] }
rateClasses: { few: [{ per: address, limit: 1, window: 1h }] }
upstreamDefaults: { breaker: {} }
`,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

it('each security decision of an app is one line of its audit log, and nothing else is', async () => {
  const token = await app.token('ada', 'home:read');
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(app.adminUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const refused: Response[] = [];
  const ask = async (path: string, options?: Parameters<GatewayUnderTest['ask']>[1]): Promise<void> => {
    refused.push(await app.ask(path, options));
  };
  await app.ask('/item');
  await app.ask('/users/ada', { token });
  await ask('/scoped');
  await ask('/scoped', { token: 'forged' });
  await ask('/scoped', { token });
  await ask('/users/bob', { token });
  refused.push(await app.post('/orders', { buyerId: 'bob' }, { authorization: `Bearer ${token}` }));
  await ask('/ruled', { token });
  await app.ask('/limited');
  await ask('/limited');
  await ask('/by-hand');
  await ask('/item', {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.test', 'access-control-request-method': 'GET' },
  });
  expect((await post('/breakers', { upstream: 'shop', state: 'open' })).status).toBe(200);
  expect((await post('/revocations', { subject: 'bob' })).status).toBe(200);
  expect(
    (
      await fetch(`${app.adminUrl}/breakers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://a.test' },
        body: '{}',
      })
    ).status,
  ).toBe(415);
  await app.stop();

  const text = readFileSync(file, 'utf8');
  const lines = text.trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ event, status, caller }) => [event, status, caller])).toEqual([
    ['audit.opened', undefined, undefined],
    ['authentication.refused', 401, undefined],
    ['authentication.refused', 401, undefined],
    ['access.refused', 403, 'ada'],
    ['owner.refused', 403, 'ada'],
    ['owner.refused', 403, 'ada'],
    ['condition.refused', 403, 'ada'],
    ['limit.refused', 429, undefined],
    ['access.refused', 403, undefined],
    ['origin.refused', 403, undefined],
    ['breaker.forced', undefined, undefined],
    ['credentials.revoked', undefined, undefined],
    ['audit.closed', undefined, undefined],
  ]);
  const ofRequests = events.slice(1, 10);
  expect(ofRequests.map(({ requestId }) => requestId)).toEqual(
    refused.map(({ headers }) => headers.get('x-request-id')),
  );
  expect(events[2]?.['why']).toBe('not a JWS in compact serialisation');
  expect(events[3]?.['why']).toContain('insufficient_scope');
  expect(events[4]).toMatchObject({ route: '/users/:userId', why: 'the request names another owner than its caller' });
  expect(events[9]?.['why']).toBe('the origin https://evil.test is not in cors.origins');
  expect(events[10]?.['what']).toBe('{"upstream":"shop","state":"open"}');
  // The path has an id, and the token is a secret: neither is written.
  expect(text).not.toContain('/users/bob');
  expect(text).not.toContain(token);
  const verifier = new ChainVerifier();
  for (const line of lines) expect(verifier.take(line)).toBe(true);
});

import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { given, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access, Caller } from '@frontage/auth';
import type { RequestEnded } from '@frontage/context';
import { channels } from '@frontage/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { addItem, getItem } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const byQuery = plan('spec.byQuery', { input: { query: z.object({ id: z.string() }) }, deadlineMs: 1000 }, (input) => ({
  item: required(getItem, { path: { id: input.query.id } }),
}));
const ofCaller = plan('spec.ofCaller', { input: { caller: given<Caller>() }, deadlineMs: 1000 }, ({ caller }) => ({
  item: required(getItem, { path: { id: caller.subject } }),
}));
const byBody = plan('spec.byBody', { input: { body: z.object({ name: z.string() }) }, deadlineMs: 1000 }, (input) => ({
  item: write(addItem, { body: { name: input.body.name } }),
}));
const queryScreen = screen(byQuery, ({ item }) => pick(item, 'id'));
const callerScreen = screen(ofCaller, ({ item }) => pick(item, 'id'));
const bodyScreen = screen(byBody, ({ item }) => pick(item, 'id'));

/** The result of a method whose type the compiler does not know. */
const untyped = (value: unknown): never => value as never;

@Access()
@Controller()
class Handlers {
  @Get('query')
  @Screen(queryScreen)
  query(@Query() query: unknown) {
    return { query };
  }
  @Get('no-query')
  // @ts-expect-error: the plan takes a query, which the method does not return.
  @Screen(queryScreen)
  noQuery() {
    return {};
  }
  @Get('empty-query')
  @Screen(queryScreen)
  emptyQuery() {
    return untyped({ query: undefined });
  }
  @Get('nothing')
  @Screen(queryScreen)
  nothing() {
    return untyped(undefined);
  }
  @Get('no-caller')
  @Screen(callerScreen)
  noCaller() {
    return untyped({});
  }
  @Get('undefined-caller')
  @Screen(callerScreen)
  undefinedCaller() {
    return { caller: undefined };
  }
  @Get('other-caller')
  @Screen(callerScreen)
  otherCaller() {
    return { caller: { sub: 'ada' } };
  }
  @Post('body')
  @Screen(bodyScreen)
  body(@Body() body: unknown) {
    return { body };
  }
  @Post('no-body')
  @Screen(bodyScreen)
  noBody() {
    return untyped({});
  }
}

const errors: unknown[] = [];
let app: GatewayUnderTest;
let token: string;

beforeAll(async () => {
  const note = (ended: unknown): void => void errors.push((ended as RequestEnded).error);
  channels.requestEnded.subscribe(note);
  app = await GatewayUnderTest.start({ controllers: [Handlers], policy: takesTokens });
  token = await app.token('ada');
  return async () => {
    channels.requestEnded.unsubscribe(note);
    await app.stop();
  };
});

async function endOf(
  path: string,
): Promise<{ readonly status: number; readonly code: unknown; readonly error: string }> {
  errors.length = 0;
  const response = await app.ask(path, { token, ...(path.endsWith('body') && { method: 'POST' }) });
  const body: unknown = await response.json();
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return { status: response.status, code, error: errors.map(String).join() };
}

describe('a method that does not give its plan an input', () => {
  it.each([
    ['/no-query', "Handlers.noQuery gives no input 'query' to its plan: return { query }"],
    ['/empty-query', "Handlers.emptyQuery gives no input 'query' to its plan"],
    ['/nothing', 'Handlers.nothing gives no input to its plan: return { query }'],
    ['/no-caller', "Handlers.noCaller gives no input 'caller' to its plan: return { caller }"],
    ['/undefined-caller', "the handler gave no 'caller.subject', which the call 'item' needs"],
    ['/other-caller', "the handler gave no 'caller.subject', which the call 'item' needs"],
    ['/no-body', "Handlers.noBody gives no input 'body' to its plan: return { body }"],
  ])('%s is a bug of ours, and the log names the input', async (path, error) => {
    const before = app.shop.requests.length;
    const end = await endOf(path);
    expect(end).toMatchObject({ status: 500, code: 'GW_INTERNAL', error: expect.stringContaining(error) });
    expect(app.shop.requests).toHaveLength(before);
  });

  it.each(['/query', '/body'])('%s gives it, and the client left it out: that is a 400', async (path) => {
    expect(await endOf(path)).toMatchObject({ status: 400, code: 'GW_INVALID_INPUT', error: 'undefined' });
  });

  it('and one that gives it is served', async () => {
    expect(await endOf('/query?id=1')).toMatchObject({ status: 200 });
  });
});

import { Controller, Get, HttpCode } from '@nestjs/common';
import { optional, orOmit, pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { channels, SchemaTable, type BusinessEvent, type Contract, type Operation } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { Screen } from './screen.decorator.js';

const tag = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([['Tag', JSON.stringify(tag)]]),
};
const operationOf = (id: string): Operation<Record<never, never>, { id: string }, object, 'GET'> => ({
  contract,
  id,
  method: 'GET',
  path: `/${id}`,
  responses: [{ status: '200', media: 'application/json', schema: 'Tag' }],
});

const both = plan('events.both', { deadlineMs: 400 }, () => ({
  sure: required(operationOf('sure'), {}),
  extra: optional(operationOf('extra'), {}),
}));
const counted = screen(both, ({ sure, extra }) => ({ ...pick(sure, 'id'), extra: orOmit(pick(extra, 'id')) }), {
  count: 'page.shown',
});
const lone = plan('events.lone', { deadlineMs: 400 }, () => ({ sure: required(operationOf('sure'), {}) }));
const uncounted = screen(lone, ({ sure }) => pick(sure, 'id'));
const odd = plan('events.odd', { deadlineMs: 400 }, () => ({ sure: required(operationOf('sure'), {}) }));
const refusing = screen(odd, ({ sure }) => pick(sure, 'id'), { count: 'page.refused' });

@Public()
@Controller()
class Pages {
  @Get('counted')
  @Screen(counted)
  counted() {
    return {};
  }
  @Get('uncounted')
  @Screen(uncounted)
  uncounted() {
    return {};
  }
  @Get('refusing')
  @HttpCode(409)
  @Screen(refusing)
  refusing() {
    return {};
  }
}

const events: BusinessEvent[] = [];
let app: GatewayUnderTest;
beforeAll(async () => {
  const note = (event: unknown): void => void events.push(event as BusinessEvent);
  channels.businessEvent.subscribe(note);
  app = await GatewayUnderTest.start({
    controllers: [Pages],
    policy: 'access: off\nscreens: { events.both: { etag: true } }\n',
  });
  return () => channels.businessEvent.unsubscribe(note);
});
afterAll(() => app.stop());
beforeEach(() => {
  events.length = 0;
  app.shop.reply = rawReplies.json({ id: 't-1' });
});

const good = rawReplies.json({ id: 't-1' });

describe('a screen that counts as an event', () => {
  it('counts a complete response once', async () => {
    expect((await app.ask('/counted')).status).toBe(200);
    expect(events).toEqual([{ event: 'page.shown', response: 'complete' }]);
  });

  it('counts a response with missing parts as one', async () => {
    app.shop.reply = (socket, request) =>
      (request.target === '/extra' ? rawReplies.json({}, {}, 500) : good)(socket, request);
    expect((await app.ask('/counted')).status).toBe(200);
    expect(events).toEqual([{ event: 'page.shown', response: 'partial' }]);
  });

  it('counts a response that the client has already', async () => {
    const etag = (await app.ask('/counted')).headers.get('etag') ?? '';
    expect((await app.ask('/counted', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect(events).toHaveLength(2);
    expect(events[1]).toEqual({ event: 'page.shown', response: 'complete' });
  });

  it('does not count a problem, a status that is an error, a HEAD, or what came after the deadline', async () => {
    expect((await app.ask('/refusing')).status).toBe(409);
    expect((await app.ask('/counted', { method: 'HEAD' })).status).toBe(200);
    app.shop.reply = rawReplies.json({}, {}, 500);
    expect((await app.ask('/counted')).status).toBe(502);
    app.shop.reply = () => undefined;
    expect((await app.ask('/counted')).status).toBe(504);
    expect(events).toEqual([]);
  });

  it('is shown in the metrics, from 0 on', async () => {
    const text = await (await fetch(`${app.adminUrl}/metrics`)).text();
    expect(text).toContain('frontage_business_events_total{event="page.refused",response="complete"} 0\n');
    expect(text).toMatch(/^frontage_business_events_total\{event="page.shown",response="partial"\} 1$/m);
  });

  it('is none where it declares none', async () => {
    expect((await app.ask('/uncounted')).status).toBe(200);
    expect(events).toEqual([]);
  });
});

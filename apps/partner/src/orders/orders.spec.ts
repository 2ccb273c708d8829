import { failure, readResponse, reply, runScreen, timeout, type Reply } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { caller, order, orderHead } from '../../test/samples.js';
import { OrdersQuery } from './orders-query.js';
import { ordersScreen } from './orders.screen.js';

const query = OrdersQuery.parse({ status: ['shipped', 'delivered'], cursor: 'here' });
const run = (page: Reply<unknown>) => runScreen(ordersScreen, { caller, query }, { page });

describe('orders for partners', () => {
  it('come as summaries, page by page', async () => {
    const answer = await run(reply({ items: [order()], next: 'more', total: 7 }));
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({ items: [orderHead], total: 7, next: 'more' });
  });

  it('are requested by the id of the caller, with the states of the service', async () => {
    const { calls } = await run(reply({ items: [], next: null, total: 0 }));
    expect(calls.map(({ args }) => args.query)).toEqual([
      { customerId: 'acme', status: ['SHIPPED', 'DELIVERED'], limit: 50, cursor: 'here' },
    ]);
  });

  it.each([
    [failure(422), { status: 400, code: 'cursor_unknown' }],
    [failure(503), { status: 502 }],
    [timeout(), { status: 504 }],
  ])('are a problem without the service', async (missing, problem) => {
    expect(await run(missing)).toMatchObject({ kind: 'problem', part: 'page', ...problem });
  });
});

describe('the query of orders', () => {
  it('takes one state or several', () => {
    expect(OrdersQuery.parse({ status: 'paid' })).toEqual({ status: ['PAID'], limit: 50 });
    expect(OrdersQuery.parse({})).toEqual({ limit: 50 });
  });

  it.each([
    [{ status: 'PAID' }, 'status'],
    [{ status: ['paid', 'lost'] }, 'status'],
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ cursor: '' }, 'cursor'],
  ])('%j is refused for its %s', (query, field) => {
    expect(OrdersQuery.safeParse(query).error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });
});

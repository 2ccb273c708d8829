import { describe, expect, it } from 'vitest';
import { maskedBody, maskedHeaders } from './masked-body.js';

const body = {
  user: { name: 'Ada', points: 3 },
  orders: [
    { id: 'o-1', to: { city: 'Rome' } },
    { id: 'o-2', to: null },
  ],
};

describe('a response on the page', () => {
  it('has its members but those that a contract classifies', () => {
    const classified = new Map([
      ['user.name', 'pii'],
      ['orders[].to', 'confidential'],
    ]);
    expect(maskedBody(body, classified)).toEqual({
      response: {
        user: { name: '[pii]', points: 3 },
        orders: [
          { id: 'o-1', to: '[confidential]' },
          { id: 'o-2', to: null },
        ],
      },
      masked: ['user.name', 'orders[].to'],
    });
  });

  it('shows no value at all where nothing is known of the members', () => {
    const { response } = maskedBody(body, undefined);
    expect(JSON.stringify(response)).not.toMatch(/Ada|o-1|Rome|3/);
    expect(response).toMatchObject({
      user: { name: '[hidden]' },
      orders: [{ to: { city: '[hidden]' } }, { to: null }],
    });
  });
});

it('header fields are shown without credentials', () => {
  expect(
    maskedHeaders([
      ['Authorization', 'Bearer abc'],
      ['Cookie', 'session=1'],
      ['X-Csrf-Token', 'abc'],
      ['Accept', '*/*'],
    ]),
  ).toEqual([
    ['authorization', '[hidden]'],
    ['cookie', '[hidden]'],
    ['x-csrf-token', '[hidden]'],
    ['accept', '*/*'],
  ]);
});

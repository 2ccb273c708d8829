import { describe, expect, it } from 'vitest';
import type { OriginDescription } from '../plan/app-description.js';
import { askedMember } from './find-member.js';

const origin = (member: string, more: Partial<OriginDescription> = {}): OriginDescription => ({
  member,
  expression: member,
  from: [{ part: 'p', upstream: 'u', operation: 'o', field: member }],
  without: {},
  ...more,
});
const origins = [
  origin('user.name'),
  origin('user.home'),
  origin('user.home.city', { classification: 'pii' }),
  origin('orders'),
  origin('orders[].total'),
  origin('pair[0]'),
  origin('label', { from: [{ part: 'p', upstream: 'u', operation: 'o', field: 'label', use: 'computed' }] }),
];
const find = (asked: string) => {
  const { member, origins: found, below } = askedMember(asked, origins, 'GET /home');
  return { member, found: found.map((one) => one.member), below };
};

describe('a member that someone asks about', () => {
  it.each([
    ['orders[].total', { member: 'orders[].total', found: ['orders[].total'], below: '' }],
    ['orders[3].total', { member: 'orders[].total', found: ['orders[].total'], below: '' }],
    ['pair[0]', { member: 'pair[0]', found: ['pair[0]'], below: '' }],
    ['orders', { member: 'orders', found: ['orders', 'orders[].total'], below: '' }],
    ['user', { member: 'user', found: ['user.name', 'user.home', 'user.home.city'], below: '' }],
    ['user.home.city', { member: 'user.home.city', found: ['user.home.city'], below: '' }],
    ['user.home.street', { member: 'user.home.street', found: ['user.home'], below: '.street' }],
    ['orders[].total.amount', { member: 'orders[].total.amount', found: ['orders[].total'], below: '.amount' }],
  ])('%s is found', (asked, expected) => {
    expect(find(asked)).toEqual(expected);
  });

  it.each([
    ['orders[].totl', 'GET /home has no member orders[].totl; did you mean orders[].total?'],
    ['total', 'GET /home has no member total; did you mean orders[].total?'],
    ['zzz', 'GET /home has no member zzz; it has user, orders, pair, label'],
    ['label.first', 'GET /home has no member label.first; did you mean label?'],
  ])('%s is unknown, and the nearest one is named', (asked, message) => {
    expect(() => find(asked)).toThrow(message);
  });
});

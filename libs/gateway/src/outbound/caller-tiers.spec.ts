import { RequestContext, type Caller } from '@frontage/context';
import { expect, it } from 'vitest';
import { tiersOf } from './caller-tiers.js';

const tierOf = tiersOf([{ role: 'staff' }, { claim: 'plan', is: ['gold', '7'] }, { quota: 'partner' }]);
const caller = (facts: Partial<Caller>): RequestContext => {
  const context = new RequestContext('r', 0, 'GET', '127.0.0.1', {});
  context.caller = { subject: 'ada', scopes: [], roles: [], ...facts };
  return context;
};

it.each<[string, Partial<Caller>, number]>([
  ['a role', { roles: ['user', 'staff'] }, 3],
  ['a value of a claim', { claims: { plan: 'gold' } }, 2],
  ['a number in a claim', { claims: { plan: 7 } }, 2],
  ['one of several values of a claim', { claims: { plan: ['silver', 'gold'] } }, 2],
  ['another value', { claims: { plan: 'free' } }, 0],
  ['a claim of an object that every object has', { claims: {} }, 0],
  ['the class of a key', { quota: 'partner' }, 1],
  ['the first tier that fits', { quota: 'partner', roles: ['staff'] }, 3],
  ['nothing', {}, 0],
])('a caller is of a tier by %s', (_, facts, tier) => {
  expect(tierOf?.(caller(facts))).toBe(tier);
});

it('a request without a caller is of the lowest tier, and without tiers nothing is asked', () => {
  expect(tierOf?.(new RequestContext('r', 0, 'GET', '127.0.0.1', {}))).toBe(0);
  expect(tiersOf([])).toBeUndefined();
});

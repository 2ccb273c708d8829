import type { Caller } from '@frontage/context';
import { ProblemError } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { Access, accessOf, type AccessOptions } from './access.decorator.js';
import { AccessControl } from './access-control.js';
import { compileBodyCondition, compileConditions } from './conditions.js';

const ada: Caller = { subject: 'ada', scopes: [], roles: [] };
const now = 1_000_000_000_000;
const control: AccessControl = new AccessControl();

/** `allowed`, or the code of the refusal and its challenge. */
function verdict(
  options: AccessOptions,
  url: string,
  caller: Partial<Caller> = {},
  template = '/users/:id/orders',
): string {
  class Users {
    @Access(options)
    show(this: void): void {}
  }
  const rule = accessOf(Users, Users.prototype.show);
  if (rule === undefined || rule === 'public') throw new Error('no rule');
  try {
    const who = { ...ada, ...caller };
    control.check(rule, who, now);
    compileConditions(rule, template)?.(who, url);
    return 'allowed';
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return [error.code, error.options.headers?.['www-authenticate']].filter(Boolean).join(' ');
  }
}

describe('A9: the owner of a route', () => {
  it.each([
    ['/users/ada/orders', 'allowed'],
    ['/users/ada/orders?id=grace', 'allowed'],
    ['/users/%61da/orders', 'allowed'],
    ['/users/grace/orders', 'GW_FORBIDDEN'],
    ['/users/ADA/orders', 'GW_FORBIDDEN'],
    ['/users/ada%2Fx/orders', 'GW_FORBIDDEN'],
    ['/users/%/orders', 'GW_FORBIDDEN'],
    ['/users//orders', 'GW_FORBIDDEN'],
    ['/users', 'GW_FORBIDDEN'],
  ])('is in the path: %s', (url, expected) => {
    expect(verdict({ owner: { path: 'id' } }, url)).toBe(expected);
  });

  it.each([
    ['/orders?customer=ada', 'allowed'],
    ['/orders?a=b&customer=ada', 'allowed'],
    ['/orders?customer=grace', 'GW_FORBIDDEN'],
    ['/orders?customer=ada&customer=grace', 'GW_FORBIDDEN'],
    ['/orders?customer=grace&customer=ada', 'GW_FORBIDDEN'],
    ['/orders?customer=ada&customer=ada', 'GW_FORBIDDEN'],
    ['/orders?customer=', 'GW_FORBIDDEN'],
    ['/orders', 'GW_FORBIDDEN'],
    ['/orders?__proto__=ada', 'GW_FORBIDDEN'],
  ])('is in the query, once: %s', (url, expected) => {
    expect(verdict({ owner: { query: 'customer' } }, url, {}, '/orders')).toBe(expected);
  });

  it('may be another caller for a role, and has to be a parameter of the route', () => {
    const owner = { path: 'id', orRole: 'support' };
    expect(verdict({ owner }, '/users/grace/orders', { roles: ['support'] })).toBe('allowed');
    expect(verdict({ owner }, '/users/grace/orders', { roles: ['other'] })).toBe('GW_FORBIDDEN');
    expect(() => verdict({ owner: { path: 'userId' } }, '/')).toThrow('/users/:id/orders has no parameter :userId');
  });
});

describe('A9: the owner in the body', () => {
  const check = (body: unknown, path = 'buyerId', caller: Partial<Caller> = {}, orRole?: string): string => {
    const owner = { body: path, ...(orRole !== undefined && { orRole }) };
    try {
      compileBodyCondition({ owner }, { method: 'POST', path: '/orders' })?.({ ...ada, ...caller }, body);
      return 'allowed';
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return error.code;
    }
  };

  it.each<[string, unknown, string]>([
    ['the caller', { buyerId: 'ada', items: [] }, 'allowed'],
    ['another', { buyerId: 'grace' }, 'GW_FORBIDDEN'],
    ['in another case', { buyerId: 'Ada' }, 'GW_FORBIDDEN'],
    ['a list with the caller', { buyerId: ['ada'] }, 'GW_FORBIDDEN'],
    ['an object that reads as the caller', { buyerId: { toString: () => 'ada' } }, 'GW_FORBIDDEN'],
    ['a number', { buyerId: 1 }, 'GW_FORBIDDEN'],
    ['null', { buyerId: null }, 'GW_FORBIDDEN'],
    ['missing', {}, 'GW_FORBIDDEN'],
    ['inherited', Object.create({ buyerId: 'ada' }), 'GW_FORBIDDEN'],
    ['in a body that is a list', ['ada'], 'GW_FORBIDDEN'],
    ['in a body that is a text', 'ada', 'GW_FORBIDDEN'],
    ['in no body', undefined, 'GW_FORBIDDEN'],
  ])('is %s', (_, body, expected) => {
    expect(check(body)).toBe(expected);
  });

  it('may lie deeper, and be another caller for a role', () => {
    expect(check({ order: { buyer: { id: 'ada' } } }, 'order.buyer.id')).toBe('allowed');
    expect(check({ order: { buyer: { id: 'grace' } } }, 'order.buyer.id')).toBe('GW_FORBIDDEN');
    expect(check({ order: 'ada' }, 'order.buyer.id')).toBe('GW_FORBIDDEN');
    expect(check({ buyerId: 'grace' }, 'buyerId', { roles: ['support'] }, 'support')).toBe('allowed');
    expect(check(Object.create(null), '__proto__')).toBe('GW_FORBIDDEN');
  });

  it('needs a route that takes a body, and a member', () => {
    const compile =
      (body: string, method = 'POST') =>
      () =>
        compileBodyCondition({ owner: { body } }, { method, path: '/x' });
    expect(compile('id', 'GET')).toThrow('GET /x takes no body; write path or query');
    expect(compile('order..id')).toThrow('write a member, or a path such as order.buyerId');
    expect(compileBodyCondition({ owner: { query: 'id' } }, { method: 'GET', path: '/x' })).toBeUndefined();
  });
});

describe('step-up (RFC 9470)', () => {
  const challenge = 'GW_UNAUTHENTICATED Bearer error="insufficient_user_authentication"';

  it.each<[string, AccessOptions, Partial<Caller>, string]>([
    ['the class', { acr: 'mfa' }, { acr: 'mfa' }, 'allowed'],
    ['one of the classes', { acr: ['mfa', 'phr'] }, { acr: 'phr' }, 'allowed'],
    ['another class', { acr: ['mfa', 'phr'] }, { acr: 'pwd' }, `${challenge}, acr_values="mfa phr"`],
    ['no class', { acr: 'mfa' }, {}, `${challenge}, acr_values="mfa"`],
    ['a fresh login', { maxAge: 300 }, { authenticatedAt: now / 1000 - 300 }, 'allowed'],
    ['an old login', { maxAge: 300 }, { authenticatedAt: now / 1000 - 301 }, `${challenge}, max_age="300"`],
    ['no time of a login', { maxAge: 300 }, {}, `${challenge}, max_age="300"`],
    ['both wrong', { acr: 'mfa', maxAge: 60 }, {}, `${challenge}, acr_values="mfa", max_age="60"`],
  ])('with %s', (_name, options, caller, expected) => {
    expect(verdict(options, '/users/ada/orders', caller)).toBe(expected);
  });

  it.each([{ maxAge: 0 }, { maxAge: 1.5 }, { acr: [] }, { acr: 'a b' }, { acr: 'a"b' }])(
    'is refused at the start: %j',
    (options) => {
      expect(() => Access(options)).toThrow(TypeError);
    },
  );
});

describe('a rule of attributes', () => {
  it('allows with true and nothing else, by caller, path and query', () => {
    const when: AccessOptions['when'] = ({ caller, path, query }) =>
      caller.tenant === path['id'] && query['mode'] === 'x';
    expect(verdict({ when }, '/users/north/orders?mode=x', { tenant: 'north' })).toBe('allowed');
    expect(verdict({ when }, '/users/south/orders?mode=x', { tenant: 'north' })).toBe('GW_FORBIDDEN');
    expect(verdict({ when }, '/users/north/orders?mode=x&mode=x', { tenant: 'north' })).toBe('GW_FORBIDDEN');
    const fails = (): boolean => {
      throw new Error('a bug');
    };
    expect(() => verdict({ when: fails }, '/users/north/orders')).toThrow('a bug');
  });
});

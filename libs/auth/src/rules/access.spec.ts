import { Controller, Get } from '@nestjs/common';
import type { Caller } from '@frontage/context';
import { describe, expect, it } from 'vitest';
import { AccessControl } from './access-control.js';
import { Access, accessOf, Public, type AccessOptions } from './access.decorator.js';

@Controller('guarded')
@Access({ scope: ['home:read', 'home:list'] })
class Guarded {
  asTheClass(): void {}
  @Access({ role: 'editor' })
  asItself(): void {}
  @Public()
  opened(): void {}
}
class Inherits extends Guarded {}
@Public()
class Open {
  @Access()
  guarded(): void {}
}
class Silent {
  nothing(): void {}
  @Get()
  @Public()
  @Access({ scope: 'a' })
  both(): void {}
}

/** A route of the gateway: a class and the method with that name. */
function ruleOf(controller: { readonly name: string; readonly prototype: object }, method: string) {
  const handler: unknown = Reflect.get(controller.prototype, method);
  if (typeof handler !== 'function') throw new Error(`${controller.name} has no method ${method}`);
  return accessOf(controller, handler);
}

const rule = (allScopes: string[], anyScopes: string[] = [], anyRoles: string[] = []) => ({
  allScopes,
  anyScopes,
  anyRoles,
});

describe('the access rule of a route', () => {
  it('is that of its method, else that of its class', () => {
    expect(ruleOf(Guarded, 'asTheClass')).toEqual(rule(['home:read', 'home:list']));
    expect(ruleOf(Guarded, 'asItself')).toEqual(rule([], [], ['editor']));
    expect(ruleOf(Guarded, 'opened')).toBe('public');
    expect(ruleOf(Open, 'guarded')).toEqual(rule([]));
    expect(ruleOf(Inherits, 'asTheClass')).toEqual(rule(['home:read', 'home:list']));
  });

  it('is undefined without a decorator', () => {
    expect(ruleOf(Silent, 'nothing')).toBeUndefined();
  });

  it('cannot be both guarded and open, and the error names the route', () => {
    expect(() => ruleOf(Silent, 'both')).toThrow('Silent.both has both @Access and @Public');
  });

  it.each<AccessOptions>([
    { scope: 'a b' },
    { scope: '' },
    { scope: [] },
    { anyScope: [] },
    { scope: 'a"' },
    { role: '' },
    { role: [] },
  ])('is refused when written as %j', (options) => {
    expect(() => Access(options)).toThrow(TypeError);
  });
});

describe('access control', () => {
  const control: AccessControl = new AccessControl();
  const caller = (scopes: string[], roles: string[] = []): Caller => ({ subject: 'ada', scopes, roles });
  const optionsOf = (decorator: AccessOptions) => {
    class Target {
      @Access(decorator)
      handler(): void {}
    }
    const found = ruleOf(Target, 'handler');
    if (found === undefined || found === 'public') throw new Error('the rule is lost');
    return found;
  };

  it.each<[AccessOptions, Caller]>([
    [{}, caller([])],
    [{ scope: 'a' }, caller(['a', 'b'])],
    [{ scope: ['a', 'b'] }, caller(['b', 'a'])],
    [{ anyScope: ['a', 'b'] }, caller(['b'])],
    [{ role: ['x', 'y'] }, caller([], ['y'])],
    [{ scope: 'a', role: 'x' }, caller(['a'], ['x'])],
  ])('%j lets %j in', (options, who) => {
    expect(() => control.check(optionsOf(options), who)).not.toThrow();
  });

  it.each<[AccessOptions, Caller, string]>([
    [{ scope: 'a' }, caller(['A', 'ab', 'a:b']), 'Bearer error="insufficient_scope", scope="a"'],
    [{ scope: ['a', 'b'] }, caller(['a']), 'Bearer error="insufficient_scope", scope="a b"'],
    [{ anyScope: ['a', 'b'] }, caller(['c']), 'Bearer error="insufficient_scope", scope="a b"'],
    [{ role: 'x' }, caller(['x']), 'Bearer error="insufficient_scope"'],
    [{ scope: 'a', role: 'x' }, caller(['a']), 'Bearer error="insufficient_scope"'],
  ])('%j keeps %j out with %s', (options, who, challenge) => {
    expect(() => control.check(optionsOf(options), who)).toThrow(
      expect.objectContaining({ code: 'GW_FORBIDDEN', options: { headers: { 'www-authenticate': challenge } } }),
    );
  });

  it('asks for credentials when the request has no caller', () => {
    expect(() => control.check(optionsOf({}), undefined)).toThrow(
      expect.objectContaining({ code: 'GW_UNAUTHENTICATED', options: { headers: { 'www-authenticate': 'Bearer' } } }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { cookieIn, cookieName, several } from './cookies.js';

describe('a cookie', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['id', undefined],
    ['id=a', 'a'],
    ['b=1; id=a; c=2', 'a'],
    ['b=1;id=a', 'a'],
    ['xid=a', undefined],
    ['id =a', 'a'],
    ['ID=a', undefined],
    ['id=', ''],
    ['id=a=b', 'a=b'],
    ['id=a; id=b', several],
    ['id=a; id=a', several],
    ['x="; id=b"; id=a', several],
  ])('of the name id in %j is %j', (header, value) => {
    expect(cookieIn(header, 'id')).toBe(value);
  });

  it('has a name that is a token (RFC 6265 section 4.1.1), whatever the app is called', () => {
    for (const app of ['shop', 'shöp', 'a b', 'a(b)', "a'b;c"])
      expect(cookieName(app, 'session')).toMatch(/^__Host-[!#$%&'*+.^_`|~0-9A-Za-z-]+-session$/);
  });
});

import { describe, expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.js';

const caller = (subject: string) => ({ subject, scopes: [], roles: [] });

describe('verified tokens', () => {
  it('never number more than the bound, and the longest unused go first', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('kept in use', caller('ada'), 1_000);
    for (let index = 0; index < 1_000; index++) {
      tokens.set(`token ${index}`, caller('x'), 1_000);
      expect(tokens.get('kept in use', 0)).toEqual(caller('ada'));
      expect(tokens.size).toBeLessThanOrEqual(10);
    }
    expect(tokens.get('token 999', 0)).toEqual(caller('x'));
    expect(tokens.get('token 0', 0)).toBeUndefined();
  });

  it('are forgotten when their time is over', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('a', caller('ada'), 100);
    expect(tokens.get('a', 99)).toEqual(caller('ada'));
    expect(tokens.get('a', 100)).toBeUndefined();
  });

  it('are remembered by a digest that no token can be read from', () => {
    expect(VerifiedTokens.digest('secret')).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(VerifiedTokens.digest('secret')).not.toBe(VerifiedTokens.digest('secreu'));
  });
});

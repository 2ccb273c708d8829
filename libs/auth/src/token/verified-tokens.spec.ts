import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifiedTokens } from './verified-tokens.js';

const caller = (subject: string) => ({ subject, scopes: [], roles: [] });

describe('verified tokens', () => {
  it('never number more than the bound, and the least recently used token is evicted first', () => {
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

  it('each give their own caller, for tokens that differ in one letter and in any order of lookups', () => {
    const alphabet = fc.constantFrom('a', 'b', 'A', 'B', '0', '-', '_', '.');
    const token = fc.string({ unit: alphabet, minLength: 1, maxLength: 6 });
    const step = fc.record({
      token,
      kind: fc.constantFrom('verify', 'look up'),
      now: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 2, max: 20 }), (steps, bound) => {
        const tokens = new VerifiedTokens(bound);
        const until = new Map<string, number>();
        for (const { token: text, kind, now } of steps) {
          const digest = VerifiedTokens.digest(text);
          if (kind === 'verify') {
            tokens.set(digest, caller(text), now + 100);
            until.set(text, now + 100);
          }
          const found = tokens.get(digest, now);
          // A token may be forgotten; another caller, or a caller after the end, is wrong.
          if (found !== undefined) expect([found.subject, (until.get(text) ?? 0) > now]).toEqual([text, true]);
          expect(tokens.size).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are counted as found or not', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('a', caller('ada'), 100);
    for (const [digest, now] of [
      ['a', 0],
      ['b', 0],
      ['a', 99],
      ['a', 100],
    ] as const)
      tokens.get(digest, now);
    expect(tokens.counts).toEqual({ hit: 2, miss: 2 });
  });

  it('are remembered by a digest from which no token can be read', () => {
    expect(VerifiedTokens.digest('secret')).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(VerifiedTokens.digest('secret')).not.toBe(VerifiedTokens.digest('secreu'));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lasting, type Proof } from './proof.js';
import { VerifiedTokens } from './verified-tokens.js';

const proof = (subject: string, until: number): Proof => ({
  caller: { subject, scopes: [], roles: [] },
  facts: { subject },
  credential: `secret of ${subject}`,
  until,
  ground: lasting,
  generation: 0,
});
const subjectOf = (tokens: VerifiedTokens, digest: string, now: number): string | undefined =>
  tokens.get(digest, now)?.proof.caller.subject;

describe('verified tokens', () => {
  it('never number more than the bound, and the least recently used token is evicted first', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('kept in use', proof('ada', 1_000), 0);
    for (let index = 0; index < 1_000; index++) {
      tokens.set(`token ${index}`, proof('x', 1_000), 0);
      expect(subjectOf(tokens, 'kept in use', 0)).toBe('ada');
      expect(tokens.size).toBeLessThanOrEqual(10);
    }
    expect(subjectOf(tokens, 'token 999', 0)).toBe('x');
    expect(tokens.get('token 0', 0)).toBeUndefined();
  });

  it('are forgotten when their time is over', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('a', proof('ada', 100), 0);
    expect(subjectOf(tokens, 'a', 99)).toBe('ada');
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
            tokens.set(digest, proof(text, now + 100), 0);
            until.set(text, now + 100);
          }
          const found = tokens.get(digest, now);
          // A token may be forgotten; another caller, or a caller after the end, is wrong.
          if (found !== undefined)
            expect([found.proof.caller.subject, (until.get(text) ?? 0) > now]).toEqual([text, true]);
          expect(tokens.size).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('end with the ground that proved them', () => {
    const tokens = new VerifiedTokens(10);
    const ground = { generation: 1, renewal: () => undefined };
    tokens.set('a', { ...proof('ada', 100), ground, generation: 1 }, 0);
    expect(subjectOf(tokens, 'a', 0)).toBe('ada');
    ground.generation = 2;
    expect(subjectOf(tokens, 'a', 0)).toBeUndefined();
  });

  it('are kept without the credential', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('a', proof('ada', 100), 0);
    expect(JSON.stringify(tokens.get('a', 0))).not.toContain('secret');
  });

  it('are counted as found or not', () => {
    const tokens = new VerifiedTokens(10);
    tokens.set('a', proof('ada', 100), 0);
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ada, success, bob, waiter } from './fixtures/loads.js';
import { OperationCache } from './index.js';

describe('the key of a response (R2)', () => {
  const cache = new OperationCache();
  const options = { upstream: 'catalogue', operation: 'getProduct', ttlMs: 60_000 };
  const cached = cache.operation(options);
  const args = { path: { id: 1 }, query: { a: 1, b: [1, 2] } };

  it.each([
    ['another subject', bob],
    ['another tenant', { ...ada, tenant: 'acme' }],
    ['another app', { ...ada, app: 'tv' }],
    ['fewer scopes', { ...ada, scopes: ['a'] }],
    ['another role', { ...ada, roles: ['admin'] }],
    ['no caller', undefined],
  ])('differs for %s', (_who, asker) => {
    expect(cached.key(args, asker)).not.toBe(cached.key(args, ada));
  });

  it('is the same for all callers of a public operation', () => {
    const open = cache.operation({ ...options, isPublic: true });
    expect(open.key(args, ada)).toBe(open.key(args, bob));
    expect(open.key(args, ada)).toBe(open.key(args, undefined));
  });

  it('holds neither the subject nor an argument in clear', () => {
    expect(cached.key({ path: { id: 'secret-id' } }, { subject: 'ada@example.test' })).not.toMatch(/ada|secret/);
  });

  it('does not depend on the order of members or scopes, but on all other members', () => {
    expect(cached.key({ query: { b: [1, 2], a: 1 }, path: { id: 1 } }, { ...ada, scopes: ['b', 'a'] })).toBe(
      cached.key(args, ada),
    );
    expect(cached.key({ ...args, query: { a: 1, b: [2, 1] } }, ada)).not.toBe(cached.key(args, ada));
    expect(cached.key({ path: { id: '1' } }, ada)).not.toBe(cached.key({ path: { id: 1 } }, ada));
    expect(cached.key(args, ada, ['de'])).not.toBe(cached.key(args, ada, ['en']));
    expect(cached.key(args, ada, ['de', undefined])).not.toBe(cached.key(args, ada, [undefined, 'de']));
  });

  it('equals no other key, for any names of subjects and tenants', () => {
    const asker = fc.record({ subject: fc.string(), tenant: fc.option(fc.string(), { nil: undefined }) });
    fc.assert(
      fc.property(asker, asker, ({ subject, tenant }, other) => {
        const same = subject === other.subject && tenant === other.tenant;
        const one = tenant === undefined ? { subject } : { subject, tenant };
        const two =
          other.tenant === undefined ? { subject: other.subject } : { subject: other.subject, tenant: other.tenant };
        expect(cached.key({}, one) === cached.key({}, two)).toBe(same);
      }),
    );
  });

  it('never gives one user the response that was loaded for another', async () => {
    for (const asker of [ada, bob]) {
      const outcome = await cached.getOrLoad(cached.key(args, asker), waiter(Infinity), async () =>
        success(asker.subject),
      );
      expect(outcome).toEqual(success(asker.subject));
    }
    expect(cached.peek(cached.key(args, ada))).toEqual(success('ada'));
  });
});

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
    const open = cache.operation({ ...options, scope: 'public' });
    expect(open.key(args, ada)).toBe(open.key(args, bob));
    expect(open.key(args, ada)).toBe(open.key(args, undefined));
  });

  describe('of an operation with the scope of a tenant', () => {
    const ofTenant = cache.operation({ ...options, scope: 'tenant' });
    const [adaOfAcme, bobOfAcme] = [ada, bob].map((one) => ({ ...one, tenant: 'acme' }));

    it('is the same for the callers of one tenant with the same rights', () => {
      expect(ofTenant.key(args, adaOfAcme)).toBe(ofTenant.key(args, bobOfAcme));
      expect(ofTenant.key(args, adaOfAcme)).not.toBe(cached.key(args, adaOfAcme));
    });

    it.each([
      ['another tenant', { ...bob, tenant: 'initech' }],
      ['other rights', { ...bob, tenant: 'acme', roles: ['admin'] }],
      ['another app', { ...bob, tenant: 'acme', app: 'tv' }],
      ['no tenant', bob],
      ['an empty tenant', { ...bob, tenant: '' }],
      ['no caller', undefined],
    ])('differs for %s', (_who, asker) => {
      expect(ofTenant.key(args, asker)).not.toBe(ofTenant.key(args, adaOfAcme));
    });

    it('is of one caller where a token names no tenant', () => {
      expect(ofTenant.key(args, ada)).not.toBe(ofTenant.key(args, bob));
      expect(ofTenant.key(args, { ...ada, tenant: '' })).not.toBe(ofTenant.key(args, { ...bob, tenant: '' }));
    });

    it('equals that of a caller of another tenant or with other rights for no names', () => {
      const name = fc.oneof(fc.string(), fc.constantFrom('tenant', 'caller', 'acme'));
      const asker = fc.record({
        subject: name,
        tenant: name,
        scopes: fc.array(name, { maxLength: 2 }),
        roles: fc.array(name, { maxLength: 2 }),
      });
      const rightsOf = ({ tenant, scopes, roles }: { tenant: string; scopes: string[]; roles: string[] }) =>
        JSON.stringify([tenant, scopes.toSorted(), roles.toSorted()]);
      fc.assert(
        fc.property(asker, asker, (one, other) => {
          const mayShare = rightsOf(one) === rightsOf(other) && (one.tenant !== '' || one.subject === other.subject);
          expect(ofTenant.key({}, one) === ofTenant.key({}, other)).toBe(mayShare);
        }),
      );
    });
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

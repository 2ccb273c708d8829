import { systemClock, type Clock } from '@frontage/core';
import type { Caller } from '@frontage/context';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type Claims, type SigningKey } from '../fixtures/issuer.js';
import { refused, seconds, verdictOf, verifierFor } from '../fixtures/verifier.js';
import type { JwtOptions } from '../options/jwt.options.js';
import type { StrategyVerifier } from '../strategy-verifier.js';

let rsa: SigningKey;
let ec: SigningKey;
let issuer: Issuer;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([signingKey('rsa-1'), signingKey('ec-1', 'ES256')]);
  issuer = await Issuer.start(rsa, ec);
  return () => issuer.stop();
});

const verifierOf = (options?: Partial<JwtOptions>, clock?: Clock): StrategyVerifier =>
  verifierFor(issuer, options, clock);
const verdict = (token: string, verifier = verifierOf()): Promise<Caller | string> => verdictOf(token, verifier);

describe('a good token', () => {
  it('names the caller', async () => {
    const token = await tokenOf(rsa, { roles: ['editor'], tenant: 'acme', azp: 'mobile-app' });
    await expect(verdict(token)).resolves.toEqual({
      subject: 'ada',
      scopes: ['home:read', 'cart:write'],
      roles: ['editor'],
      tenant: 'acme',
      app: 'mobile-app',
    });
  });

  it.each<[string, Claims]>([
    ['an audience among several', { aud: ['other', 'mobile-bff'] }],
    ['no iat', { iat: undefined }],
    ['an nbf that has just passed', { nbf: seconds() - 1 }],
    ['scopes in a list called scp', { scope: undefined, scp: ['home:read', 'cart:write'] }],
    ['claims that it does not need', { __proto__: { admin: true }, constructor: 'x', unknown: { deep: [1] } }],
  ])('is accepted with %s', async (_what, claims) => {
    await expect(verdict(await tokenOf(rsa, claims))).resolves.toMatchObject({
      subject: 'ada',
      scopes: ['home:read', 'cart:write'],
    });
  });

  it('is accepted from an issuer with a clock that is off by less than the options allow', async () => {
    const verifier = verifierOf({ clockSkewMs: 60_000 });
    await expect(verdict(await tokenOf(rsa, { exp: seconds() - 30 }), verifier)).resolves.toMatchObject({
      subject: 'ada',
    });
    await expect(
      verdict(await tokenOf(rsa, { iat: seconds() + 30, nbf: seconds() + 30 }), verifier),
    ).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(await tokenOf(rsa, { exp: seconds() - 61 }), verifier)).resolves.toBe(refused);
  });

  it('is accepted under each allowed algorithm', async () => {
    await expect(verdict(await tokenOf(ec))).resolves.toMatchObject({ subject: 'ada' });
  });

  it('has its roles and tenant in the claims of the options, along a path or under the whole name', async () => {
    const token = await tokenOf(rsa, { realm_access: { roles: ['a', 7, ''] }, 'https://acme.test/tenant': 'north' });
    const verifier = verifierOf({ rolesClaim: 'realm_access.roles', tenantClaim: 'https://acme.test/tenant' });
    await expect(verdict(token, verifier)).resolves.toMatchObject({ roles: ['a'], tenant: 'north' });
  });

  it('gives a frozen caller, because requests share it', async () => {
    const caller = await verifierOf().verify(await tokenOf(rsa));
    expect([caller, caller.scopes, caller.roles].every((value) => Object.isFrozen(value))).toBe(true);
  });
});

describe('a token that was verified a moment ago', () => {
  let ahead = 0;
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    wallTime: () => systemClock.wallTime() + ahead,
  };
  afterEach(() => {
    ahead = 0;
  });

  it('gives its caller at once, without a promise', async () => {
    const verifier = verifierOf({}, clock);
    const token = await tokenOf(rsa);
    const caller = await verifier.verify(token);
    expect(verifier.verify(token)).toBe(caller);
  });

  it('is verified again after a minute', async () => {
    const verifier = verifierOf({}, clock);
    const token = await tokenOf(rsa);
    await verifier.verify(token);
    ahead = 59_000;
    expect(verifier.verify(token)).not.toBeInstanceOf(Promise);
    ahead = 60_001;
    expect(verifier.verify(token)).toBeInstanceOf(Promise);
  });

  it('is never accepted from memory beyond its expiry', async () => {
    const verifier = verifierOf({ clockSkewMs: 0 }, clock);
    const token = await tokenOf(rsa, { exp: seconds() + 20 });
    await verifier.verify(token);
    ahead = 21_000;
    await expect(verdict(token, verifier)).resolves.toBe(refused);
  });

  it('does not prove a token that differs in any byte, or by one byte more or less', async () => {
    const verifier = verifierOf({}, clock);
    const token = await tokenOf(ec);
    await verifier.verify(token);
    const changed = Array.from(token, (letter, at) =>
      letter === '.' ? '' : `${token.slice(0, at)}${letter === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`,
    ).filter((text) => text !== '' && text !== token);
    const others = [...changed, `${token}A`, token.slice(0, -1), `${token}=`, ` ${token}`, token.toUpperCase()];
    expect(new Set(await Promise.all(others.map((other) => verdict(other, verifier))))).toEqual(new Set([refused]));
    expect(verifier.reuse()).toEqual({ hit: 0, miss: others.length + 1 });
    expect(verifier.verify(token)).not.toBeInstanceOf(Promise);
  });

  it('is refused a minute after its key was withdrawn, at the latest', async () => {
    const own = await Issuer.start(rsa, ec);
    try {
      const verifier = verifierFor(own, { jwksRefreshMs: 1_000 }, clock);
      const token = await tokenOf(rsa);
      await verifier.verify(token);
      own.keys = own.keys.filter(({ kid }) => kid !== rsa.kid);
      ahead = 61_000;
      // Other tokens start another fetch, and the old keys verify them until the new keys have arrived.
      let count = 0;
      await expect.poll(async () => verdict(await tokenOf(rsa, { jti: `${count++}` }), verifier)).toBe(refused);
      await expect(verdict(token, verifier)).resolves.toBe(refused);
    } finally {
      await own.stop();
    }
  });

  it('does not prove a token that differs in a letter', async () => {
    const verifier = verifierOf({}, clock);
    const token = await tokenOf(rsa);
    await verifier.verify(token);
    const [header, , signature] = token.split('.');
    const [, claims] = (await tokenOf(rsa, { sub: 'eve' })).split('.');
    await expect(verdict(`${header}.${claims}.${signature}`, verifier)).resolves.toBe(refused);
  });
});

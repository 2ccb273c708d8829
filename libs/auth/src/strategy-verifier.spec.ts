import { ManualClock } from '@frontage/testing';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import passport from 'passport';
import { ProblemError } from '@frontage/core';
import { RequestContext } from '@frontage/context';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forgedToken, Issuer, signingKey, tokenOf, type SigningKey } from './fixtures/issuer.js';
import type { AuthOptions } from './auth.options.js';
import { Revocations } from './revocation/revocations.js';
import { strategyVerifier } from './verification.js';
import type { RequestHead } from './verifiers/token-verifier.js';

let first: SigningKey;
let second: SigningKey;
let pss: SigningKey;
let issuers: Issuer[];
beforeAll(async () => {
  [first, second, pss] = await Promise.all([
    signingKey('a', 'ES256'),
    signingKey('a', 'EdDSA'),
    signingKey('b', 'PS256'),
  ]);
  issuers = [await Issuer.start(first), await Issuer.start(second, pss)];
});
afterAll(() => Promise.all(issuers.map((issuer) => issuer.stop())));

const one = () => ({
  issuer: 'https://one.example',
  audience: 'mobile-bff',
  jwks: issuers[0]?.jwks ?? '',
  algorithms: ['ES256'],
});
const two = () => ({
  issuer: 'https://two.example',
  audience: 'partners',
  jwks: issuers[1]?.jwks ?? '',
  algorithms: ['EdDSA', 'PS256'],
  subjectPrefix: 'two:',
});
const ofOne = { iss: 'https://one.example' };
const ofTwo = { iss: 'https://two.example', aud: 'partners' };

const verifierOf = (options: AuthOptions) =>
  strategyVerifier(options, () => Promise.resolve(new HttpService(axios.create())));

/** The subject of a request with these headers; the code of the refusal; `nobody` without a caller. */
async function callerOf(options: AuthOptions, headers: Record<string, string>): Promise<string> {
  const context = new RequestContext('r-1', 0, 'GET', '192.0.2.1', headers);
  try {
    await verifierOf(options).identify({ headers }, context);
    return context.caller?.subject ?? 'nobody';
  } catch (error) {
    return error instanceof ProblemError ? error.code : String(error);
  }
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('tokens of several issuers', () => {
  const both = (): AuthOptions => ({ jwt: [one(), two()] });

  it.each([
    ['ES256 of the first', () => tokenOf(first, ofOne), 'ada'],
    ['EdDSA of the second', () => tokenOf(second, ofTwo), 'two:ada'],
    ['PS256 of the second', () => tokenOf(pss, ofTwo), 'two:ada'],
  ])('are accepted: %s', async (_name, token, subject) => {
    expect(await callerOf(both(), bearer(await token()))).toBe(subject);
  });

  it.each([
    ['the key of the second in the name of the first', () => tokenOf(second, ofOne)],
    ['the key of the first in the name of the second', () => tokenOf(first, ofTwo)],
    ['the audience of the other', () => tokenOf(first, { ...ofOne, aud: 'partners' })],
    ['an issuer that no block names', () => tokenOf(first, { iss: 'https://three.example' })],
    ['an issuer of another type', () => tokenOf(first, { iss: ['https://one.example'] })],
    ['no issuer', () => tokenOf(first, { iss: undefined })],
    ['an algorithm of the other', () => tokenOf(pss, ofOne, { kid: 'b' })],
    ['claims that are no JSON', () => Promise.resolve(forgedToken({ alg: 'ES256' }, 'no json'))],
    ['claims that are null', () => Promise.resolve(forgedToken({ alg: 'ES256' }, null))],
    ['no JWT', () => Promise.resolve('opaque')],
    ['five parts', () => Promise.resolve('a.b.c.d.e')],
  ])('are refused: %s', async (_name, token) => {
    expect(await callerOf(both(), bearer(await token()))).toBe('GW_UNAUTHENTICATED');
  });

  it('are refused at the start where two blocks are for one issuer', () => {
    expect(() => verifierOf({ jwt: [one(), one()] })).toThrow('two blocks of access have the same issuer');
  });

  it('stand in another header where policy says so', async () => {
    const options = { jwt: one(), tokenHeaders: ['x-goog-iap-jwt-assertion'] };
    const token = await tokenOf(first, ofOne);
    expect(await callerOf(options, { 'x-goog-iap-jwt-assertion': token })).toBe('ada');
    expect(await callerOf(options, bearer(token))).toBe('nobody');
    expect(await callerOf(options, { 'x-goog-iap-jwt-assertion': `Bearer ${token}` })).toBe('GW_UNAUTHENTICATED');
    const two = { jwt: one(), tokenHeaders: ['authorization', 'x-token'] };
    expect(await callerOf(two, { ...bearer(token), 'x-token': token })).toBe('GW_UNAUTHENTICATED');
  });
});

describe('a strategy of the team', () => {
  class Door extends passport.Strategy {
    seen: string[] = [];
    override authenticate(request: RequestHead): void {
      const { authorization = '' } = request.headers;
      const door = String(request.headers['x-door']);
      this.seen.push(authorization);
      switch (authorization === '' ? door : authorization) {
        case 'Basic YWRhOnB3':
          return void Promise.resolve().then(() => this.success({ subject: 'ada of the directory', roles: ['staff'] }));
        case 'odd':
          return this.success({ id: 7 });
        case 'redirect':
          return this.redirect('https://login.example');
        case 'pass':
          return this.pass();
        case 'throw':
          throw new Error('the directory is away');
        case 'error':
          return this.error(new Error('the directory is away'));
        default:
          return this.fail('Basic realm="door"', 401);
      }
    }
  }
  let door: Door;
  beforeAll(() => {
    door = new Door();
    passport.use('door', door);
  });
  afterEach(() => void door.seen.splice(0));
  afterAll(() => void passport.unuse('door'));
  const options = (...strategies: string[]): AuthOptions => ({ jwt: one(), strategies });

  it('identifies callers beside tokens, in the order of the policy', async () => {
    expect(await callerOf(options('jwt', 'door'), { authorization: 'Basic YWRhOnB3' })).toBe('ada of the directory');
    expect(await callerOf(options('jwt', 'door'), bearer(await tokenOf(first, ofOne)))).toBe('ada');
    expect(door.seen).toEqual(['Basic YWRhOnB3']);
    expect(await callerOf(options('door', 'jwt'), bearer(await tokenOf(first, ofOne)))).toBe('ada');
    expect(door.seen).toHaveLength(2);
  });

  it('does not get to see a token that the strategy before it knows and refuses', async () => {
    const expired = await tokenOf(first, { ...ofOne, exp: 1 });
    expect(await callerOf(options('jwt', 'door'), bearer(expired))).toBe('GW_UNAUTHENTICATED');
    expect(door.seen).toEqual([]);
    expect(await callerOf(options('jwt', 'door'), bearer('opaque'))).toBe('GW_UNAUTHENTICATED');
    expect(door.seen).toEqual(['Bearer opaque']);
  });

  it.each([
    ['without credentials', {}, 'nobody'],
    ['that it refuses', { authorization: 'Basic b3RoZXI6' }, 'GW_UNAUTHENTICATED'],
    ['that it would redirect', { 'x-door': 'redirect' }, 'nobody'],
    ['that it passes on', { 'x-door': 'pass' }, 'nobody'],
    ['for which it throws', { 'x-door': 'throw' }, 'Error: the directory is away'],
    ['for which it reports an error', { 'x-door': 'error' }, 'Error: the directory is away'],
  ])('leaves a request %s without a caller', async (_name, headers, expected) => {
    expect(await callerOf(options('jwt', 'door'), headers)).toBe(expected);
  });

  it('cannot give a user without a subject', async () => {
    expect(await callerOf(options('jwt', 'door'), { 'x-door': 'odd' })).toContain('gave a user that is no caller');
  });

  it('is asked for each request, because only it knows how long its user is good', async () => {
    const verifier = verifierOf(options('jwt', 'door'));
    const headers = { authorization: 'Basic YWRhOnB3' };
    for (let round = 0; round < 2; round++)
      await verifier.identify({ headers }, new RequestContext('r', 0, 'GET', '192.0.2.1', headers));
    expect(door.seen).toHaveLength(2);
  });

  it('runs for many requests at once, each with its own user', async () => {
    const verifier = verifierOf(options('jwt', 'door'));
    const found = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const headers: Record<string, string> =
          index % 2 === 0
            ? { authorization: 'Basic YWRhOnB3' }
            : bearer(await tokenOf(first, { ...ofOne, sub: `u${index}` }));
        const context = new RequestContext('r', 0, 'GET', '192.0.2.1', headers);
        await verifier.identify({ headers }, context);
        return context.caller?.subject;
      }),
    );
    expect(found).toEqual(found.map((_, index) => (index % 2 === 0 ? 'ada of the directory' : `u${index}`)));
  });

  it('is missed where no provider registers it', () => {
    expect(verifierOf(options('jwt', 'door', 'ldap')).unregistered()).toEqual(['ldap']);
  });
});

describe('a known token', () => {
  /** A verifier with a clock of its own, a token of `ada`, and requests that have it. */
  const worldOf = async (options: Partial<AuthOptions> = {}) => {
    const clock = new ManualClock();
    const now = Math.floor(clock.wallTime() / 1_000);
    const verifier = verifierOf({ jwt: one(), clock, ...options });
    const token = await tokenOf(first, { ...ofOne, iat: now, exp: now + 300 });
    const ask = (headers: Record<string, string> = bearer(token)) => {
      const context = new RequestContext('r-1', 0, 'GET', '192.0.2.1', headers);
      return { context, pending: verifier.identify({ headers }, context) };
    };
    // The first request verifies the token, the second one finds it by its digest, and each further one by its header.
    await ask().pending;
    expect([ask().pending, ask().pending]).toEqual([undefined, undefined]);
    return { clock, verifier, token, ask };
  };

  it('is found before any strategy runs', async () => {
    const clock = new ManualClock();
    const now = Math.floor(clock.wallTime() / 1_000);
    const verifier = verifierOf({ jwt: one(), clock });
    const token = await tokenOf(first, { ...ofOne, iat: now, exp: now + 300 });
    await verifier.verify(token);
    expect(verifier.verify(token)).toMatchObject({ subject: 'ada' });
    expect(verifier.reuse()).toEqual({ hit: 1, miss: 1 });
  });

  it('gives its caller and itself to each request, and each is counted', async () => {
    const { verifier, token, ask } = await worldOf();
    const { context, pending } = ask();
    expect([pending, context.caller?.subject, context.bearerToken]).toEqual([undefined, 'ada', token]);
    expect(verifier.reuse()).toEqual({ hit: 3, miss: 1 });
  });

  it('is verified again when its time in the cache is over', async () => {
    const { clock, verifier, ask } = await worldOf({ jwt: { ...one(), cacheMs: 1_000 } });
    await clock.advance(999);
    expect(ask().pending).toBeUndefined();
    await clock.advance(1);
    expect(ask().pending).toBeInstanceOf(Promise);
    expect(verifier.reuse().miss).toBe(2);
  });

  it('is refused at once when it is revoked', async () => {
    const clock = new ManualClock();
    const revocations = new Revocations({ keepMs: 60_000, clock });
    const { ask } = await worldOf({ revocations });
    await revocations.revoke({ subject: 'grace' });
    expect([ask().pending, ask().context.caller?.subject]).toEqual([undefined, 'ada']);
    await clock.advance(1_000);
    await revocations.revoke({ issuedBefore: clock.wallTime() });
    for (let round = 0; round < 3; round++)
      await expect((async () => ask().pending)()).rejects.toMatchObject({ code: 'GW_UNAUTHENTICATED' });
  });

  it('is refused when the issuer withdraws its key', async () => {
    const issuer = await Issuer.start(first);
    const { clock, ask } = await worldOf({ jwt: { ...one(), jwks: issuer.jwks, jwksRefreshMs: 10_000 } });
    issuer.keys = [second.publicJwk];
    await clock.advance(15_000);
    // The keys are fetched in the background, and this request does not wait for them.
    expect(ask().pending).toBeUndefined();
    const isVerifiedAgain = (): boolean => {
      const { pending } = ask();
      pending?.catch(() => undefined);
      return pending !== undefined;
    };
    await expect.poll(isVerifiedAgain).toBe(true);
    await expect(ask().pending).rejects.toMatchObject({ code: 'GW_UNAUTHENTICATED' });
    await issuer.stop();
  });

  it('waits for the keys of the issuer where they are old', async () => {
    const { clock, ask } = await worldOf({ jwt: { ...one(), jwksRefreshMs: 10_000 } });
    await clock.advance(25_000);
    const { context, pending } = ask();
    expect(context.caller).toBeUndefined();
    await pending;
    expect(context.caller?.subject).toBe('ada');
  });

  it('is refused beside a second credential', async () => {
    const { token, ask } = await worldOf({ tokenHeaders: ['authorization', 'x-token'] });
    expect(() => ask({ ...bearer(token), 'x-token': token })).toThrow(
      expect.objectContaining({ code: 'GW_UNAUTHENTICATED' }),
    );
    expect(ask().context.caller?.subject).toBe('ada');
  });
});

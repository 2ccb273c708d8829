import { ProblemError } from '@frontage/core';
import { ManualClock } from '@frontage/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JWK } from 'jose';
import { signingKey, tokenOf, type SigningKey } from '../fixtures/issuer.js';
import { jwtSettings, type JwtOptions } from '../options/jwt.options.js';
import { verifierOver } from '../fixtures/verifier.js';
import type { StrategyVerifier } from '../strategy-verifier.js';
import { JwtVerifier } from '../verifiers/jwt-verifier.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

let old: SigningKey;
let other: SigningKey;
beforeAll(async () => {
  [old, other] = await Promise.all([signingKey('2026-a', 'ES256'), signingKey('2026-b', 'ES256')]);
});

let clock: ManualClock;
let published: JWK[];
let fetches: number;
/** The response of the issuer: at once, a failure, or never. */
let issuer: 'responds' | 'fails' | 'hangs';
beforeEach(() => {
  clock = new ManualClock();
  published = [old.publicJwk, other.publicJwk];
  fetches = 0;
  issuer = 'responds';
});

const verifierOf = (options: Partial<JwtOptions> = {}): StrategyVerifier => {
  const jwt = new JwtVerifier(
    jwtSettings({
      issuer: 'https://id.example.test',
      audience: 'mobile-bff',
      jwks: 'https://id.example.test/jwks.json',
      algorithms: ['ES256'],
      ...options,
    }),
    () => {
      fetches++;
      if (issuer === 'hangs') return new Promise(() => undefined);
      return issuer === 'fails' ? Promise.reject(new Error('503')) : Promise.resolve({ keys: published });
    },
    clock,
  );
  return verifierOver(jwt, clock);
};

const tokenBy = (key: SigningKey, id = 'one'): Promise<string> => {
  const now = Math.floor(clock.wallTime() / 1_000);
  return tokenOf(key, { jti: id, iat: now, exp: now + 100 * 3_600 });
};

/** The verdict, and its time in milliseconds of the clock. */
async function judge(verifier: StrategyVerifier, token: string, withinMs?: number): Promise<readonly [string, number]> {
  const startedAt = clock.now();
  const verdict = Promise.resolve(verifier.verify(token, withinMs)).then(
    ({ subject }) => subject,
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  );
  return [await clock.until(verdict), clock.now() - startedAt];
}

const taken = ['ada', 0];
const refused = ['GW_UNAUTHENTICATED', 0];

describe('A19: a key that the issuer has withdrawn', () => {
  it.each<[string, number]>([
    ['a minute', minute],
    ['eleven minutes', 11 * minute],
    ['22 hours', 22 * hour],
  ])('is refused after %s without traffic, by the first request', async (_what, idleMs) => {
    const verifier = verifierOf();
    const [known, fresh] = [await tokenBy(old), await tokenBy(old, 'never seen')];
    expect(await judge(verifier, known)).toEqual(taken);
    published = [other.publicJwk];
    await clock.advance(idleMs);
    expect(await judge(verifier, known)).toEqual(refused);
    expect(await judge(verifier, fresh)).toEqual(refused);
    expect(await judge(verifier, await tokenBy(other))).toEqual(taken);
    expect(fetches).toBe(2);
  });

  it('is refused within a minute under steady traffic, although its token was verified before', async () => {
    const verifier = verifierOf();
    const known = await tokenBy(old);
    expect(await judge(verifier, known)).toEqual(taken);
    published = [other.publicJwk];
    let acceptedForMs = 0;
    while ((await judge(verifier, known))[0] === 'ada') {
      await clock.advance(second);
      acceptedForMs += second;
      expect(acceptedForMs).toBeLessThanOrEqual(minute);
    }
    expect(acceptedForMs).toBeGreaterThan(0);
    expect(fetches).toBe(2);
  });

  it('is refused after twice the time of the policy', async () => {
    const verifier = verifierOf({ jwksRefreshMs: 5 * second });
    const known = await tokenBy(old);
    await judge(verifier, known);
    published = [other.publicJwk];
    await clock.advance(10 * second);
    expect(await judge(verifier, known)).toEqual(refused);
  });

  it('is refused when a key of the same name takes its place', async () => {
    const verifier = verifierOf();
    const known = await tokenBy(old);
    await judge(verifier, known);
    published = [{ ...other.publicJwk, kid: old.kid }];
    await clock.advance(minute);
    expect(await judge(verifier, known)).toEqual(refused);
  });

  it('does not affect tokens of other keys, and an added key causes no verification', async () => {
    const verifier = verifierOf();
    const [ofOld, ofOther] = [await tokenBy(old), await tokenBy(other)];
    published = [other.publicJwk];
    await judge(verifier, ofOther);
    published = [old.publicJwk, other.publicJwk];
    await clock.advance(40 * second);
    await judge(verifier, ofOther); // starts a fetch in the background
    await clock.advance(second);
    const { hit } = verifier.reuse();
    expect(verifier.verify(ofOther)).not.toBeInstanceOf(Promise);
    expect(verifier.reuse().hit).toBe(hit + 1);
    expect(await judge(verifier, ofOld)).toEqual(taken);
  });

  it('is withdrawn by a set without keys, and each token is refused', async () => {
    const verifier = verifierOf();
    const known = await tokenBy(old);
    await judge(verifier, known);
    published = [];
    await clock.advance(minute);
    expect(await judge(verifier, known)).toEqual(refused);
  });
});

describe('A5: keys of an issuer that', () => {
  it.each<['fails' | 'hangs', number]>([
    ['fails', 0],
    ['hangs', second],
  ])('%s still verify tokens up to their age, and a request waits a second at most', async (how, waitedMs) => {
    // The keys get old before the token is forgotten, because this clock does not count the time of verifying.
    const verifier = verifierOf({ jwksRefreshMs: 20 * second, jwksMaxAgeMs: 2 * hour });
    const known = await tokenBy(old);
    await judge(verifier, known);
    issuer = how;
    await clock.advance(40 * second);
    expect(await judge(verifier, known)).toEqual(['ada', waitedMs]);
    // The same attempt does not delay other requests.
    for (let i = 0; i < 5; i++) expect((await judge(verifier, await tokenBy(old, `${i}`)))[0]).toBe('ada');
    expect(await judge(verifier, known)).toEqual(taken);
    const attempts = fetches;
    await clock.advance(10 * second);
    expect((await judge(verifier, known))[0]).toBe('ada');
    expect(fetches).toBe(attempts + 1);
    await clock.advance(2 * hour);
    expect((await judge(verifier, known))[0]).toBe('GW_UPSTREAM_FAILED');
    issuer = 'responds';
    await clock.advance(10 * second);
    expect(await judge(verifier, known)).toEqual(taken);
  });

  it('hangs cost no more than half of the time of a request', async () => {
    const verifier = verifierOf({ jwksRefreshMs: 20 * second });
    const known = await tokenBy(old);
    await judge(verifier, known);
    issuer = 'hangs';
    await clock.advance(40 * second);
    expect(await judge(verifier, known, 300)).toEqual(['ada', 150]);
  });

  it('hangs while there are no keys cost the time of the request and one fetch', async () => {
    issuer = 'hangs';
    const verifier = verifierOf();
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, i) => tokenBy(old, `${i}`)));
    const startedAt = clock.now();
    const verdicts = tokens.map((token) =>
      Promise.resolve(verifier.verify(token, 800)).then(
        () => 'ada',
        (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
      ),
    );
    expect(new Set(await clock.until(Promise.all(verdicts)))).toEqual(new Set(['GW_UPSTREAM_FAILED']));
    expect([clock.now() - startedAt, fetches]).toEqual([800, 1]);
  });

  it('hung are fetched again once the time of the fetch is over, and no timer is left behind', async () => {
    const verifier = verifierOf({ jwksTimeoutMs: 2 * second });
    issuer = 'hangs';
    expect((await judge(verifier, await tokenBy(old), 500))[0]).toBe('GW_UPSTREAM_FAILED');
    issuer = 'responds';
    await clock.advance(2 * second);
    expect(await judge(verifier, await tokenBy(old))).toEqual(taken);
    expect(clock.timerCount).toBe(0);
  });
});

describe('a token that was verified a moment ago', () => {
  it('is not accepted beyond the greatest age of its keys', async () => {
    const verifier = verifierOf({ jwksRefreshMs: 10 * second, jwksMaxAgeMs: 30 * second });
    const known = await tokenBy(old);
    issuer = 'responds';
    await judge(verifier, known);
    issuer = 'fails';
    await clock.advance(29 * second);
    expect(await judge(verifier, known)).toEqual(taken);
    await clock.advance(second);
    expect((await judge(verifier, known))[0]).toBe('GW_UPSTREAM_FAILED');
  });
});

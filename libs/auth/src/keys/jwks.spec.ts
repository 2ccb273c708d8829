import { channels, ProblemError, type Clock } from '@frontage/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf, type SigningKey } from '../fixtures/issuer.js';
import { verifierFor } from '../fixtures/verifier.js';
import type { JwtOptions } from '../options/jwt.options.js';
import type { StrategyVerifier } from '../strategy-verifier.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => Date.now(), setTimer: () => undefined, clearTimer: () => {} };
let first: SigningKey;
let second: SigningKey;
let issuer: Issuer;
const warnings: unknown[] = [];
const listen = (message: unknown): void => void warnings.push(message);

beforeAll(async () => {
  [first, second] = await Promise.all([signingKey('2026-a', 'ES256'), signingKey('2026-b', 'ES256')]);
});
beforeEach(async () => {
  now = 1_000_000;
  issuer = await Issuer.start(first);
  warnings.length = 0;
  channels.warning.subscribe(listen);
});
afterEach(async () => {
  channels.warning.unsubscribe(listen);
  await issuer.stop();
});

// Each token is verified with the keys, because no token is remembered.
const verifierOf = (options?: Partial<JwtOptions>): StrategyVerifier =>
  verifierFor(issuer, { cacheMs: 0, ...options }, clock);

async function codeOf(verifier: StrategyVerifier, key: SigningKey): Promise<string> {
  try {
    return (await verifier.verify(await tokenOf(key))).subject;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.code;
  }
}

describe('A5: the keys of the issuer', () => {
  it('are fetched once for many tokens at the same time', async () => {
    const verifier = verifierOf();
    const seen = await Promise.all(Array.from({ length: 50 }, () => codeOf(verifier, first)));
    expect(new Set(seen)).toEqual(new Set(['ada']));
    expect(issuer.fetches).toBe(1);
  });

  it('are fetched when they rotate, and a token of the old key is then refused', async () => {
    const verifier = verifierOf();
    await expect(codeOf(verifier, first)).resolves.toBe('ada');
    issuer.keys = [second.publicJwk];
    now += 10_000;
    await expect(codeOf(verifier, second)).resolves.toBe('ada');
    await expect(codeOf(verifier, first)).resolves.toBe('GW_UNAUTHENTICATED');
    expect(issuer.fetches).toBe(2);
  });

  it('are fetched at most once per cooldown under a flood of unknown key ids', async () => {
    const verifier = verifierOf({ jwksCooldownMs: 10_000 });
    await codeOf(verifier, first);
    now += 10_000;
    const flood = async (): Promise<string[]> =>
      Promise.all(Array.from({ length: 100 }, (_, index) => codeOf(verifier, { ...second, kid: `invented-${index}` })));
    expect(new Set(await flood())).toEqual(new Set(['GW_UNAUTHENTICATED']));
    expect(new Set(await flood())).toEqual(new Set(['GW_UNAUTHENTICATED']));
    expect(issuer.fetches).toBe(2);
    now += 10_000;
    await flood();
    expect(issuer.fetches).toBe(3);
    await expect(codeOf(verifier, first)).resolves.toBe('ada');
  });

  it('are used while the issuer is down, also under a flood, until they are too old', async () => {
    const verifier = verifierOf({ jwksMaxAgeMs: 3_600_000, jwksRefreshMs: 60_000 });
    await codeOf(verifier, first);
    issuer.respond = (_request, response) => void response.writeHead(503).end();
    now += 60_000;
    await expect(codeOf(verifier, first)).resolves.toBe('ada');
    await expect
      .poll(() => warnings)
      .toMatchObject([{ from: 'auth', message: `cannot fetch the keys of ${issuer.issuer}` }]);
    now += 10_000;
    for (let index = 0; index < 20; index++) await expect(codeOf(verifier, second)).resolves.toBe('GW_UNAUTHENTICATED');
    expect(issuer.fetches).toBe(3);
    now += 3_600_000;
    await expect(codeOf(verifier, first)).resolves.toBe('GW_UPSTREAM_FAILED');
  });

  it('are fetched again in the background when they get old, and no request waits for that', async () => {
    const verifier = verifierOf({ jwksRefreshMs: 60_000 });
    await codeOf(verifier, first);
    let release = (): void => {};
    issuer.respond = (_request, response) => {
      release = () => void response.end(JSON.stringify({ keys: [first.publicJwk, second.publicJwk] }));
    };
    now += 60_000;
    await expect(codeOf(verifier, first)).resolves.toBe('ada');
    await expect.poll(() => issuer.fetches).toBe(2);
    release();
    await expect.poll(() => codeOf(verifier, second)).toBe('ada');
    expect(issuer.fetches).toBe(2);
  });

  it('are tried again after a second if there are none, and each token is refused until then', async () => {
    const good = issuer.respond;
    issuer.respond = (_request, response) => void response.writeHead(500).end();
    const verifier = verifierOf();
    for (let index = 0; index < 10; index++) await expect(codeOf(verifier, first)).resolves.toBe('GW_UPSTREAM_FAILED');
    expect(issuer.fetches).toBe(1);
    issuer.respond = good;
    now += 1_000;
    await expect(codeOf(verifier, first)).resolves.toBe('ada');
  });

  it.each<[string, (at: Issuer) => Issuer['respond']]>([
    [
      'a redirect, even to the same host',
      (at) => (request, response) =>
        void (request.url === '/jwks.json'
          ? response.writeHead(302, { location: '/real.json' }).end()
          : response.end(JSON.stringify({ keys: at.keys }))),
    ],
    [
      'a body beyond the bound',
      (at) => (_request, response) =>
        void response.end(JSON.stringify({ keys: at.keys, padding: 'x'.repeat(300_000) })),
    ],
    [
      'a body without end',
      (at) => (_request, response) => {
        response.write(`{"keys":${JSON.stringify(at.keys)},"padding":"`);
        const more = (): void => {
          if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
        };
        more();
      },
    ],
    ['a body that is not JSON', () => (_request, response) => void response.end('<html>')],
    ['a set without keys', () => (_request, response) => void response.end('{}')],
    [
      'more than a hundred keys',
      (at) => (_request, response) =>
        void response.end(JSON.stringify({ keys: Array.from({ length: 101 }, () => at.keys[0]) })),
    ],
    [
      'another success than 200',
      (at) => (_request, response) => void response.writeHead(203).end(JSON.stringify({ keys: at.keys })),
    ],
    ['silence', () => () => {}],
  ])('are not read from %s', async (_what, response) => {
    issuer.respond = response(issuer);
    await expect(codeOf(verifierOf({ jwksTimeoutMs: 300 }), first)).resolves.toBe('GW_UPSTREAM_FAILED');
    expect(issuer.paths).toEqual(['/jwks.json']);
  });

  it('are used without the unusable ones among them', async () => {
    const rsa = await signingKey('2026-rsa', 'RS256');
    const verifier = verifierOf();
    // A second key with this id would make two candidates; it is so large that verifying with it would take seconds.
    const huge = { ...rsa.publicJwk, n: 'A'.repeat(2_000) };
    issuer.respond = (_request, response) =>
      void response.end(
        JSON.stringify({
          keys: [null, 7, 'x', [], {}, { kty: 7 }, { kty: 'RSA' }, huge, rsa.publicJwk, first.publicJwk],
        }),
      );
    await expect(codeOf(verifier, first)).resolves.toBe('ada');
    await expect(codeOf(verifier, rsa)).resolves.toBe('ada');
  });
});

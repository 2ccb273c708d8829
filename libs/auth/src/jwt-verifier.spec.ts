import { createHmac, createPublicKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import fc from 'fast-check';
import { ProblemError, systemClock, type Clock } from '@frontage/core';
import type { Caller } from '@frontage/context';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { forgedToken, Issuer, signingKey, tokenOf, type Claims, type SigningKey } from './fixtures/issuer.js';
import { fetchKeysOver } from './jwks-fetch.js';
import { jwtSettings, type JwtOptions } from './jwt.options.js';
import { JwtVerifier } from './jwt-verifier.js';

let rsa: SigningKey;
let ec: SigningKey;
let issuer: Issuer;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([signingKey('rsa-1'), signingKey('ec-1', 'ES256')]);
  issuer = await Issuer.start(rsa, ec);
  return () => issuer.stop();
});

function verifierOf(options: Partial<JwtOptions> = {}, clock: Clock = systemClock): JwtVerifier {
  const settings = jwtSettings({
    issuer: issuer.issuer,
    audience: 'mobile-bff',
    jwks: issuer.jwks,
    algorithms: ['RS256', 'ES256'],
    ...options,
  });
  return new JwtVerifier(settings, fetchKeysOver(new HttpService(axios.create()), settings), clock);
}

async function verdict(token: string, verifier = verifierOf()): Promise<Caller | string> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const challenge = error.options.headers?.['www-authenticate'];
    return challenge === undefined ? error.code : `${error.code} ${challenge}`;
  }
}
const refused = 'GW_UNAUTHENTICATED Bearer error="invalid_token"';
const seconds = (): number => Math.floor(Date.now() / 1000);

describe('a good token', () => {
  it('tells who is calling', async () => {
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
    ['claims that nobody asked for', { __proto__: { admin: true }, constructor: 'x', unknown: { deep: [1] } }],
  ])('is taken with %s', async (_what, claims) => {
    await expect(verdict(await tokenOf(rsa, claims))).resolves.toMatchObject({
      subject: 'ada',
      scopes: ['home:read', 'cart:write'],
    });
  });

  it('is taken from an issuer whose clock is off by less than the options allow', async () => {
    const verifier = verifierOf({ clockSkewMs: 60_000 });
    await expect(verdict(await tokenOf(rsa, { exp: seconds() - 30 }), verifier)).resolves.toMatchObject({
      subject: 'ada',
    });
    await expect(
      verdict(await tokenOf(rsa, { iat: seconds() + 30, nbf: seconds() + 30 }), verifier),
    ).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(await tokenOf(rsa, { exp: seconds() - 61 }), verifier)).resolves.toBe(refused);
  });

  it('is taken under every algorithm that is allowed', async () => {
    await expect(verdict(await tokenOf(ec))).resolves.toMatchObject({ subject: 'ada' });
  });

  it('has its roles and tenant where the options say, along a path or under the whole name', async () => {
    const token = await tokenOf(rsa, { realm_access: { roles: ['a', 7, ''] }, 'https://acme.test/tenant': 'north' });
    const verifier = verifierOf({ rolesClaim: 'realm_access.roles', tenantClaim: 'https://acme.test/tenant' });
    await expect(verdict(token, verifier)).resolves.toMatchObject({ roles: ['a'], tenant: 'north' });
  });

  it('gives a caller that nobody can change, because requests share it', async () => {
    const caller = await verifierOf().verify(await tokenOf(rsa));
    expect([caller, caller.scopes, caller.roles].every((value) => Object.isFrozen(value))).toBe(true);
  });
});

describe('A1: a signature', () => {
  it.each(['none', 'None', 'nOnE', 'NONE'])('is needed, whatever "alg": "%s" says', async (alg) => {
    const good = await tokenOf(rsa);
    const [, claims = ''] = good.split('.');
    await expect(
      verdict(forgedToken({ alg, typ: 'at+jwt', kid: 'rsa-1' }, Buffer.from(claims, 'base64url').toString())),
    ).resolves.toBe(refused);
  });

  it('must be that of this header and these claims', async () => {
    const [header = '', claims = '', signature = ''] = (await tokenOf(rsa)).split('.');
    const [, otherClaims = ''] = (await tokenOf(rsa, { sub: 'eve' })).split('.');
    const flipped = (signature[10] === 'A' ? 'B' : 'A') + signature.slice(1);
    const tokens = [
      `${header}.${otherClaims}.${signature}`,
      `${header}.${claims}.${flipped}`,
      `${header}.${claims}.`,
      `${header}.${claims}`,
    ];
    await expect(Promise.all(tokens.map((token) => verdict(token)))).resolves.toEqual(tokens.map(() => refused));
  });

  it('has one spelling: no padding, no other alphabet, no stray bits, no white space, no more parts', async () => {
    const token = await tokenOf(ec);
    const last = token.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const stray = token.slice(0, -1) + (alphabet[alphabet.indexOf(last) + 1] ?? '');
    expect(Buffer.from(stray.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(token.split('.')[2] ?? '', 'base64url'),
    );
    const tokens = [
      stray,
      `${token}=`,
      `${token}==`,
      ` ${token}`,
      `${token}\n`,
      `${token}.`,
      `.${token}`,
      `${token}.e30`,
      token.replace('.', '..'),
    ];
    await expect(Promise.all(tokens.map((one) => verdict(one)))).resolves.toEqual(tokens.map(() => refused));
  });

  it('is not looked for in JSON serialisation or in an encrypted token', async () => {
    const [header, payload, signature] = (await tokenOf(rsa)).split('.');
    const tokens = [
      JSON.stringify({ protected: header, payload, signature }),
      'a.b.c.d.e',
      '',
      '.',
      '..',
      'x'.repeat(9_000),
    ];
    await expect(Promise.all(tokens.map((token) => verdict(token)))).resolves.toEqual(tokens.map(() => refused));
  });

  it('of a key of the wrong type, use or strength proves nothing', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const mine = await Issuer.start();
    try {
      mine.keys = [
        { ...rsa.publicJwk, use: 'enc' },
        { ...ec.publicJwk, alg: 'RS256' },
        { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' },
      ];
      const verifier = verifierOf({ jwks: mine.jwks });
      const weakToken = forgedToken(
        { alg: 'RS256', typ: 'at+jwt', kid: 'weak' },
        { iss: mine.issuer, aud: 'mobile-bff', sub: 'ada', exp: seconds() + 60 },
        (input) => signBytes('sha256', Buffer.from(input), weak.privateKey),
      );
      for (const token of [await tokenOf(rsa), await tokenOf(ec), weakToken])
        await expect(verdict(token, verifier)).resolves.toBe(refused);
    } finally {
      await mine.stop();
    }
  });

  it('under a key id that two keys have proves nothing', async () => {
    const twin = await signingKey('rsa-1');
    const mine = await Issuer.start(rsa, twin);
    await expect(verdict(await tokenOf(rsa), verifierOf({ jwks: mine.jwks }))).resolves.toBe(refused);
    await mine.stop();
  });
});

describe('A2: a public key', () => {
  it('is never taken for a shared secret, in any of its spellings', async () => {
    const key = createPublicKey({ key: { ...rsa.publicJwk }, format: 'jwk' });
    const pem = key.export({ type: 'spki', format: 'pem' }).toString();
    const secrets = [
      pem,
      ` ${pem}`,
      `\n${pem}`,
      pem.trim(),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(rsa.publicJwk),
      rsa.publicJwk.n ?? '',
      '',
    ];
    const claims = { iss: issuer.issuer, aud: 'mobile-bff', sub: 'eve', exp: seconds() + 60 };
    for (const secret of secrets) {
      for (const alg of ['HS256', 'RS256', 'ES256']) {
        const token = forgedToken({ alg, typ: 'at+jwt', kid: 'rsa-1' }, claims, (input) =>
          createHmac('sha256', secret).update(input).digest(),
        );
        await expect(verdict(token)).resolves.toBe(refused);
      }
    }
  });

  it('serves only its own algorithm, and only one that is allowed', async () => {
    const other = await signingKey('rsa-1', 'PS256');
    await expect(verdict(await tokenOf(other))).resolves.toBe(refused);
    await expect(verdict(await tokenOf(ec), verifierOf({ algorithms: ['RS256'] }))).resolves.toBe(refused);
    await expect(verdict(await tokenOf({ ...ec, kid: 'rsa-1' }))).resolves.toBe(refused);
  });

  it('that is a shared or private key in the set is not used', async () => {
    const mine = await Issuer.start();
    mine.keys = [
      { kty: 'oct', kid: 'secret', k: Buffer.from('secret').toString('base64url') },
      { ...rsa.publicJwk, d: 'AQAB' },
    ];
    const verifier = verifierOf({ jwks: mine.jwks });
    const shared = forgedToken(
      { alg: 'HS256', typ: 'at+jwt', kid: 'secret' },
      { iss: mine.issuer, aud: 'mobile-bff', sub: 'eve', exp: seconds() + 60 },
      (input) => createHmac('sha256', 'secret').update(input).digest(),
    );
    await expect(verdict(shared, verifier)).resolves.toBe(refused);
    await expect(verdict(await tokenOf(rsa), verifier)).resolves.toBe(refused);
    await mine.stop();
  });
});

describe('A3: a header', () => {
  it('does not choose who vouches for the token', async () => {
    const eve = await signingKey('eve');
    const before = issuer.paths.length;
    const verifier = verifierOf();
    for (const header of [
      { jwk: eve.publicJwk },
      { jku: `${issuer.origin}/eve.json` },
      { x5u: `${issuer.origin}/eve.pem` },
      { x5c: ['MIIB'] },
    ]) {
      await expect(verdict(await tokenOf(eve, {}, header), verifier)).resolves.toBe(refused);
      await expect(verdict(await tokenOf(rsa, {}, { ...header }), verifier)).resolves.toMatchObject({ subject: 'ada' });
    }
    expect(issuer.paths.slice(before).every((path) => path === '/jwks.json')).toBe(true);
  });

  it.each<[string, Record<string, unknown>]>([
    ['an unknown "crit"', { crit: ['exp2'], exp2: 1 }],
    ['an empty "crit"', { crit: [] }],
    ['a "crit" that is no list', { crit: 'b64' }],
    ['"b64": false', { b64: false, crit: ['b64'] }],
    ['no "alg"', { alg: undefined }],
    ['an "alg" that is no string', { alg: ['RS256'] }],
  ])('with %s is refused', async (_what, extra) => {
    const key = createSigner();
    const claims = { iss: issuer.issuer, aud: 'mobile-bff', sub: 'ada', exp: seconds() + 60 };
    const mine = await Issuer.start();
    mine.keys = [key.jwk];
    const verifier = verifierOf({ jwks: mine.jwks });
    const header = { alg: 'RS256', typ: 'at+jwt', kid: 'made' };
    await expect(verdict(forgedToken(header, claims, key.sign), verifier)).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(forgedToken({ ...header, ...extra }, claims, key.sign), verifier)).resolves.toBe(refused);
    await mine.stop();
  });

  it.each<[string, unknown]>([
    ['a path', '../../../../etc/passwd'],
    ['SQL', "' OR 1=1 --"],
    ['an address', 'http://169.254.169.254/latest'],
    ['7 kB', 'k'.repeat(7_000)],
    ['an object', { a: 1 }],
    ['a number', 1],
    ['null', null],
    ['a name of Object', '__proto__'],
    ['nothing', ''],
  ])('whose key id is %s is refused and fetches nothing else', async (_what, kid) => {
    const before = issuer.paths.length;
    const key = createSigner();
    const token = forgedToken({ alg: 'RS256', typ: 'at+jwt', kid }, { sub: 'eve', exp: seconds() + 60 }, key.sign);
    await expect(verdict(token)).resolves.toBe(refused);
    expect(issuer.paths.slice(before).filter((path) => path !== '/jwks.json')).toEqual([]);
    expect(issuer.paths.length - before).toBeLessThanOrEqual(1);
  });
});

/** Signs whatever it is given: jose would refuse to make most of what is tested with it. */
function createSigner() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'made', alg: 'RS256', use: 'sig' },
    sign: (input: string): Buffer => signBytes('sha256', Buffer.from(input), privateKey),
  };
}

describe('A4: the claims', () => {
  const now = seconds();
  it.each<[string, Claims]>([
    ['no issuer', { iss: undefined }],
    ['another issuer', { iss: 'https://id.example.test/' }],
    ['a list of issuers', { iss: ['https://id.example.test'] }],
    ['no audience', { aud: undefined }],
    ['the audience of another BFF', { aud: 'web-bff' }],
    ['the audiences of others', { aud: ['web-bff', 'partner-bff'] }],
    ['an audience that only begins alike', { aud: 'mobile-bff-2' }],
    ['an audience that is an object', { aud: { 0: 'mobile-bff' } }],
    ['no expiry', { exp: undefined }],
    ['an expiry in words', { exp: String(now + 60) }],
    ['an expiry that has passed', { exp: now - 60 }],
    ['an expiry beyond any calendar', { exp: 1e300 }],
    ['an expiry before all time', { exp: -1 }],
    ['an expiry of null', { exp: null }],
    ['a start in the future', { nbf: now + 60 }],
    ['a start in words', { nbf: String(now) }],
    ['an issue in the future', { iat: now + 60 }],
    ['an issue in words', { iat: String(now) }],
    ['an issue before 1970', { iat: -1 }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 7 }],
    ['a key that has to be proven', { cnf: { jkt: 'thumbprint' } }],
  ])('with %s are refused', async (_what, claims) => {
    const signer = createSigner();
    const mine = await Issuer.start();
    mine.keys = [signer.jwk];
    const verifier = verifierOf({ jwks: mine.jwks });
    const good: Claims = { iss: mine.issuer, aud: 'mobile-bff', sub: 'ada', iat: now, exp: now + 300 };
    const header = { alg: 'RS256', typ: 'at+jwt', kid: 'made' };
    await expect(verdict(forgedToken(header, good, signer.sign), verifier)).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(forgedToken(header, { ...good, ...claims }, signer.sign), verifier)).resolves.toBe(refused);
    await mine.stop();
  });

  it.each<[string, Claims, Record<string, unknown>]>([
    ['an ID token', { nonce: 'n-1' }, { typ: 'JWT' }],
    ['an ID token of the code flow', { at_hash: 'x' }, { typ: 'JWT' }],
    ['an ID token of Cognito', { token_use: 'id' }, { typ: 'JWT' }],
    ['an ID token of Keycloak', { typ: 'ID' }, { typ: 'JWT' }],
    ['a refresh token of Keycloak', { typ: 'Refresh' }, { typ: 'JWT' }],
    ['a logout token', {}, { typ: 'logout+jwt' }],
    ['a token without a type', {}, { typ: undefined }],
  ])('of %s are refused: it is no access token', async (_what, claims, header) => {
    await expect(verdict(await tokenOf(rsa, claims, header))).resolves.toBe(refused);
  });

  it.each<[string, Claims, Record<string, unknown>]>([
    ['RFC 9068', { nonce: 'n-1' }, { typ: 'application/AT+JWT' }],
    ['plain JWT', {}, { typ: 'jwt' }],
    ['Keycloak', { typ: 'Bearer', nonce: 'n-1' }, { typ: 'JWT' }],
    ['Cognito', { token_use: 'access' }, { typ: 'JWT' }],
  ])('of an access token in the style of %s are taken', async (_what, claims, header) => {
    await expect(verdict(await tokenOf(rsa, claims, header))).resolves.toMatchObject({ subject: 'ada' });
  });

  it('may have no type where the options say so', async () => {
    await expect(
      verdict(await tokenOf(rsa, {}, { typ: undefined }), verifierOf({ types: [''] })),
    ).resolves.toMatchObject({ subject: 'ada' });
  });

  it('are refused when older than policy wants them, or of unknown age', async () => {
    const verifier = verifierOf({ maxTokenAgeMs: 60_000 });
    await expect(verdict(await tokenOf(rsa, { iat: now - 30 }), verifier)).resolves.toMatchObject({ subject: 'ada' });
    await expect(verdict(await tokenOf(rsa, { iat: now - 120 }), verifier)).resolves.toBe(refused);
    await expect(verdict(await tokenOf(rsa, { iat: undefined }), verifier)).resolves.toBe(refused);
  });

  it('are refused, never a crash, whatever is in them', async () => {
    const signer = createSigner();
    const mine = await Issuer.start();
    mine.keys = [signer.jwk];
    const verifier = verifierOf({ jwks: mine.jwks });
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (header, claims) => {
        expect(await verdict(forgedToken(header, claims, signer.sign), verifier)).toBe(refused);
        expect(
          await verdict(forgedToken({ alg: 'RS256', typ: 'JWT', kid: 'made' }, claims, signer.sign), verifier),
        ).toBe(refused);
      }),
      { numRuns: 100 },
    );
    await mine.stop();
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

  it('is answered at once, without a promise', async () => {
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

  it('is never taken from memory beyond its expiry', async () => {
    const verifier = verifierOf({ clockSkewMs: 0 }, clock);
    const token = await tokenOf(rsa, { exp: seconds() + 20 });
    await verifier.verify(token);
    ahead = 21_000;
    await expect(verdict(token, verifier)).resolves.toBe(refused);
  });

  it('does not vouch for one that differs in a letter', async () => {
    const verifier = verifierOf({}, clock);
    const token = await tokenOf(rsa);
    await verifier.verify(token);
    const [header, , signature] = token.split('.');
    const [, claims] = (await tokenOf(rsa, { sub: 'eve' })).split('.');
    await expect(verdict(`${header}.${claims}.${signature}`, verifier)).resolves.toBe(refused);
  });
});

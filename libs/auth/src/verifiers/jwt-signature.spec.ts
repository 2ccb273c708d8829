import { createHmac, createPublicKey, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import type { Caller } from '@frontage/context';
import { beforeAll, describe, expect, it } from 'vitest';
import { forgedToken, Issuer, signingKey, tokenOf, type SigningKey } from '../fixtures/issuer.js';
import { createSigner, refused, seconds, verdictOf, verifierFor } from '../fixtures/verifier.js';
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

const verifierOf = (options?: Partial<JwtOptions>): StrategyVerifier => verifierFor(issuer, options);
const verdict = (token: string, verifier = verifierOf()): Promise<Caller | string> => verdictOf(token, verifier);

describe('A1: a signature', () => {
  it.each(['none', 'None', 'nOnE', 'NONE'])('is needed, also with "alg": "%s"', async (alg) => {
    const good = await tokenOf(rsa);
    const [, claims = ''] = good.split('.');
    await expect(
      verdict(forgedToken({ alg, typ: 'at+jwt', kid: 'rsa-1' }, Buffer.from(claims, 'base64url').toString())),
    ).resolves.toBe(refused);
  });

  it('must be made over this header and these claims', async () => {
    const [header = '', claims = '', signature = ''] = (await tokenOf(rsa)).split('.');
    const [, otherClaims = ''] = (await tokenOf(rsa, { sub: 'eve' })).split('.');
    const flipped = (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1);
    const tokens = [
      `${header}.${otherClaims}.${signature}`,
      `${header}.${claims}.${flipped}`,
      `${header}.${claims}.`,
      `${header}.${claims}`,
    ];
    await expect(Promise.all(tokens.map((token) => verdict(token)))).resolves.toEqual(tokens.map(() => refused));
  });

  it('has one spelling: no padding, no other alphabet, no unused bits that are set, no white space, no more parts', async () => {
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

  it('under a key id of two keys proves nothing', async () => {
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

  it('works only with its own algorithm, and only with an allowed one', async () => {
    const other = await signingKey('rsa-1', 'PS256');
    await expect(verdict(await tokenOf(other))).resolves.toBe(refused);
    await expect(verdict(await tokenOf(ec), verifierOf({ algorithms: ['RS256'] }))).resolves.toBe(refused);
    await expect(verdict(await tokenOf({ ...ec, kid: 'rsa-1' }))).resolves.toBe(refused);
  });

  it('is not used if it is a shared or private key', async () => {
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
  it('does not choose the key that proves the token', async () => {
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
    ['"b64": false and no "crit"', { b64: false }],
    ['"b64" as a text and no "crit"', { b64: 'false' }],
    ['"b64": 0', { b64: 0 }],
    ['"b64": null', { b64: null }],
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
  ])('with %s as its key id is refused and fetches nothing else', async (_what, kid) => {
    const before = issuer.paths.length;
    const key = createSigner();
    const token = forgedToken({ alg: 'RS256', typ: 'at+jwt', kid }, { sub: 'eve', exp: seconds() + 60 }, key.sign);
    await expect(verdict(token)).resolves.toBe(refused);
    expect(issuer.paths.slice(before).filter((path) => path !== '/jwks.json')).toEqual([]);
    expect(issuer.paths.length - before).toBeLessThanOrEqual(1);
  });
});

import { checkPrimeSync, generateKeyPairSync, generatePrimeSync, randomBytes } from 'node:crypto';
import { channels, type Warning } from '@frontage/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Issuer, signingKey, tokenOf } from '../fixtures/issuer.js';
import { refused, verdictOf, verifierFor } from '../fixtures/verifier.js';
import { readKeySet } from './key-set.js';
import { weaknessOfRsa } from './rsa-strength.js';

const base64url = (value: bigint): string => {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
};
const randomBelow = (limit: bigint): bigint => BigInt(`0x${randomBytes(160).toString('hex')}`) % limit;
const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus)
    if (e & 1n) result = (result * b) % modulus;
  return result;
};

const primes: bigint[] = [];
for (let n = 2n; primes.length < 126; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);

/** A prime of the weak generator: k * M + 65537^a mod M, with M of the first `count` primes. */
function rocaPrime(bits: bigint, count: number): bigint {
  const m = primes.slice(0, count).reduce((product, prime) => product * prime, 1n);
  const least = (3n << (bits - 2n)) / m;
  for (;;) {
    const candidate = (least + randomBelow((1n << (bits - 2n)) / m)) * m + power(65_537n, randomBelow(m), m);
    if (checkPrimeSync(candidate)) return candidate;
  }
}
const prime = (bits: number): bigint => generatePrimeSync(bits, { bigint: true });
const e = 'AQAB';

describe('an RSA key', () => {
  it('of each generator in use here is strong', () => {
    for (const modulusLength of [2_048, 3_072]) {
      const { n = '', e: exponent = '' } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({
        format: 'jwk',
      });
      expect(weaknessOfRsa(n, exponent)).toBeUndefined();
    }
  });

  // Keys of 1,024 bits and more have M of the first 71 primes, those of 2,048 bits and more of the first 126.
  it.each([
    [1_024n, 71],
    [1_024n, 126],
    [1_024n, 39],
  ])('with primes of %i bits from M of %i primes is weak (CVE-2017-15361)', (bits, count) => {
    const n = rocaPrime(bits, count) * rocaPrime(bits, count);
    expect(weaknessOfRsa(base64url(n), e)).toMatch(/ROCA/);
    // One such prime alone leaves no fingerprint, and neither does M without one of the 38 primes.
    expect(weaknessOfRsa(base64url(rocaPrime(bits, count) * prime(1_024)), e)).toBeUndefined();
  });

  it.each<[string, () => string, string, RegExp]>([
    ['1,024 bits', () => base64url(prime(512) * prime(512)), e, /has 102[34] bits/],
    ['2,047 bits', () => base64url((1n << 2_047n) - 9n), e, /has 2047 bits/],
    [
      'a short modulus behind zeros',
      () => Buffer.concat([Buffer.alloc(200), randomBytes(100)]).toString('base64url'),
      e,
      /has \d+ bits/,
    ],
    ['8,200 bits', () => base64url((1n << 8_200n) + 1n), e, /longer than 8192/],
    ['a million bits', () => 'A'.repeat(170_000), e, /longer than 8192/],
    ['an even modulus', () => base64url((1n << 2_048n) - 2n), e, /small factor/],
    ['a modulus that 751 divides', () => base64url(751n * prime(2_046)), e, /small factor/],
    ['no modulus', () => '', e, /has [01] bits/],
  ])('with %s is weak', (_what, n, exponent, reason) => {
    expect(weaknessOfRsa(n(), exponent)).toMatch(reason);
  });

  it.each([0n, 1n, 2n, 3n, 17n, 65_536n, 65_538n, (1n << 64n) + 1n, (1n << 2_000n) + 1n])(
    'with the exponent %i is weak',
    (exponent) => {
      const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' });
      expect(weaknessOfRsa(n, base64url(exponent))).toMatch(/exponent/);
      expect(weaknessOfRsa(n, base64url(65_539n))).toBeUndefined();
    },
  );
});

describe('a key set', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' });
  const pointOf = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

  it('uses the keys that can prove tokens', () => {
    const { prints, refused: left } = readKeySet({
      keys: [rsa, ec, ed, { ...rsa, use: 'sig', key_ops: ['verify'], alg: 'PS256', kid: 'a' }],
    });
    expect([prints.size, left]).toEqual([4, []]);
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'no object'],
    ['a text', 'x', 'no object'],
    ['a list', [], 'no object'],
    ['a shared secret', { kty: 'oct', k: 'c2VjcmV0' }, 'secret'],
    ['a private key', { ...ec, d: 'AQAB' }, 'secret'],
    ['a key for encryption', { ...rsa, use: 'enc' }, '"use"'],
    ['a key for encryption by its operations', { ...rsa, key_ops: ['encrypt', 'wrapKey'] }, '"key_ops"'],
    ['a key that signs', { ...rsa, key_ops: ['sign'] }, '"key_ops"'],
    ['operations that are no list', { ...rsa, key_ops: 'verify' }, '"key_ops"'],
    ['no type', { ...rsa, kty: undefined }, '"kty"'],
    ['a type of Object', { ...rsa, kty: 'constructor' }, '"kty"'],
    ['RSA without a modulus', { kty: 'RSA', e }, 'no "n"'],
    ['RSA with a modulus that is no text', { kty: 'RSA', n: 7, e }, 'no "n"'],
    ['RSA with another alphabet', { ...rsa, n: `${rsa.n}==` }, 'no "n"'],
    ['a curve that no algorithm has', { ...ec, crv: 'secp256k1' }, '"crv"'],
    ['a curve of Object', { ...ec, crv: '__proto__' }, '"crv"'],
    ['a point off its curve', { ...ec, y: ec.x }, 'no public key'],
    ['the point of zeros', { ...ec, x: pointOf('00'.repeat(32)), y: pointOf('00'.repeat(32)) }, 'no public key'],
    ['a coordinate beyond the field', { ...ec, x: pointOf('ff'.repeat(32)) }, 'no public key'],
    ['a short coordinate', { ...ec, x: pointOf('01') }, '32 bytes'],
    [
      'a long coordinate',
      { ...ec, x: pointOf(`00${Buffer.from(ec.x ?? '', 'base64url').toString('hex')}`) },
      '32 bytes',
    ],
    ['X25519', { ...ed, crv: 'X25519' }, '"crv"'],
    ['Ed448', { ...ed, crv: 'Ed448' }, '"crv"'],
    ['a short point', { ...ed, x: 'AQ' }, '32 bytes'],
    ...[
      '0100000000000000000000000000000000000000000000000000000000000000',
      '0000000000000000000000000000000000000000000000000000000000000080',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ].map((hex): [string, unknown, string] => [
      `the point of small order ${hex}`,
      { ...ed, x: pointOf(hex) },
      'small order',
    ]),
  ])('leaves out %s, and names the reason', (_what, key, reason) => {
    const { prints, refused: left } = readKeySet({ keys: [key, ec] });
    expect(prints.size).toBe(1);
    expect(left).toEqual([expect.stringContaining(reason)]);
  });

  it.each([null, 7, 'x', [], {}, { keys: {} }, { keys: null }, { keys: Array.from({ length: 101 }, () => ec) }])(
    'is refused as a whole: %j',
    (body) => {
      expect(() => readKeySet(body)).toThrow('JWK set');
    },
  );
});

describe('a weak key of the issuer', () => {
  let issuer: Issuer;
  beforeAll(async () => {
    issuer = await Issuer.start();
    return () => issuer.stop();
  });

  it('proves no token, and one warning names the key and the reason', async () => {
    const warnings: Warning[] = [];
    const hear = (message: unknown): void => void warnings.push(message as Warning);
    channels.warning.subscribe(hear);
    try {
      const good = await signingKey('good');
      const cubed = generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 3 });
      const jwk = { ...cubed.publicKey.export({ format: 'jwk' }), kid: 'cubed', alg: 'RS256', use: 'sig' };
      issuer.keys = [good.publicJwk, jwk];
      const verifier = verifierFor(issuer, { cacheMs: 0 });
      const forged = { kid: 'cubed', alg: 'RS256', publicJwk: jwk, privateKey: good.privateKey };
      for (let i = 0; i < 3; i++) {
        await expect(verdictOf(await tokenOf(good), verifier)).resolves.toMatchObject({ subject: 'ada' });
        await expect(verdictOf(await tokenOf(forged), verifier)).resolves.toBe(refused);
      }
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatchObject({ from: 'auth', message: `some keys of ${issuer.issuer} are not used` });
      expect(String(warnings[0]?.cause)).toMatch(/key "cubed": the exponent/);
    } finally {
      channels.warning.unsubscribe(hear);
    }
  });
});

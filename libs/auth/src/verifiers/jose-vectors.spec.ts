import { constants, createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { ProblemError, type Clock } from '@frontage/core';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { forgedToken } from '../fixtures/issuer.js';
import { seconds } from '../fixtures/verifier.js';
import { jwtSettings } from '../options/jwt.options.js';
import { JwtVerifier } from './jwt-verifier.js';

/** A time before the `exp` of the examples of RFC 7515. */
const then: Clock = {
  now: () => 0,
  wallTime: () => Date.UTC(2011, 2, 22),
  setTimer: () => undefined,
  clearTimer: () => undefined,
};
const now: Clock = { ...then, wallTime: () => Date.now() };

/** The reason why a token is refused; `accepted` if it is not. */
async function reasonOf(token: string, key: JWK, alg: string, clock = now): Promise<string> {
  const settings = jwtSettings({
    issuer: 'joe',
    audience: 'bff',
    jwks: 'https://id.example.test/jwks.json',
    algorithms: [alg],
    types: ['none', 'JWT'],
    cacheMs: 0,
  });
  try {
    await new JwtVerifier(settings, () => Promise.resolve({ keys: [key] }), clock).prove(token);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'GW_UNAUTHENTICATED') throw error;
    return error.cause instanceof Error ? error.cause.message : 'without a reason';
  }
}

// The claims of the examples have no subject, so one of these two reasons tells whether the signature holds.
const signatureHolds = 'missing required "sub" claim';
const signatureFails = 'signature verification failed';

const joe = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';

/** RFC 7515 appendix A: key, header and signature over the same claims. */
const examples: readonly (readonly [name: string, alg: string, key: JWK, header: string, signature: string])[] = [
  [
    'A.2',
    'RS256',
    {
      kty: 'RSA',
      n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
      e: 'AQAB',
    },
    'eyJhbGciOiJSUzI1NiJ9',
    'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
  ],
  [
    'A.3',
    'ES256',
    {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    'eyJhbGciOiJFUzI1NiJ9',
    'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  ],
];

describe('the examples of RFC 7515', () => {
  it.each(examples)(
    '%s (%s): the signature holds, and none that differs in a bit does',
    async (_name, alg, key, header, signature) => {
      expect(await reasonOf(`${header}.${joe}.${signature}`, key, alg, then)).toBe(signatureHolds);
      const bytes = Buffer.from(signature, 'base64url');
      for (let at = 0; at < bytes.length; at += 7) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        expect(await reasonOf(`${header}.${joe}.${flipped.toString('base64url')}`, key, alg, then)).toBe(
          signatureFails,
        );
      }
    },
  );

  it('A.5: a token without a signature is refused under all allowed algorithms', async () => {
    const [, alg, key] = examples[1] ?? ['', 'ES256', {}];
    expect(await reasonOf(`eyJhbGciOiJub25lIn0.${joe}.`, key, alg, then)).toMatch(/not a JWS/);
  });
});

const claims = { iss: 'joe', aud: 'bff', sub: 'ada', scope: 'x', exp: seconds() + 600 };
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const scalar = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const jwkOf = (key: KeyObject): JWK => key.export({ format: 'jwk' });

/** The kinds of project Wycheproof: forged signatures that verifiers have accepted. */
describe('forged signatures of ES256', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const judge = (make: (input: string) => Buffer): Promise<string> =>
    reasonOf(forgedToken({ alg: 'ES256' }, claims, make), jwkOf(publicKey), 'ES256');
  const good = (input: string): Buffer =>
    sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const halves = (input: string): readonly [Buffer, Buffer] => [good(input).subarray(0, 32), good(input).subarray(32)];

  it('are made from a signature that holds', async () => {
    expect(await judge(good)).toBe('accepted');
  });

  it.each<[string, (input: string) => Buffer]>([
    ...[0n, 1n, order - 1n, order, order + 1n, (1n << 256n) - 1n].flatMap((r) =>
      [0n, 1n, order, (1n << 256n) - 1n].map((s): [string, () => Buffer] => [
        `r=${r}, s=${s} (CVE-2022-21449 and its like)`,
        () => Buffer.concat([scalar(r), scalar(s)]),
      ]),
    ),
    ['r of a good one, s of 0', (input) => Buffer.concat([halves(input)[0], scalar(0n)])],
    ['r of 0, s of a good one', (input) => Buffer.concat([scalar(0n), halves(input)[1]])],
    ["r and s in each other's place", (input) => Buffer.concat([...halves(input)].toReversed())],
    ['DER', (input) => sign('sha256', Buffer.from(input), privateKey)],
    ['one byte less', (input) => good(input).subarray(0, 63)],
    ['one byte more', (input) => Buffer.concat([good(input), Buffer.from([0])])],
    [
      'a zero before each half',
      (input) => Buffer.concat([Buffer.from([0]), halves(input)[0], Buffer.from([0]), halves(input)[1]]),
    ],
    ['twice', (input) => Buffer.concat([good(input), good(input)])],
    ['another digest', (input) => sign('sha384', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })],
    [
      'another key',
      (input) =>
        sign('sha256', Buffer.from(input), {
          key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
          dsaEncoding: 'ieee-p1363',
        }),
    ],
    ['the digest alone', (input) => createHash('sha512').update(input).digest()],
  ])('%s', async (_name, make) => {
    expect(await judge(make)).toBe(signatureFails);
  });
});

describe('forged signatures of RS256 and PS256', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pss = (saltLength: number) => (input: string) =>
    sign('sha256', Buffer.from(input), { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  const pkcs1 = (digest: string) => (input: string) => sign(digest, Buffer.from(input), privateKey);
  const n = BigInt(`0x${Buffer.from(jwkOf(publicKey).n ?? '', 'base64url').toString('hex')}`);
  const plusModulus = (signature: Buffer): Buffer => {
    const hex = (BigInt(`0x${signature.toString('hex')}`) + n).toString(16);
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  };
  const judge = (alg: string, make: (input: string) => Buffer): Promise<string> =>
    reasonOf(forgedToken({ alg }, claims, make), jwkOf(publicKey), alg);

  it('are made from a signature that holds', async () => {
    expect([await judge('RS256', pkcs1('sha256')), await judge('PS256', pss(32))]).toEqual(['accepted', 'accepted']);
  });

  it.each<[string, string, (input: string) => Buffer]>([
    ['RS256', 'padding of PSS', pss(32)],
    ['PS256', 'padding of PKCS #1 1.5', pkcs1('sha256')],
    ['PS256', 'a salt of no bytes', pss(0)],
    ['PS256', 'a salt of 20 bytes', pss(20)],
    ['RS256', 'another digest', pkcs1('sha512')],
    ['RS256', 'a weak digest', pkcs1('sha1')],
    ['RS256', 'zeros', () => Buffer.alloc(256)],
    ['RS256', 'one', () => Buffer.concat([Buffer.alloc(255), Buffer.from([1])])],
    ['RS256', 'the modulus added', (input) => plusModulus(pkcs1('sha256')(input))],
    ['RS256', 'one byte more before', (input) => Buffer.concat([Buffer.from([0]), pkcs1('sha256')(input)])],
    ['RS256', 'one byte more behind', (input) => Buffer.concat([pkcs1('sha256')(input), Buffer.from([0])])],
    ['RS256', 'one byte less', (input) => pkcs1('sha256')(input).subarray(1)],
    ['RS256', 'one byte', () => Buffer.from([1])],
  ])('%s: %s', async (alg, _name, make) => {
    expect(await judge(alg, make)).toBe(signatureFails);
  });
});

describe('forged signatures of EdDSA', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const l = (1n << 252n) + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
  const good = (input: string): Buffer => sign(null, Buffer.from(input), privateKey);
  const judge = (make: (input: string) => Buffer): Promise<string> =>
    reasonOf(forgedToken({ alg: 'EdDSA' }, claims, make), jwkOf(publicKey), 'EdDSA');
  const littleEndian = (value: bigint): Buffer => Buffer.from(scalar(value).toReversed());

  it('are made from a signature that holds', async () => {
    expect(await judge(good)).toBe('accepted');
  });

  it.each<[string, (input: string) => Buffer]>([
    [
      'the order added to S (RFC 8032 section 5.1.7)',
      (input) => {
        const signature = good(input);
        const s = BigInt(`0x${Buffer.from(signature.subarray(32).toReversed()).toString('hex')}`);
        return Buffer.concat([signature.subarray(0, 32), littleEndian(s + l)]);
      },
    ],
    ['zeros', () => Buffer.alloc(64)],
    ['the neutral point and S of 0', () => Buffer.concat([Buffer.from([1]), Buffer.alloc(63)])],
    ['one byte less', (input) => good(input).subarray(0, 63)],
    ['one byte more', (input) => Buffer.concat([good(input), Buffer.from([0])])],
    ['a digest first', (input) => sign(null, createHash('sha512').update(input).digest(), privateKey)],
  ])('%s', async (_name, make) => {
    expect(await judge(make)).toBe(signatureFails);
  });
});

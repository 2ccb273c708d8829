import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify, importJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { readSigningKeys } from './signing-keys.js';

const jwk = (type: 'ec' | 'ed25519' | 'rsa', more: object = {}, curve = 'P-256', bits = 2048) => {
  const { privateKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: curve })
      : type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: bits })
        : generateKeyPairSync('ed25519');
  return { ...privateKey.export({ format: 'jwk' }), kid: 'k1', ...more };
};
const read = (...keys: unknown[]) => readSigningKeys(JSON.stringify({ keys }));

describe('signing keys', () => {
  it.each([
    ['ES256', jwk('ec')],
    ['ES384', jwk('ec', {}, 'P-384')],
    ['EdDSA', jwk('ed25519')],
    ['RS256', jwk('rsa')],
    ['PS256', jwk('rsa', { alg: 'PS256' })],
  ])('of %s sign, and their public part alone verifies', async (alg, key) => {
    const [{ privateKey, publicJwk, kid }] = read(key);
    const token = await new SignJWT({}).setProtectedHeader({ alg, kid }).sign(privateKey);
    await expect(jwtVerify(token, await importJWK(publicJwk, alg))).resolves.toBeDefined();
    expect(publicJwk).toMatchObject({ kid: 'k1', alg, use: 'sig' });
    expect(['d', 'p', 'q', 'dp', 'dq', 'qi'].filter((secret) => secret in publicJwk)).toEqual([]);
  });

  const withoutPrivate = { ...jwk('ec'), d: undefined };
  it.each<[string, string, RegExp]>([
    ['no JSON', '-----BEGIN', /no JSON; write a JWK set/],
    ['no set', '[]', /no JWK set/],
    ['no key', '{"keys": []}', /holds no key/],
    ['a public key', JSON.stringify({ keys: [withoutPrivate] }), /key 1 \("k1"\) has no private part/],
    ['a shared secret', '{"keys": [{"kty": "oct", "kid": "k", "k": "c2VjcmV0"}]}', /of a kind that signs nothing/],
    ['no kid', JSON.stringify({ keys: [jwk('ec', { kid: undefined })] }), /key 1 has no "kid"/],
    ['the same kid twice', JSON.stringify({ keys: [jwk('ec'), jwk('ec')] }), /two of its keys have the kid "k1"/],
    ['another algorithm', JSON.stringify({ keys: [jwk('ec', { alg: 'RS256' })] }), /write ES256/],
    ['a short key', JSON.stringify({ keys: [jwk('rsa', {}, '', 1024)] }), /less than 2048 bits/],
  ])('are refused with %s', (_name, text, message) => {
    expect(() => readSigningKeys(text)).toThrow(message);
  });
});

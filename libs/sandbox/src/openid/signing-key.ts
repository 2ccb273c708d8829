import { createECDH, hkdfSync, type webcrypto } from 'node:crypto';
import { calculateJwkThumbprint, importJWK, type JWK } from 'jose';

export interface SigningKey {
  readonly privateKey: webcrypto.CryptoKey;
  /** The public half, as the JWK set has it (RFC 7517 section 4). */
  readonly jwk: JWK;
}

/**
 * The P-256 key of a seed. The same seed gives the same key, so tokens and logins outlive a restart of the sandbox. A seed is no secret: the
 * key must be trusted on this machine only.
 */
export async function seededKey(seed: string): Promise<SigningKey> {
  const curve = createECDH('prime256v1');
  const d = privateNumber(curve, seed);
  const point = curve.getPublicKey();
  const publicJwk: JWK = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const privateKey = await importJWK({ ...publicJwk, d: d.toString('base64url') }, 'ES256');
  if (privateKey instanceof Uint8Array) throw new TypeError('A private EC key is no list of bytes.');
  const kid = await calculateJwkThumbprint(publicJwk);
  return { privateKey, jwk: { ...publicJwk, kid, use: 'sig', alg: 'ES256' } };
}

/** One text in 2^32 gives a number beyond the order of the curve; the next one is tried then. */
function privateNumber(curve: ReturnType<typeof createECDH>, seed: string): Buffer {
  for (let attempt = 0; ; attempt++) {
    const bytes = Buffer.from(hkdfSync('sha256', seed, 'frontage sandbox', `signing key ${attempt}`, 32));
    try {
      curve.setPrivateKey(bytes);
      return bytes;
    } catch {
      // Out of range.
    }
  }
}

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** A key that signs, and the public half that proves its signatures. */
export interface SigningKey {
  readonly kid: string;
  /** A signature algorithm of JOSE (RFC 7518 section 3.1, RFC 8037). */
  readonly alg: string;
  readonly privateKey: KeyObject;
  /** As it stands in a JWK set (RFC 7517). */
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** Without `alg` in a JWK, the kind of the key decides. */
const algorithmOf: ReadonlyMap<string, string> = new Map([
  ['EC P-256', 'ES256'],
  ['EC P-384', 'ES384'],
  ['EC P-521', 'ES512'],
  ['OKP Ed25519', 'EdDSA'],
  ['RSA ', 'RS256'],
]);
/** Kinds of keys that sign with more than one algorithm. */
const fitting: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA ', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
]);

/**
 * Reads a JWK set of private keys: the first one signs, and all are published, so that a signature of an earlier or a later key can be
 * verified while keys are rotated.
 * @throws Error that says what to write; no message holds a part of a key
 */
export function readSigningKeys(text: string): readonly [SigningKey, ...SigningKey[]] {
  const keys = keysIn(text).map((jwk, index) => signingKeyOf(jwk, `key ${index + 1}`));
  const [first, ...others] = keys;
  if (first === undefined) throw new Error('it holds no key; write a JWK set: {"keys": [{"kty": "EC", ...}]}');
  const kids = keys.map(({ kid }) => kid);
  const twice = kids.find((kid, index) => kids.indexOf(kid) !== index);
  if (twice !== undefined) throw new Error(`two of its keys have the kid "${twice}"; give each its own`);
  return [first, ...others];
}

function keysIn(text: string): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The message of the parser would show a part of the text.
    throw new Error('it is no JSON; write a JWK set: {"keys": [{"kty": "EC", ...}]}');
  }
  const keys = isObject(parsed) ? parsed['keys'] : undefined;
  if (!Array.isArray(keys)) throw new Error('it is no JWK set; write {"keys": [{"kty": "EC", ...}]}');
  return keys;
}

function signingKeyOf(jwk: unknown, name: string): SigningKey {
  if (!isObject(jwk)) throw new Error(`${name} is no JWK`);
  const { kid, alg, kty, crv = '' } = jwk;
  if (typeof kid !== 'string' || kid === '') throw new Error(`${name} has no "kid"; give it one`);
  const kind = `${String(kty)} ${String(crv)}`;
  const byKind = algorithmOf.get(kind);
  if (byKind === undefined) {
    throw new Error(
      `${name} ("${kid}") is of a kind that signs nothing here; write an EC (P-256, P-384, P-521), Ed25519 or RSA key`,
    );
  }
  const algorithm = alg ?? byKind;
  if (typeof algorithm !== 'string' || !(fitting.get(kind) ?? [byKind]).includes(algorithm))
    throw new Error(`${name} ("${kid}") cannot sign with "alg" as it is; write ${byKind}`);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new Error(`${name} ("${kid}") has no private part, or a malformed one`);
  }
  if (kty === 'RSA' && (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) < 2048)
    throw new Error(`${name} ("${kid}") is an RSA key of less than 2048 bits`);
  const publicJwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
  return { kid, alg: algorithm, privateKey, publicJwk };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

import { createPublicKey } from 'node:crypto';
import { createLocalJWKSet, type JWK } from 'jose';
import { weaknessOfRsa } from './rsa-strength.js';

/** The keys of one fetch. */
export interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  /** Each usable key as text, for comparison with the set after it. */
  readonly prints: ReadonlySet<string>;
  /** Keys that are not used, each with the reason. */
  readonly refused: readonly string[];
}

const maxKeys = 100;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value);

/** RFC 7518 section 6.2.1.1, with the bytes of a coordinate. */
const curves: ReadonlyMap<string, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
]);

/**
 * Points of Ed25519 whose order divides eight (RFC 8032 section 5.1), without their sign: with such a key, one signature holds for many
 * messages. The last two are the same points written with a coordinate beyond the field.
 */
const smallOrderPoints: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** The reason why a key cannot prove tokens; `undefined` for a usable key. */
function refusalOf(key: unknown): string | undefined {
  if (!isObject(key)) return 'it is no object';
  const { kty, use, key_ops: operations } = key;
  // A shared secret or a private key in a public document no longer proves anything.
  if (key['d'] !== undefined || key['k'] !== undefined) return 'it is secret, and is public here';
  if (use !== undefined && use !== 'sig') return 'its "use" is not "sig"';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return '"verify" is not in its "key_ops"';
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') return 'its "kty" is none of RSA, EC, OKP';
  return (kty === 'RSA' ? refusalOfRsa : kty === 'EC' ? refusalOfEc : refusalOfOkp)(key) ?? unreadable(key);
}

function refusalOfRsa({ n, e }: Record<string, unknown>): string | undefined {
  return isWord(n) && isWord(e) ? weaknessOfRsa(n, e) : 'it has no "n" or no "e"';
}

function refusalOfEc({ crv, x, y }: Record<string, unknown>): string | undefined {
  const bytes = typeof crv === 'string' ? curves.get(crv) : undefined;
  if (bytes === undefined) return `its "crv" is none of ${[...curves.keys()].join(', ')}`;
  const isCoordinate = (value: unknown): boolean =>
    isWord(value) && Buffer.from(value, 'base64url').length === bytes && value.length === Math.ceil((bytes * 4) / 3);
  return isCoordinate(x) && isCoordinate(y)
    ? undefined
    : `"x" and "y" are not of ${bytes} bytes (RFC 7518 section 6.2.1.2)`;
}

function refusalOfOkp({ crv, x }: Record<string, unknown>): string | undefined {
  if (crv !== 'Ed25519') return 'its "crv" is not Ed25519';
  const point = isWord(x) ? Buffer.from(x, 'base64url') : Buffer.alloc(0);
  if (point.length !== 32) return '"x" is not of 32 bytes';
  point[31] = (point[31] ?? 0) & 0x7f;
  return smallOrderPoints.has(point.toString('hex')) ? 'it is a point of small order' : undefined;
}

/** OpenSSL decides about the rest, such as a point that is not on its curve. */
function unreadable(key: Record<string, unknown>): string | undefined {
  try {
    createPublicKey({ key, format: 'jwk' });
    return undefined;
  } catch {
    return 'it is no public key';
  }
}

/**
 * Reads a JWK set and leaves out the keys that prove nothing: shared and private keys, keys for another use, weak and malformed keys.
 * @throws Error when the body is no JWK set, or has more than 100 keys
 */
export function readKeySet(body: unknown): KeySet {
  if (!isObject(body) || !Array.isArray(body['keys']))
    throw new Error('the JWK set is not an object with a list "keys" (RFC 7517 section 5)');
  const keys: readonly unknown[] = body['keys'];
  if (keys.length > maxKeys) throw new Error(`the JWK set has ${keys.length} keys, more than ${maxKeys}`);
  const usable: JWK[] = [];
  const refused: string[] = [];
  keys.forEach((key, index) => {
    const reason = refusalOf(key);
    if (reason === undefined && isObject(key)) usable.push(key);
    else refused.push(`${nameOf(key, index)}: ${reason ?? ''}`);
  });
  return { find: createLocalJWKSet({ keys: usable }), prints: new Set(usable.map(printOf)), refused };
}

function nameOf(key: unknown, index: number): string {
  const kid = isObject(key) ? key['kid'] : undefined;
  return typeof kid === 'string' ? `key ${JSON.stringify(kid.slice(0, 60))}` : `key ${index + 1}`;
}

/** The members that identify a key: two keys that differ in one of them are two keys. */
function printOf({ kid, alg, kty, crv, n, e, x, y }: JWK): string {
  return JSON.stringify([kid, alg, kty, crv, n, e, x, y]);
}

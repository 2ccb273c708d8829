import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { CheckFailed } from '../terminal/command.errors.js';

interface KeySet {
  readonly keys: readonly { readonly kid: string }[];
}

/** A file of keys that sign: the first one signs, the second one signs after the next rotation, the third one has signed before it. */
export interface SigningKeyFile {
  readonly text: string;
  readonly kids: readonly string[];
}

/** The first file: the key that signs, and the next one, which upstreams fetch together with it. */
export const newSigningKeys = (): SigningKeyFile => fileOf([newKey(), newKey()]);

/**
 * The file after a rotation: the second key signs from now on, the key that signed is kept to verify what it has signed, and a new key is
 * the next one. Keys beyond that are removed.
 * @throws CheckFailed for a text that is no such file
 */
export function rotatedSigningKeys(text: string, file: string): SigningKeyFile {
  const { keys } = keySetOf(text, file);
  const [current, next = newKey()] = keys;
  if (current === undefined) throw new CheckFailed(`${file} holds no key: make a new file without --rotate`);
  return fileOf([next, newKey(), current]);
}

function fileOf(keys: KeySet['keys']): SigningKeyFile {
  return { text: `${JSON.stringify({ keys }, null, 2)}\n`, kids: keys.map(({ kid }) => kid) };
}

function newKey(): { readonly kid: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(8).toString('hex');
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
  return jwk;
}

function keySetOf(text: string, file: string): KeySet {
  try {
    const parsed: unknown = JSON.parse(text);
    if (isKeySet(parsed)) return parsed;
  } catch {
    // The message of the parser would show a part of a key.
  }
  throw new CheckFailed(`${file} is no JWK set whose keys have a "kid"`);
}

function isKeySet(parsed: unknown): parsed is KeySet {
  const keys: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'keys') : undefined;
  return (
    Array.isArray(keys) &&
    keys.every((key: unknown) => typeof key === 'object' && key !== null && typeof Reflect.get(key, 'kid') === 'string')
  );
}

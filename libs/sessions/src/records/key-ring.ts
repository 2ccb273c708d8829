import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const format = 1;
const idBytes = 8;
const ivBytes = 12;
const tagBytes = 16;
const headBytes = 1 + idBytes + ivBytes;

interface RingKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/**
 * Encrypts with the first key of a ring, and decrypts with any of them: AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D section 8.2.2).
 * To rotate, put the new secret second, then first, and remove the old one when no session is left that it encrypted.
 */
export class KeyRing {
  readonly #keys: readonly [RingKey, ...RingKey[]];

  /**
   * @param app its name: two apps with the same secret cannot read each other's records
   * @throws TypeError without a secret
   */
  constructor(secrets: readonly string[], app: string) {
    const [first, ...others] = secrets.map((secret) => ringKey(secret, app));
    if (first === undefined) throw new TypeError('there is no session key; make one with "openssl rand -base64 32"');
    this.#keys = [first, ...others];
  }

  /** A ring that ends with the process. */
  static random(app: string): KeyRing {
    return new KeyRing([randomBytes(32).toString('base64')], app);
  }

  /** @param purpose the ciphertext opens for the same text only, so that one record cannot stand in for another */
  seal(plain: Buffer, purpose: string): Buffer {
    const [{ id, key }] = this.#keys;
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(purpose));
    return Buffer.concat([Buffer.from([format]), id, iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** The plaintext; `undefined` for bytes that none of the keys has sealed for this purpose. */
  open(sealed: Buffer, purpose: string): Buffer | undefined {
    if (sealed.length < headBytes + tagBytes || sealed[0] !== format) return undefined;
    const id = sealed.subarray(1, 1 + idBytes);
    const found = this.#keys.find((one) => one.id.equals(id));
    if (found === undefined) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', found.key, sealed.subarray(1 + idBytes, headBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(headBytes, -tagBytes)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

/** The id and the key of a secret are derived apart, so the id tells nothing about the key (RFC 5869). */
function ringKey(secret: string, app: string): RingKey {
  const derived = (info: string, length: number): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, 'frontage sessions', `${info} ${app}`, length));
  return { id: derived('id', idBytes), key: derived('key', 32) };
}

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A key as it is stored: its hash, never the key. */
export interface ApiKeyRecord {
  /** The public half of the key: it names the key in lists and logs. */
  readonly id: string;
  /** The partner; at most two of its keys are valid at the same time. */
  readonly name: string;
  /** The subject of its callers. */
  readonly subject: string;
  /** SHA-256 of the whole key, in hex. The key has 256 random bits, so a slow hash would add nothing. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** Rate class in place of the limits per caller of each route. */
  readonly quota?: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly expiresAt?: string;
}

/** Keys that are valid for one partner at the same time: the old and the new one of a rotation. */
export const keysPerName = 2;

const shape = /^fk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

/** The id in a key; `undefined` for a text that is no key. */
export const idOfKey = (key: string): string | undefined => shape.exec(key)?.[1];

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** True if a key is the one of a record. It takes the same time for each key and record. */
export function isKeyOf(key: string, hash: string): boolean {
  return timingSafeEqual(hashOf(key), Buffer.from(hash.padEnd(64, '0').slice(0, 64), 'hex'));
}

export type NewApiKey = Pick<ApiKeyRecord, 'name' | 'subject' | 'scopes' | 'roles' | 'quota' | 'expiresAt'>;

/** Makes a key. It is shown once; only its record is kept. */
export function createApiKey(wanted: NewApiKey, now: Date): { readonly key: string; readonly record: ApiKeyRecord } {
  const id = randomBytes(8).toString('hex');
  const key = `fk_${id}_${randomBytes(32).toString('base64url')}`;
  return { key, record: { id, ...wanted, hash: hashOf(key).toString('hex'), createdAt: now.toISOString() } };
}

export const isExpired = ({ expiresAt }: Pick<ApiKeyRecord, 'expiresAt'>, now: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
const isTime = (value: unknown): value is string => isText(value) && !Number.isNaN(Date.parse(value));

/** @throws TypeError that names what is wrong with a record, never its hash */
export function readRecord(value: unknown): ApiKeyRecord {
  const of = (member: string): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined;
  const [id, name, subject, hash] = [of('id'), of('name'), of('subject'), of('hash')];
  const [scopes = [], roles = [], quota, createdAt, expiresAt] = [
    of('scopes'),
    of('roles'),
    of('quota'),
    of('createdAt'),
    of('expiresAt'),
  ];
  const wrong = (member: string, wanted: string): never => {
    throw new TypeError(`the key ${isText(id) ? id : '(without an id)'}: "${member}" is not ${wanted}`);
  };
  if (!isText(id) || !/^[0-9a-f]{16}$/.test(id)) return wrong('id', '16 hex digits');
  if (!isText(name)) return wrong('name', 'a text');
  if (!isText(subject)) return wrong('subject', 'a text');
  if (!isText(hash) || !/^[0-9a-f]{64}$/.test(hash)) return wrong('hash', 'a SHA-256 in hex');
  if (!isTexts(scopes)) return wrong('scopes', 'a list of texts');
  if (!isTexts(roles)) return wrong('roles', 'a list of texts');
  if (quota !== undefined && !isText(quota)) return wrong('quota', 'the name of a rate class');
  if (!isTime(createdAt)) return wrong('createdAt', 'a time of RFC 3339');
  if (expiresAt !== undefined && !isTime(expiresAt)) return wrong('expiresAt', 'a time of RFC 3339');
  return {
    id,
    name,
    subject,
    hash,
    scopes,
    roles,
    createdAt,
    ...(quota !== undefined && { quota }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/**
 * Reads the records of a file of keys.
 * @throws TypeError where it is no such file
 */
export function readKeyFile(text: string): readonly ApiKeyRecord[] {
  const parsed: unknown = JSON.parse(text);
  const keys: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'keys') : undefined;
  if (!Array.isArray(keys)) throw new TypeError('it is not an object with a list "keys"');
  const records = keys.map(readRecord);
  if (new Set(records.map(({ id }) => id)).size < records.length) throw new TypeError('two keys have the same id');
  return records;
}

export const keyFileText = (keys: readonly ApiKeyRecord[]): string => `${JSON.stringify({ keys }, null, 2)}\n`;

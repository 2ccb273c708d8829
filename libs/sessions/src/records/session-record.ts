import { isPrivateJwk, type PrivateJwk } from './session-key.js';

/** Format that this release writes. */
export const recordVersion = 2;
/** The first format with `tokenKey`: earlier readers would send the token without its proof. */
const tokenKeyVersion = 2;

/** The oldest format whose readers understand a record. */
export const leastReaderOf = ({ tokenKey }: Pick<SessionRecord, 'tokenKey'>): number =>
  tokenKey === undefined ? 1 : tokenKeyVersion;

/**
 * A session as it is stored. Two releases of an app share records: a release keeps members that it does not know, and takes a record of a
 * later format unless `leastReader` is above its own.
 */
export interface SessionRecord {
  /** Format of the release that made it. */
  readonly version: number;
  /** The oldest format whose readers understand it. */
  readonly leastReader: number;
  /** Name of the provider in the policy. */
  readonly provider: string;
  /** Claims of the ID token. */
  readonly claims: Readonly<Record<string, unknown>> & { readonly sub: string };
  /** Scopes that the provider has granted. */
  readonly scopes: readonly string[];
  readonly accessToken: string;
  /** Milliseconds since 1970 at which the access token was received. */
  readonly receivedAt: number;
  /** Milliseconds since 1970; absent where the provider does not say. */
  readonly expiresAt?: number;
  readonly refreshToken?: string;
  /** The key that the tokens are bound to (RFC 9449). */
  readonly tokenKey?: PrivateJwk;
  /** Kept for the logout at a provider that asks for it. */
  readonly idToken?: string;
  /** Milliseconds since 1970. */
  readonly loggedInAt: number;
  /** Milliseconds since 1970: the session ends then, whatever happens. */
  readonly endsAt: number;
}

export const encodeRecord = (record: SessionRecord): Buffer => Buffer.from(JSON.stringify(record));

/** @returns undefined for a record that this release cannot understand */
export function decodeRecord(bytes: Buffer): SessionRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  return isRecord(value) && value.leastReader <= recordVersion ? value : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isRecord(value: unknown): value is SessionRecord {
  if (!isObject(value)) return false;
  const { version, leastReader, provider, claims, scopes, accessToken, receivedAt, loggedInAt, endsAt } = value;
  return (
    [version, leastReader, receivedAt, loggedInAt, endsAt].every(isTime) &&
    isText(provider) &&
    isText(accessToken) &&
    isObject(claims) &&
    isText(claims['sub']) &&
    Array.isArray(scopes) &&
    scopes.every(isText) &&
    (value['expiresAt'] === undefined || isTime(value['expiresAt'])) &&
    (value['refreshToken'] === undefined || isText(value['refreshToken'])) &&
    (value['tokenKey'] === undefined || isPrivateJwk(value['tokenKey'])) &&
    (value['idToken'] === undefined || isText(value['idToken']))
  );
}

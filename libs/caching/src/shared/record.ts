import { deserialize, serialize } from 'node:v8';
import type { SharedValue } from './shared-tier.js';

/**
 * One cached value as bytes: a line of ASCII with the version of the format, the kind of the body, its expiry and its length, and then the body.
 * A record of another version, of another length or with a body of another kind is not read: a process reads only records that a process of
 * its own version wrote.
 */
export const recordVersion = 'frontage-3';

/**
 * `json`: a value that JSON gives back as it is. `bytes`: a binary body. `v8`: everything else (bigint, -0, undefined members, dates,
 * maps, bytes within objects), by the structured clone format of V8.
 */
type Kind = 'json' | 'bytes' | 'v8';

const header = /^frontage-3 (json|bytes|v8) ([0-9]{1,16}) ([0-9]{1,16})\n/;
const longestHeader = 64;

/** @returns undefined for a value that no process could read: a function, an object of a class with private state */
export function encodeRecord({ value, expiresAt }: SharedValue): Buffer | undefined {
  const body = encodeBody(value);
  if (body === undefined) return undefined;
  const [kind, bytes] = body;
  return Buffer.concat([Buffer.from(`${recordVersion} ${kind} ${Math.trunc(expiresAt)} ${bytes.byteLength}\n`), bytes]);
}

/** @returns undefined for anything that {@link encodeRecord} of this version did not write */
export function decodeRecord(record: Uint8Array): SharedValue | undefined {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const found = header.exec(bytes.toString('latin1', 0, Math.min(longestHeader, bytes.byteLength)));
  if (found === null) return undefined;
  const [line, kind, expiresAt, length] = found;
  const body = bytes.subarray(line.length);
  if (body.byteLength !== Number(length)) return undefined;
  try {
    return { value: decodeBody(kind, body), expiresAt: Number(expiresAt) };
  } catch {
    return undefined;
  }
}

function encodeBody(value: unknown): readonly [Kind, Buffer] | undefined {
  if (Buffer.isBuffer(value)) return ['bytes', value];
  try {
    const text = isExactlyJson(value) ? JSON.stringify(value) : undefined;
    return text === undefined ? ['v8', serialize(value)] : ['json', Buffer.from(text)];
  } catch {
    return undefined;
  }
}

function decodeBody(kind: string | undefined, body: Buffer): unknown {
  if (kind === 'json') return JSON.parse(body.toString('utf8'));
  // A copy, because the body is part of a larger buffer that other code may read.
  return kind === 'bytes' ? Buffer.from(body) : deserialize(Buffer.from(body));
}

/** Most members that are checked one by one; it also ends the walk round a circle. */
const mostMembers = 10_000_000;

/** Tells whether JSON gives the value back as it is. It does not recurse, because the upstream decides how deep a value is. */
function isExactlyJson(value: unknown): boolean {
  const pending: unknown[] = [value];
  for (let left = mostMembers; pending.length > 0; left--) {
    if (left === 0) return false;
    const next = pending.pop();
    if (typeof next === 'string' || typeof next === 'boolean' || next === null) continue;
    if (typeof next === 'number') {
      if (!Number.isFinite(next) || Object.is(next, -0)) return false;
    } else if (Array.isArray(next)) {
      for (const item of next as readonly unknown[]) pending.push(item);
    } else if (typeof next === 'object' && isPlain(next)) {
      for (const member of Object.values(next)) pending.push(member);
    } else return false;
  }
  return true;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

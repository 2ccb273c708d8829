import { deserialize, serialize } from 'node:v8';
import { KeptBody } from '../bodies/kept-body.js';
import { compressed, decompressed, type Coding } from './compression.js';
import type { SharedValue } from './shared-tier.js';

/**
 * One cached value as bytes: a line of ASCII, and then its members and its body. The line has the version of the format, the kind of the
 * body, its coding, its expiry, the length of the members, and the lengths of the body before and after compression. A record of another version, of another length or
 * with a body of another kind is not read: a process reads only records that a process of its own version wrote.
 */
export const recordVersion = 'frontage-4';

/**
 * `kept`: a JSON body as it arrived, with its headers and the like as members. `json`: a value that JSON gives back as it is. `bytes`: a
 * binary body. `v8`: everything else (bigint, -0, undefined members, dates, maps, bytes within objects), by the structured clone format of V8.
 */
type Kind = 'kept' | 'json' | 'bytes' | 'v8';

interface Content {
  readonly kind: Kind;
  /** Of `kept`: all members of the value but the body. */
  readonly members?: Buffer;
  readonly body: Buffer;
}

const header =
  /^frontage-4 (kept|json|bytes|v8) (plain|zstd) ([0-9]{1,16}) ([0-9]{1,10}) ([0-9]{1,10}) ([0-9]{1,10})\n/;
const longestHeader = 96;
const nothing = Buffer.alloc(0);

/**
 * @returns undefined for a value that no process could read: a function, an object of a class with private state
 */
export async function encodeRecord({ value, expiresAt }: SharedValue): Promise<Buffer | undefined> {
  const content = contentOf(value);
  if (content === undefined) return undefined;
  const { kind, members = nothing, body } = content;
  const { coding, bytes } = await compressed(body);
  const lengths = `${members.byteLength} ${body.byteLength} ${bytes.byteLength}`;
  const line = Buffer.from(`${recordVersion} ${kind} ${coding} ${Math.trunc(expiresAt)} ${lengths}\n`);
  return Buffer.concat([line, members, bytes]);
}

/** @returns undefined for anything that {@link encodeRecord} of this version did not write */
export async function decodeRecord(record: Uint8Array): Promise<SharedValue | undefined> {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const found = header.exec(bytes.toString('latin1', 0, Math.min(longestHeader, bytes.byteLength)));
  if (found === null) return undefined;
  const [line, kind, coding, expiresAt, ofMembers, ofBody, stored] = found;
  const bodyAt = line.length + Number(ofMembers);
  if (bytes.byteLength !== bodyAt + Number(stored)) return undefined;
  try {
    // The line is of this version, so that it names a coding.
    const body = await decompressed(coding as Coding, bytes.subarray(bodyAt), Number(ofBody));
    const members = bytes.subarray(line.length, bodyAt);
    return body && { value: valueOf(kind, members, body), expiresAt: Number(expiresAt) };
  } catch {
    return undefined;
  }
}

function contentOf(value: unknown): Content | undefined {
  if (value instanceof KeptBody) return { kind: 'kept', body: value.bytes };
  if (Buffer.isBuffer(value)) return { kind: 'bytes', body: value };
  try {
    const kept: unknown = value instanceof Map ? value.get('value') : undefined;
    if (value instanceof Map && kept instanceof KeptBody) {
      const members = new Map<unknown, unknown>(value);
      members.delete('value');
      return { kind: 'kept', members: serialize(members), body: kept.bytes };
    }
    const text = isExactlyJson(value) ? JSON.stringify(value) : undefined;
    return text === undefined ? { kind: 'v8', body: serialize(value) } : { kind: 'json', body: Buffer.from(text) };
  } catch {
    return undefined;
  }
}

/** A body that is kept on is a copy, because it is part of a larger buffer that other code may read. */
function valueOf(kind: string | undefined, members: Buffer, body: Buffer): unknown {
  switch (kind) {
    case 'json':
      return JSON.parse(body.toString('utf8'));
    case 'bytes':
      return Buffer.from(body);
    case 'kept': {
      const kept = new KeptBody(body);
      if (members.byteLength === 0) return kept;
      const others: unknown = deserialize(Buffer.from(members));
      if (!(others instanceof Map)) throw new TypeError('members are a map');
      return others.set('value', kept);
    }
    default:
      return deserialize(Buffer.from(body));
  }
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

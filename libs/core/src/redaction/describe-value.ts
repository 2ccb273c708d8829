import { types } from 'node:util';
import { describeError } from './describe-error.js';
import { REDACTED } from './named-secrets.js';
import { redact } from './redact.js';
import { secretNamed } from './secret-names.js';

/** Objects and lists within each other. */
const MAX_DEPTH = 5;
/** Members and items of one value, over all its depths. */
const MAX_MEMBERS = 200;
const MAX_NAME_LENGTH = 100;
const MAX_TEXT_LENGTH = 1_000;

interface Walk {
  readonly above: object[];
  left: number;
}

/**
 * A value in a form for logs: JSON, bounded (five levels, 200 members, 1,000 characters a text), without secrets. The values of members
 * whose names mark a secret, or that a contract classifies, are taken out, and texts are those of {@link redact}. Never throws.
 */
export function describeValue(value: unknown): unknown {
  return describe(value, { above: [], left: MAX_MEMBERS });
}

function describe(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
      return redact(value, MAX_TEXT_LENGTH);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : describeObject(value, walk);
    case 'undefined':
      return undefined;
    default:
      // Symbols, functions, numbers of any length: as text where they have a short one.
      return describeError(value).message;
  }
}

function describeObject(value: object, walk: Walk): unknown {
  if (types.isNativeError(value)) return describeError(value);
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (types.isProxy(value) || ArrayBuffer.isView(value) || types.isBoxedPrimitive(value)) return '[object]';
  if (walk.above.includes(value)) return '[circular]';
  if (walk.above.length >= MAX_DEPTH) return '[deeper]';
  walk.above.push(value);
  const described = Array.isArray(value) ? describeList(value, walk) : describeMembers(value, walk);
  walk.above.pop();
  return described;
}

function describeList(list: readonly unknown[], walk: Walk): unknown[] {
  const described: unknown[] = [];
  for (let i = 0; i < list.length; i++) {
    if (walk.left-- <= 0) return [...described, `[${list.length - i} more]`];
    described.push(describe(read(list, String(i)), walk) ?? null);
  }
  return described;
}

function describeMembers(value: object, walk: Walk): Readonly<Record<string, unknown>> {
  const described: [string, unknown][] = [];
  // Not all keys at once: an object used as a table may have millions.
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    if (walk.left-- <= 0) {
      described.push(['...', 'more members']);
      break;
    }
    const short = name.slice(0, MAX_NAME_LENGTH);
    const isSecret = secretNamed(short, 'member') !== undefined;
    described.push([redact(short), isSecret ? REDACTED : describe(read(value, name), walk)]);
  }
  // No assignment: a member may have the name `__proto__`.
  return Object.fromEntries(described);
}

function read(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return '[unreadable]';
  }
}

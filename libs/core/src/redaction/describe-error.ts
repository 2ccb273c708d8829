import { types } from 'node:util';
import { redact } from './redact.js';

/** A thrown value in a form for logs: strings only, bounded, without secrets. */
export interface DescribedError {
  /** The name of the error; for a value that is no error, its type. At most 200 characters. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
  /** The errors that an `AggregateError` gathers, at most five. */
  readonly errors?: readonly DescribedError[];
}

const MAX_DEPTH = 3;
const MAX_GATHERED = 5;
/** Errors in one description, however causes and gathered errors are nested. */
const MAX_ERRORS = 12;
const MAX_TYPE_LENGTH = 200;
const MAX_NAMES = 10;

interface Walk {
  readonly seen: Set<object>;
  left: number;
}

/**
 * Says what went wrong, with at most three causes below each other. A thrown value can be anything (a proxy, an object without a
 * prototype, a getter that throws): this never throws, and it reads each property once.
 */
export function describeError(thrown: unknown): DescribedError {
  return describe(thrown, MAX_DEPTH, { seen: new Set(), left: MAX_ERRORS - 1 });
}

function describe(thrown: unknown, depth: number, walk: Walk): DescribedError {
  if (!isObject(thrown)) {
    const type = thrown === null ? 'null' : typeof thrown;
    return { type, message: textOf(thrown) ?? type };
  }
  walk.seen.add(thrown);
  const stack = read(thrown, 'stack');
  const cause = depth === 0 ? undefined : below(read(thrown, 'cause'), depth, walk);
  const errors = depth === 0 ? [] : gathered(thrown, depth, walk);
  return {
    type: typeOf(thrown),
    message: messageOf(thrown),
    ...(typeof stack === 'string' && { stack: redact(stack) }),
    ...(cause !== undefined && { cause }),
    ...(errors.length > 0 && { errors }),
  };
}

/** The description of a cause; none where there is none, where it was described already, and where there were too many. */
function below(cause: unknown, depth: number, walk: Walk): DescribedError | undefined {
  if (cause === undefined || walk.left <= 0 || (isObject(cause) && walk.seen.has(cause))) return undefined;
  walk.left--;
  return describe(cause, depth - 1, walk);
}

function gathered(thrown: object, depth: number, walk: Walk): DescribedError[] {
  const list = read(thrown, 'errors');
  if (!isObject(list)) return [];
  const described: DescribedError[] = [];
  for (let i = 0; i < MAX_GATHERED; i++) {
    const error = read(list, String(i));
    // Errors of validation have a list of that name too, of things that are no errors.
    const one = types.isNativeError(error) ? below(error, depth, walk) : undefined;
    if (one !== undefined) described.push(one);
  }
  return described;
}

function typeOf(thrown: object): string {
  if (typeof thrown === 'function') return 'function';
  const name = read(thrown, 'name');
  if (typeof name === 'string' && name !== '') return redact(name.slice(0, MAX_TYPE_LENGTH));
  // Unlike `instanceof`, this asks no trap of a proxy and knows errors of other realms.
  return types.isNativeError(thrown) ? 'Error' : 'object';
}

function messageOf(thrown: object): string {
  const message = textOf(read(thrown, 'message'));
  if (message !== undefined) return message;
  // Values stay out: a thrown object may be anything of a request.
  const names = namesOf(thrown);
  return names.length === 0 ? 'no message' : redact(`no message, members: ${names.join(', ')}`);
}

/** The text of a primitive value; `undefined` for everything else. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return redact(value);
    case 'symbol':
      return redact(value.toString());
    case 'bigint':
      // The digits of a huge one take seconds to make.
      return BigInt.asIntN(64, value) === value ? `${value}` : 'a bigint of more than 64 bits';
    case 'number':
    case 'boolean':
      return `${value}`;
    default:
      return undefined;
  }
}

function namesOf(thrown: object): string[] {
  // These can have millions of keys, or a trap that says so.
  if (types.isProxy(thrown) || types.isBoxedPrimitive(thrown) || ArrayBuffer.isView(thrown) || Array.isArray(thrown)) {
    return [];
  }
  return Reflect.ownKeys(thrown)
    .slice(0, MAX_NAMES)
    .map((key) => String(key).slice(0, MAX_TYPE_LENGTH));
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

function read(from: object, key: string): unknown {
  try {
    const value: unknown = Reflect.get(from, key);
    return value;
  } catch {
    return undefined;
  }
}

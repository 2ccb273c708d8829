import type { CookieAttributes, RenderedHead, ResponseHead } from '@frontage/aggregation';
import type { FixedHeader } from '../routes/routes.js';
import { channels, type Warning } from '@frontage/core';
import { isPrivate } from '../routes/header-rules.js';

/** The headers of one response, flat: name, value, name, value; and its `Cache-Control`, where the screen gives one. */
export interface WrittenHead {
  readonly fields: readonly string[];
  readonly cacheControl: string | undefined;
}

export type WriteHead = (head: RenderedHead | undefined) => WrittenHead;

interface HeadOptions {
  readonly plan: string;
  readonly fixed: readonly FixedHeader[];
  readonly head: ResponseHead | undefined;
  /** The response is for one caller. */
  readonly isForCaller: boolean;
}

/** Characters of one header. */
const maxValueLength = 8_192;

/** Compiles the headers and cookies of a screen, at boot; undefined where it has none. */
export function compileHeadWriter({ plan, fixed, head, isForCaller }: HeadOptions): WriteHead | undefined {
  if (fixed.length === 0 && head === undefined) return undefined;
  const told = new Set<string>();
  const leaveOut = (what: string, why: string): void => {
    // Once: a service decides how often it sends such a value.
    if (told.has(what)) return;
    told.add(what);
    const message = `${what} of the screen '${plan}' is left out: ${why}`;
    if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'gateway', message } satisfies Warning);
  };
  return (rendered) => {
    // A screen says more than a decorator: of one name, its value counts.
    const values = new Map<string, readonly [name: string, value: unknown]>();
    for (const { name, value } of fixed)
      values.set(name.toLowerCase(), [name, typeof value === 'function' ? value() : value]);
    for (const name of head?.headers ?? []) {
      const value = ownValue(rendered?.headers, name);
      if (value !== undefined && value !== null) values.set(name.toLowerCase(), [name, value]);
    }
    const fields: string[] = [];
    let cacheControl: string | undefined;
    for (const [lower, [name, value]] of values) {
      const text = headerText(lower, value);
      if (text === undefined) leaveOut(`the header ${name}`, 'its value cannot stand in a header');
      else if (lower !== 'cache-control') fields.push(name, text);
      else if (!isForCaller || isPrivate(text)) cacheControl = text;
      else leaveOut('Cache-Control', 'a response for one caller is private or no-store');
    }
    for (const cookie of head?.cookies ?? []) {
      const value = ownValue(rendered?.cookies, cookie.name);
      if (value === undefined || value === null) continue;
      const text = cookieText(cookie, value, ownValue(rendered?.maxAges, cookie.name));
      if (text === undefined) leaveOut(`the cookie ${cookie.name}`, 'it is no text, or too long');
      else fields.push('set-cookie', text);
    }
    return { fields, cacheControl };
  };
}

/** Every object has members such as `constructor`, which may be the name of a header. */
const ownValue = (values: Readonly<Record<string, unknown>> | undefined, name: string): unknown =>
  values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;

/** Undefined for a value that cannot stand in a header. */
function headerText(name: string, value: unknown): string | undefined {
  const texts = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(scalarText);
  if (texts.includes(undefined)) return undefined;
  // RFC 9110 section 10.2.2: a URI reference, in which other characters are percent-encoded.
  const text = name === 'location' || name === 'content-location' ? encodeUri(texts.join('')) : texts.join(', ');
  return text.length <= maxValueLength && /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text
    ? text
    : undefined;
}

const scalarText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

const encodeUri = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\x21-\x7e]|[<>"\\^`{|}]/gu, (character) => encodeURIComponent(character));

/** RFC 6265 section 4.1.1. Browsers keep at least 4096 bytes of a cookie with its attributes. */
function cookieText(attributes: CookieAttributes, value: unknown, maxAge: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const {
    name,
    path = '/',
    domain,
    httpOnly = true,
    secure = true,
    sameSite = 'lax',
    partitioned = false,
  } = attributes;
  const text = [
    `${name}=${cookieValue(String(value))}`,
    ...(typeof maxAge === 'number' && Number.isFinite(maxAge) ? [`Max-Age=${Math.trunc(maxAge)}`] : []),
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(secure ? ['Secure'] : []),
    `SameSite=${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`,
    ...(partitioned ? ['Partitioned'] : []),
  ].join('; ');
  return text.length <= 4_096 ? text : undefined;
}

/** Characters that a cookie cannot hold are percent-encoded, and so is the percent sign. */
const cookieValue = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu, (character) => encodeURIComponent(character));

import type { Ref } from '../model/references.js';
import { toExpression } from './view-reference.js';
import type { Expression } from './expressions.js';

type Scalar = string | number | boolean;

/** The value of a header: null and undefined leave it out, a list is joined by commas. */
export type HeaderValue = string | number | Ref<Scalar | null | undefined | readonly Scalar[]>;

/** One cookie of a response (RFC 6265). */
export interface Cookie {
  /** Null and undefined leave the cookie out; an empty text with `maxAge: 0` removes it. */
  readonly value: string | Ref<string | number | null | undefined>;
  /** Seconds that it is kept. @default until the browser is closed */
  readonly maxAge?: number | Ref<number | null | undefined>;
  /** @default '/' */
  readonly path?: string;
  /** @default the host of the request alone */
  readonly domain?: string;
  /** Scripts of a page cannot read it. @default true */
  readonly httpOnly?: boolean;
  /** It travels over TLS only. @default true */
  readonly secure?: boolean;
  /** Whether requests from other sites carry it. @default 'lax' */
  readonly sameSite?: 'strict' | 'lax' | 'none';
  /** Each site that embeds the page has its own. @default false */
  readonly partitioned?: boolean;
}

/** The headers and cookies of a response as data. */
export interface ResponseHead {
  /** Members `headers`, `cookies` and `maxAges`, each by name. */
  readonly view: Expression;
  readonly headers: readonly string[];
  readonly cookies: readonly CookieAttributes[];
}

export type CookieAttributes = { readonly name: string } & Omit<Cookie, 'value' | 'maxAge'>;

/** @throws {TypeError} for a value that cannot be sent */
export function responseHead(
  headers: Readonly<Record<string, HeaderValue>>,
  cookies: Readonly<Record<string, Cookie>>,
): ResponseHead {
  const members = (values: readonly (readonly [string, unknown])[]): Expression => ({
    kind: 'object',
    members: values.map(([name, value]) => [name, toExpression(value)]),
  });
  const all = Object.entries(cookies);
  return {
    view: {
      kind: 'object',
      members: [
        ['headers', members(Object.entries(headers))],
        ['cookies', members(all.map(([name, { value }]) => [name, value]))],
        ['maxAges', members(all.map(([name, { maxAge }]) => [name, maxAge]))],
      ],
    },
    headers: Object.keys(headers),
    cookies: all.map(([name, { value: _value, maxAge: _maxAge, ...attributes }]) => ({ name, ...attributes })),
  };
}

import type { Ref } from './references.js';

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

export type CookieAttributes = { readonly name: string } & Omit<Cookie, 'value' | 'maxAge'>;

/** A response to a browser, for any HTTP platform. */
export interface BrowserResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Text as it is, an object as JSON. */
  readonly body?: string | Readonly<Record<string, unknown>>;
}

export const json = (
  status: number,
  body: Readonly<Record<string, unknown>>,
  cookies: readonly string[] = [],
): BrowserResponse => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...(cookies.length > 0 && { 'set-cookie': cookies }),
  },
  body,
});

import type { BrowserResponse } from './browser-response.js';

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

/**
 * Sends the browser on by a page in place of a redirect. After a redirect, the browser would count the next request as one of the provider's
 * site, and would send no cookie with `SameSite=Strict`. From this page it is one of our own.
 * @param path of this origin
 */
export const onwardPage = (path: string, cookies: readonly string[]): BrowserResponse => ({
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'set-cookie': cookies,
  },
  body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=${escaped(path)}">
<title>Logged in</title>
<p><a href="${escaped(path)}">Continue</a></p>
</html>
`,
});

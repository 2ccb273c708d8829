import type { SandboxResponse } from '../model/behaviour.js';

/** A user who is shown on the login page. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

const style = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.6rem;margin:0 0 .5rem}p{margin:.5rem 0 1rem}fieldset{border:0;padding:0;margin:0 0 2rem}legend{font-weight:600;margin-bottom:.5rem}
button{font:inherit;display:block;width:100%;text-align:start;padding:.7rem 1rem;margin:.4rem 0;border:1px solid #595959;border-radius:.4rem;background:#f4f4f4;color:inherit;cursor:pointer}
button:hover{background:#e6ecf7}button:focus-visible,input:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}
button small{color:#474747;margin-inline-start:.5rem}label{display:block;font-weight:600}
input[type=text]{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid #595959;border-radius:.4rem}`;

function page(status: number, title: string, body: string, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    media: 'text/html; charset=utf-8',
    headers: {
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'same-origin',
      ...headers,
    },
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
<main>
<h1>${escaped(title)}</h1>
${body}
</main>
</html>
`,
  } satisfies SandboxResponse;
}

const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`;

/** @param request the query of the authorization request, which goes on after the login */
export function loginPage(clientId: string, people: readonly Person[], action: string, request: string) {
  const buttons = people.map(
    ({ id, name }) =>
      `<button name="user" value="${escaped(id)}">${escaped(name)} <small>${escaped(id)}</small></button>`,
  );
  const listed =
    buttons.length === 0
      ? ''
      : `<form method="post" action="${escaped(action)}">${hidden('request', request)}
<fieldset><legend>Users of the sandbox</legend>
${buttons.join('\n')}
</fieldset></form>`;
  return page(
    200,
    'Log in to the sandbox',
    `<p><strong>${escaped(clientId)}</strong> asks who you are. This page is for development: there are no passwords.</p>
${listed}
<form method="post" action="${escaped(action)}">${hidden('request', request)}
<label for="user">Another user</label>
<input type="text" id="user" name="user" required autocomplete="username" autocapitalize="none" spellcheck="false">
<button>Log in</button>
</form>`,
  );
}

export const errorPage = (message: string) => page(400, 'This request is refused', `<p>${escaped(message)}</p>`);

/** @param request the query of the logout request, which goes on after the consent */
export const logoutPage = (action: string, request: string) =>
  page(
    200,
    'Log out of the sandbox?',
    `<p>All apps that you use with this login end their sessions.</p>
<form method="post" action="${escaped(action)}">${hidden('request', request)}<button>Log out</button></form>`,
  );

export const loggedOutPage = (headers: Readonly<Record<string, string>>) =>
  page(200, 'You are logged out', '<p>You can close this page.</p>', headers);

import { createHash } from 'node:crypto';

const style = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
a,button{font:inherit;color:#0b57d0}li{margin:.5rem 0}[hidden]{display:none}`;

/** Every request has x-csrf, which a page of another origin cannot send. The page never sees a token. */
const script = `
const call = (path, init) => fetch(path, { ...init, headers: { 'x-csrf': '1' } });
const byId = (id) => document.getElementById(id);

async function show() {
  const response = await call('/home');
  byId('welcome').hidden = response.status !== 401;
  byId('home').hidden = !response.ok;
  byId('failure').hidden = response.ok || response.status === 401;
  if (!response.ok) return;
  const { greeting, orders } = await response.json();
  byId('greeting').textContent = greeting;
  byId('orders').replaceChildren(...orders.map(({ number, state }) => {
    const row = document.createElement('li');
    row.textContent = number + ': ' + state;
    return row;
  }));
}

byId('logout').addEventListener('click', async () => {
  const { location: next } = await (await call('/logout', { method: 'POST' })).json();
  location.assign(next);
});
// The user may have logged out in another tab.
document.addEventListener('visibilitychange', () => document.hidden || show());
show();
`;

export const startPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<style>${style}</style>
<main>
<section id="welcome" hidden><h1>Welcome</h1><p><a href="/login?returnTo=/">Log in</a></p></section>
<section id="home" hidden><h1 id="greeting"></h1><h2>Your orders</h2><ul id="orders"></ul><button id="logout">Log out</button></section>
<p id="failure" role="alert" hidden>The page cannot be shown at the moment.</p>
</main>
<script>${script}</script>
</html>
`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only what stands in the page runs, and it talks to this origin only (CSP level 3). */
export const startPolicy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`;

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mobile } from './mobile.js';

let mobile: Mobile;
beforeAll(async () => {
  mobile = await Mobile.start();
});
afterAll(() => mobile?.stop());

const users = ['ada', 'grace', 'linus'] as const;
const scopes = ['home:read', 'cart:read'];

type Page = Readonly<Record<string, unknown>>;

/** Compares member by member, except parts that a busy machine has cost: a missing part is named. */
function expectSame(page: Page, alone: Page): void {
  const missing = new Set([page, alone].flatMap(({ _parts }) => Object.keys(_parts ?? {})));
  const there = (of: Page): Page =>
    Object.fromEntries(Object.entries(of).filter(([name]) => name !== '_parts' && !missing.has(name)));
  expect(there(page)).toEqual(there(alone));
  expect(Object.keys(there(page)).length).toBeGreaterThan(1);
}

describe('the state between requests (tokens, the order of keys, the last bytes)', () => {
  it('never gives a caller the data of another, in any mix of requests', async () => {
    const tokens = await Promise.all(users.map((user) => mobile.world.token({ user, scopes })));
    const ask = async (at: number, path: string): Promise<Page> => {
      const headers = { authorization: `Bearer ${tokens[at]}` };
      // The body of a response of this app is an object.
      return (await (await fetch(mobile.url + path, { headers })).json()) as Page;
    };
    const paths = ['/home', '/cart'];
    const alone = new Map<string, Page>();
    for (const at of users.keys()) for (const path of paths) alone.set(`${at}${path}`, await ask(at, path));
    expect(new Set([...alone.values()].map((page) => JSON.stringify(page))).size).toBe(alone.size);

    const rounds = Array.from({ length: 40 }, (_, round) => round);
    for (const round of rounds) {
      // In another order each time, all at once: the last response leaves its bytes behind.
      const asked = users.flatMap((_, at) => paths.map((path) => [(at + round) % users.length, path] as const));
      const answers = await Promise.all(asked.map(([at, path]) => ask(at, path)));
      for (const [i, [at, path]] of asked.entries()) expectSame(answers[i] ?? {}, alone.get(`${at}${path}`) ?? {});
    }
  });

  it('is counted, so that operators can see its effect', async () => {
    await mobile.get('/home');
    await mobile.get('/home');
    for (const labels of [
      'reuse="projected",result="hit"',
      'reuse="last_bytes",result="hit"',
      'reuse="token",result="hit"',
    ])
      expect(await mobile.metric(`frontage_reuse_total{${labels}}`), labels).toBeGreaterThan(0);
    expect(await mobile.metric('frontage_reuse_total{reuse="projected",result="parsed"}')).toBe(0);
  });

  it('does not outlive a token that was changed by a byte', async () => {
    const token = await mobile.world.token({ user: 'ada', scopes });
    const status = async (bearer: string): Promise<number> => {
      const response = await fetch(`${mobile.url}/cart`, { headers: { authorization: `Bearer ${bearer}` } });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await status(token)).toBe(200);
    const [head = '', claims = '', signature = ''] = token.split('.');
    const flip = (text: string, at: number): string =>
      text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    for (let at = 0; at < signature.length - 1; at += 29)
      expect(await status(`${head}.${claims}.${flip(signature, at)}`), `byte ${at} of the signature`).toBe(401);
    for (let at = 0; at < claims.length; at += 29)
      expect(await status(`${head}.${flip(claims, at)}.${signature}`), `byte ${at} of the claims`).toBe(401);
    expect(await status(token)).toBe(200);
  });
});

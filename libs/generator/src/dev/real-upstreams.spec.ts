import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realUpstreams } from './real-upstreams.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'frontage-real-'));
  for (const name of ['orders', 'users', 'content', 'orders@2']) {
    mkdirSync(join(root, 'libs/upstreams', name), { recursive: true });
    writeFileSync(join(root, 'libs/upstreams', name, 'openapi.yaml'), '');
  }
  mkdirSync(join(root, 'apps/tv'), { recursive: true });
  const urls =
    "{ orders: { urls: ['${ORDERS_URL}'] }, orders@2: { urls: ['${NEW_ORDERS:-http://x}'] }, users: { urls: [http://10.0.0.1] } }";
  writeFileSync(join(root, 'apps/tv/bff.yaml'), `bff: tv\nupstreams: ${urls}\n`);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const real = (flags: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  realUpstreams(root, { name: 'tv', folder: join(root, 'apps/tv') }, flags, env);

describe('real services in development', () => {
  it('are named by a flag, or by the variable of bff.yaml, and set the variables that bff.yaml has', () => {
    const flag = { name: 'orders', url: 'https://orders.example.com/v2', variables: ['ORDERS_URL'] };
    expect(real(['orders=https://orders.example.com/v2/'])).toEqual([flag]);
    expect(real([], { ORDERS_URL: 'https://orders.example.com/v2', CONTENT_URL: 'http://c' })).toEqual([flag]);
    expect(real(['orders=https://orders.example.com/v2'], { ORDERS_URL: 'http://other' })).toEqual([flag]);
    expect(real(['orders@2=http://localhost:9'])).toEqual([
      { name: 'orders@2', url: 'http://localhost:9', variables: ['NEW_ORDERS'] },
    ]);
    expect(real(['issuer=https://id.example.com'])[0]?.variables).toEqual(['ISSUER_URL']);
    expect(real([], { ORDERS_URL: '' })).toEqual([]);
  });

  it.each([
    ['order=http://x', 'there is no such upstream; did you mean orders?'],
    ['content=http://x', 'apps/tv/bff.yaml has no upstreams.content.urls, so tv does not call it'],
    ['users=http://x', "upstreams.users.urls in apps/tv/bff.yaml has no variable; write urls: ['${USERS_URL}']"],
    ['orders', '--real "orders": write the upstream and its address, such as orders=https://orders.example.com'],
    ['orders=', '--real orders is "": an address such as https://orders.example.com is expected'],
    ['orders=orders.example.com', 'an address such as https://orders.example.com is expected'],
    ['orders=file:///etc/passwd', 'an address such as https://orders.example.com is expected'],
    ['orders=http://u:p@x', 'credentials belong into bff.yaml'],
    ['__proto__=http://x', 'there is no such upstream'],
  ])('are refused where %s is no upstream of the app with an address', (flag, message) => {
    expect(() => real([flag])).toThrow(message);
  });

  it('are refused where a variable holds no address', () => {
    expect(() => real([], { ORDERS_URL: 'staging' })).toThrow('ORDERS_URL is "staging": an address such as');
  });
});

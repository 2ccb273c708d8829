import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestLine } from '../dev/request-line.js';
import { findWorkspace, listApps, listUpstreams, urlVariable } from './workspace.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-'));
  for (const folder of ['apps/tv/src', 'apps/empty', 'libs/upstreams/orders', 'libs/upstreams/dist'])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'libs/upstreams/orders/openapi.yaml'), '');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const policy = (text: string): Promise<void> => writeFile(join(root, 'apps/tv/bff.yaml'), text);

describe('a workspace', () => {
  it('is found from every folder inside it', () => {
    expect(findWorkspace(join(root, 'apps/tv/src'))).toBe(root);
    expect(() => findWorkspace(tmpdir())).toThrow(`${tmpdir()} is not inside a Frontage workspace`);
  });

  it('need not have an app', async () => {
    await writeFile(join(root, 'package.json'), '{}');
    await rm(join(root, 'apps'), { recursive: true });
    expect(findWorkspace(join(root, 'libs'))).toBe(root);
    expect(listApps(root, {})).toEqual([]);
  });

  it('knows its upstreams, and the variables of their addresses', () => {
    expect(listUpstreams(root)).toEqual(['orders']);
    expect(urlVariable('price-list')).toBe('PRICE_LIST_URL');
  });

  it.each([
    ["listen: { port: '${TV_PORT:-4004}', adminPort: 5004 }", {}, { port: 4004, variable: 'TV_PORT' }, { port: 5004 }],
    ["listen: { port: '${TV_PORT:-4004}' }", { TV_PORT: '9' }, { port: 9, variable: 'TV_PORT' }, { port: 0 }],
    ["listen: { port: '${TV_PORT}' }", {}, { port: 0, variable: 'TV_PORT' }, { port: 0 }],
    ['bff: tv', {}, { port: 0 }, { port: 0 }],
  ])('reads the ports of an app: %s with %o', async (text, env, port, adminPort) => {
    await policy(text);
    expect(listApps(root, env)).toEqual([{ name: 'tv', folder: join(root, 'apps/tv'), port, adminPort }]);
  });

  it('names a bff.yaml that is no YAML', async () => {
    await policy('listen: { port: 1');
    expect(() => listApps(root, {})).toThrow(/^apps\/tv\/bff\.yaml cannot be read: .*line 1, column/);
  });
});

describe('a line of the log', () => {
  it.each([
    [{ method: 'GET', route: '/home', status: 200, durationMs: 12.3 }, 'tv       GET /home 200 12 ms\n'],
    [
      { method: 'GET', route: '/home', status: 200, durationMs: 1, missingParts: 2 },
      'tv       GET /home 200 1 ms partial, 2 missing\n',
    ],
    [
      { method: 'GET', route: '/home', status: 502, durationMs: 1, code: 'GW_UPSTREAM_FAILED' },
      'tv       GET /home 502 1 ms GW_UPSTREAM_FAILED\n',
    ],
    [
      {
        method: 'GET',
        route: '/home',
        status: 502,
        durationMs: 1,
        code: 'GW_UPSTREAM_FAILED',
        failures: [
          { part: 'user', upstream: 'users', operation: 'getUser', address: 'http://h:1', reason: 'error', attempt: 2, detail: 'connect ECONNREFUSED' }, // prettier-ignore
          { part: 'rows', upstream: 'users', operation: 'listUsers', address: 'http://h:1', reason: 'not_found', status: 404, attempt: 1, count: 3 }, // prettier-ignore
          { upstream: 'users', operation: 'addUser', reason: 'open_circuit', attempt: 0 },
          'nothing',
        ],
        moreFailures: 2,
        error: { type: 'TypeError', message: 'no name', stack: 'TypeError: no name\n    at home.ts:3:1\n    at x' },
      },
      `tv       GET /home 502 1 ms GW_UPSTREAM_FAILED
         user: users.getUser at http://h:1, attempt 2: error, connect ECONNREFUSED
         rows: users.listUsers at http://h:1, attempt 1, 3 times: not_found, status 404
         users.addUser, not sent: open_circuit
         and 2 more
         TypeError: no name at home.ts:3:1
`,
    ],
    [{ level: 'warn' }, 'tv | {"level":"warn"}\n'],
  ])('of %o is short', (record, line) => {
    expect(requestLine('tv', JSON.stringify(record))).toBe(line);
  });

  it('stays as it is where it is no request', () => {
    expect(requestLine('tv', 'hello {')).toBe('tv | hello {\n');
    expect(requestLine('tv', '42')).toBe('tv | 42\n');
  });
});

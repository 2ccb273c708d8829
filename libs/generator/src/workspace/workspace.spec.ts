import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '@frontage/generator';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

const real = (path: string): Promise<string> => readFile(join(workspaceRoot, path), 'utf8');

/** A new app takes tokens. Its team adds sessions with its provider of identities (docs/sessions.md), as apps/web has them. */
const withoutSessions = (policy: string): string =>
  policy.replace(/^ {2}strategies: \[jwt, session\].*\n/m, '').replace(/^ {2}sessions:\n(?: {4}.*\n)+/m, '');

describe.each(['mobile', 'web', 'partner'])('the template of a %s app', (client) => {
  let workspace: WorkspaceCopy;
  beforeAll(async () => {
    workspace = await WorkspaceCopy.bare([]);
    const port = { mobile: '4001', web: '4002', partner: '4003' }[client] ?? '';
    const { errors } = await workspace.frontage('new', client, '--client', client, '--port', port);
    expect(errors).toBe('');
  });
  afterAll(() => workspace.remove());

  it(`has the skeleton of apps/${client}`, async () => {
    for (const file of ['tsconfig.json', 'src/main.ts'])
      expect(await workspace.read(`apps/${client}/${file}`)).toBe(await real(`apps/${client}/${file}`));
  });

  it('depends on what that app depends on, but for what only its further screens need', async () => {
    const [made, grown] = [
      JSON.parse(await workspace.read(`apps/${client}/package.json`)),
      JSON.parse(await real(`apps/${client}/package.json`)),
    ];
    // A home that reads no input needs no schemas.
    const { zod, ...dependencies } = grown.dependencies;
    // The browser of the login test of apps/web.
    const { 'playwright-core': _, ...devDependencies } = grown.devDependencies;
    expect(made).toEqual({
      ...grown,
      devDependencies,
      dependencies: client === 'partner' ? { ...dependencies, zod } : dependencies,
    });
  });

  it('has the policy of that app, but for the upstreams of its further screens', async () => {
    const made = (await workspace.read(`apps/${client}/bff.yaml`)).split('\n');
    const grown = withoutSessions(await real(`apps/${client}/bff.yaml`)).split('\n');
    const missing = made.filter((line) => !grown.includes(line));
    expect(missing).toEqual([]);
    const own = grown.filter((line) => !made.includes(line));
    expect(own.filter((line) => !/^ {2}\S+: \{.*\}$|^\w+:$|^ *#|^$/.test(line))).toEqual([]);
  });

  it('has a module of the same shape', async () => {
    const shape = (source: string) =>
      source
        .replaceAll(/^import \{ \w+Controller \} from '.*';\n/gm, '')
        .replace(/controllers: \[[^\]]*\]/, 'controllers: []')
        .replace(/@Module\(\{\s*controllers: \[\],?\s*\}\)/, '@Module({ controllers: [] })');
    const file = `apps/${client}/src/${client}.module.ts`;
    expect(shape(await workspace.read(file))).toBe(shape(await real(file)));
  });
});

describe('the template of a mobile app, again', () => {
  let workspace: WorkspaceCopy;
  beforeAll(async () => {
    workspace = await WorkspaceCopy.bare([]);
    await workspace.frontage('new', 'mobile', '--client', 'mobile');
  });
  afterAll(() => workspace.remove());

  it.each(['src/home/home.controller.ts', 'src/home/home.screen.ts', 'src/order-state.ts'])(
    'has %s as apps/mobile has it',
    async (file) => {
      expect(await workspace.read(`apps/mobile/${file}`)).toBe(await real(`apps/mobile/${file}`));
    },
  );
});

describe('the apps of this repository', () => {
  it('have all changes of their templates: npx frontage upgrade <app> brings them', { timeout: 60_000 }, async () => {
    let text = '';
    const write = (part: string): unknown => (text += part);
    const code = await runProgram(['upgrade', '--dry-run'], { cwd: workspaceRoot, write, writeError: write });
    expect(text).toBe(
      `${['mobile', 'partner', 'web'].map((app) => `apps/${app} is current: nothing would change\n`).join('\n')}Nothing was changed.\n`,
    );
    expect(code).toBe(0);
  });
});

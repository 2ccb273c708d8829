import { oldestNode, oldNodeMessage } from '@frontage/core/supported-node';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'frontage-node-'));
  for (const [place, version] of [
    ['.', '24.15.0'],
    ['old', '22.1.0'],
  ] as const) {
    mkdirSync(join(root, place, 'node_modules/node'), { recursive: true });
    writeFileSync(join(root, place, 'node_modules/node/package.json'), JSON.stringify({ version }));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const said = (version: string, script: string, ...args: readonly string[]): string | undefined =>
  oldNodeMessage({ version, argv: ['/usr/bin/node', script, ...args], cwd: root, platform: 'linux' });

describe('a Node.js that is too old', () => {
  it('is named with the version that is needed, and the command to run instead', () => {
    expect(said('20.20.2', join(root, 'apps/mobile/dist/main.js'), '--describe')).toBe(
      'Frontage needs Node.js 24 or newer, and this is 20.20.2. Run it with the Node.js of the workspace: node_modules/.bin/node apps/mobile/dist/main.js --describe',
    );
    expect(said('23.9.0', join(root, 'node_modules/.bin/frontage'), 'new', 'tv', '--client', "it's")).toBe(
      String.raw`Frontage needs Node.js 24 or newer, and this is 23.9.0. Run it with the Node.js of the workspace: npx frontage new tv --client 'it'\''s'`,
    );
  });

  it('has an absolute path in the command where the workspace is elsewhere, and one line whatever the arguments hold', () => {
    const script = join(root, 'apps/mobile/dist/main.js');
    const text = oldNodeMessage({
      version: '8.0.0',
      argv: ['node', script, 'a\n\u001b[2Jb'],
      cwd: '/',
      platform: 'linux',
    });
    expect(text).toContain(
      ` ${join(root, 'node_modules/.bin/node')} ${script} 'a[2Jb'`.replaceAll(`${root}/`, `${root.slice(1)}/`),
    );
    expect(text).not.toMatch(/\p{C}/u);
  });

  it('is told to install a newer one where the workspace has none', () => {
    const install =
      'Frontage needs Node.js 24 or newer, and this is 22.0.0. Install Node.js 24 or newer, or run `npm ci` in the workspace first.';
    expect(said('22.0.0', join(root, 'old/main.js'))).toBe(install);
    expect(oldNodeMessage({ version: '22.0.0', argv: ['node'], cwd: root })).toBe(install);
  });

  it.each(['24.0.0', '25.1.0', '100.0.0', '24.0.0-nightly2025'])('is not %s', (version) => {
    expect(oldestNode).toBe(24);
    expect(said(version, join(root, 'main.js'))).toBeUndefined();
  });
});

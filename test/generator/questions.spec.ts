import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keys, TerminalDialog } from './terminal-dialog.js';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

const minute = 60_000;
let workspace: WorkspaceCopy;
const begin = async (): Promise<void> => {
  workspace = await WorkspaceCopy.bare(['mobile']);
  for (const path of ['libs/upstreams', 'apps/mobile'])
    await cp(join(workspaceRoot, path), join(workspace.root, path), {
      recursive: true,
      filter: (file) => !/\/(?:dist|node_modules)(?:\/|$)/.test(file.slice(workspaceRoot.length)),
    });
};
const end = (): Promise<void> => workspace.remove();

describe('frontage endpoint in a terminal', { timeout: minute }, () => {
  beforeEach(begin);
  afterEach(end);

  it('asks for app, name and operations, which a search finds by name and summary', async () => {
    const dialog = new TerminalDialog(workspace.root, 'endpoint');
    await dialog.answers('Of which app?', 'mob', 'mobile');
    await dialog.answers('The name of the screen, such as order-history:', 'Mine');
    await dialog.sees('"Mine" cannot name an endpoint');
    dialog.press('\u007f'.repeat(4));
    await dialog.answers('The name of the screen', 'mine');
    await dialog.sees('Which operation does the screen call?');
    // Words of the summary, in any order.
    dialog.press('user GET /users/{id}');
    await dialog.sees('users.getUser');
    await dialog.sees('GET /users/{id}');
    dialog.press(keys.enter);
    await dialog.answers('Which one more?', 'listBanners', 'content.listBanners');
    await dialog.sees('(that is all: users.getUser, content.listBanners)');
    dialog.press(keys.enter);
    await dialog.sees('Which of them may be missing?');
    await dialog.sees('content.listBanners');
    dialog.press(keys.down + keys.space + keys.enter);
    expect([await dialog.ended(), dialog.errors]).toEqual([0, '']);
    expect(dialog.out).toContain('Made GET /mine/:id, the screen mine of mobile:');
    const screen = await workspace.read('apps/mobile/src/mine/mine.screen.ts');
    expect(screen).toContain('required(users.getUser');
    expect(screen).toContain('optional(content.listBanners');
  });

  it('asks for what the options leave open alone', async () => {
    const dialog = new TerminalDialog(workspace.root, 'endpoint', '--calls', 'users.getUser');
    await dialog.answers('Of which app?', 'mobile');
    await dialog.answers('The name of the screen', 'mine');
    expect([await dialog.ended(), dialog.errors]).toEqual([0, '']);
    expect(dialog.out).toContain('Made GET /mine/:id');
  });

  it('writes nothing where a question is not answered', async () => {
    const before = await workspace.everything();
    const dialog = new TerminalDialog(workspace.root, 'endpoint', 'mobile/mine');
    await dialog.sees('Which operation does the screen call?');
    dialog.press(keys.interrupt);
    expect([await dialog.ended(), dialog.errors]).toEqual([
      2,
      'error: the questions were not answered. Nothing was written.\n',
    ]);
    expect(await workspace.everything()).toEqual(before);
  });

  it('asks nothing where the result is for a program', async () => {
    const dialog = new TerminalDialog(workspace.root, 'endpoint', 'mobile/mine', '--json');
    expect(await dialog.ended()).toBe(2);
    expect(JSON.parse(dialog.out)).toMatchObject({ error: { message: expect.stringContaining('missing: --calls') } });
  });
});

describe('frontage new in a terminal', { timeout: minute }, () => {
  beforeAll(begin);
  afterAll(end);

  it('asks for the name, the clients and the services of the first screen', async () => {
    const dialog = new TerminalDialog(workspace.root, 'new');
    await dialog.answers('The name of the BFF, such as tv:', 'mobile');
    await dialog.sees('apps/mobile exists already');
    dialog.press('\u007f'.repeat(6));
    await dialog.answers('The name of the BFF', 'tv');
    await dialog.sees('For which clients?');
    await dialog.sees('few bytes, short lists, tight deadlines');
    dialog.press('no service yet');
    await dialog.sees('blank');
    dialog.press(keys.enter);
    await dialog.sees('Which services does its first screen show?');
    await dialog.sees('catalogue');
    dialog.press(keys.down + keys.space + keys.enter);
    expect([await dialog.ended(), dialog.errors]).toEqual([0, '']);
    expect(dialog.out).toContain('Made tv, a BFF, on port');
    expect(await workspace.read('apps/tv/src/home/home.screen.ts')).toContain('catalogue.');
  });

  it('takes the screen of the template of other clients', async () => {
    const dialog = new TerminalDialog(workspace.root, 'new', '--dry-run');
    await dialog.answers('The name of the BFF', 'kiosk');
    await dialog.answers('For which clients?', 'web');
    expect([await dialog.ended(), dialog.errors]).toEqual([0, '']);
    expect(dialog.out).toContain('Would make kiosk, a BFF for web clients');
  });

  it('is a wrong call without a terminal', async () => {
    expect(await workspace.frontage('new')).toEqual({
      code: 2,
      out: '',
      errors: 'error: missing: the name (such as npx frontage new tv). In a terminal, npx frontage new asks for it.\n',
    });
  });
});

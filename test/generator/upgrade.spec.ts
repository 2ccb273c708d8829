import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkspaceCopy } from './workspace-copy.js';

const minute = 60_000;
let workspace: WorkspaceCopy;
beforeEach(async () => {
  workspace = await WorkspaceCopy.bare([]);
  await workspace.write('package.json', '{}\n');
  await workspace.write('.gitignore', 'node_modules/\ndist/\n');
  git('init', '--quiet');
  await workspace.frontage('new', 'tv', '--client', 'mobile');
  commit();
});
afterEach(() => workspace.remove());

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false', '-c', 'core.autocrlf=false']; // prettier-ignore
  return execFileSync('git', [...identity, ...args], { cwd: workspace.root, encoding: 'utf8' });
}
function commit(): void {
  git('add', '-A');
  git('commit', '--quiet', '--allow-empty', '-m', 'work');
}

const app = (path: string): Promise<string> => workspace.read(`apps/tv/${path}`);
const isThere = (path: string): Promise<boolean> =>
  stat(join(workspace.root, 'apps/tv', path)).then(() => true, () => false); // prettier-ignore
const template = (path: string): string => `templates/app/mobile/${path}`;

async function put(path: string, data: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(workspace.root, path)), { recursive: true });
  await writeFile(join(workspace.root, path), data);
}
async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await workspace.read(path);
  expect(text).toContain(from);
  await workspace.write(path, text.replace(from, to));
}

const command = (...args: string[]) => workspace.frontage('upgrade', 'tv', '--no-check', ...args);
/** The lines of an upgrade about files: `merge bff.yaml`. */
async function upgrade(...args: string[]): Promise<string[]> {
  commit();
  const { code, out, errors } = await command(...args);
  const text = out + errors;
  const lines = [...text.matchAll(/^ {2}(add|replace|merge|conflict|move|delete|keep|codemod) +(\S+) {2}/gm)];
  expect(code, text).toBe(lines.some(([, kind]) => kind === 'conflict') ? 1 : 0);
  return lines.map(([, kind, path]) => `${kind} ${path}`);
}

describe('frontage upgrade', { timeout: minute }, () => {
  it('changes nothing where the template is the same, whatever the team has done', async () => {
    await edit('apps/tv/src/main.ts', 'import', '// Ours.\nimport');
    commit();
    const before = await workspace.everything();
    expect(await command()).toEqual({ code: 0, out: 'apps/tv is current: nothing has changed\n', errors: '' });
    expect(await workspace.everything()).toEqual(before);
  });

  it('takes the text of the template where the team has not changed it, and says what to type next', async () => {
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    commit();
    const { code, out } = await command();
    expect(code).toBe(0);
    expect(out.replaceAll(/\+[0-9a-f]{8}/g, '+DIGEST')).toBe(
      `Upgraded apps/tv to the template mobile, from 0.1.0+DIGEST to 0.1.0+DIGEST:

  replace   src/main.ts  you had not changed it

Nothing was compiled or tested.

Next:

  npm test -- apps/tv                                                      compiles and tests
  git add apps/tv && git commit                                            keeps it, with .frontage for the next upgrade
  git restore --staged --worktree -- apps/tv && git clean -fd -- apps/tv   takes all of it back
`,
    );
    expect(await app('src/main.ts')).toContain('// Starts the app.');
  });

  it('keeps what the team has changed, merges what both have, and runs twice without a further change', async () => {
    await edit(
      'apps/tv/bff.yaml',
      'upstreamDefaults: { timeout: 600ms }',
      'upstreamDefaults: { timeout: 900ms } # slow',
    );
    await edit('apps/tv/src/order-state.ts', "PENDING: 'open'", "PENDING: 'waiting'");
    await edit(
      template('bff.yaml'),
      "  orders: { urls: ['${ORDERS_URL}'] }",
      "  orders: { urls: ['${ORDERS_URL}'], timeout: 1s }",
    );
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    expect(await upgrade()).toEqual(['merge bff.yaml', 'replace src/main.ts']);
    const policy = await app('bff.yaml');
    expect(policy).toContain('upstreamDefaults: { timeout: 900ms } # slow');
    expect(policy).toContain("  orders: { urls: ['${ORDERS_URL}'], timeout: 1s }");
    expect(await app('src/order-state.ts')).toContain("PENDING: 'waiting'");
    commit();
    expect((await command()).out).toBe('apps/tv is current: nothing has changed\n');
  });

  it('marks the lines that both have changed, ends with exit code 1, and refuses while markers are left', async () => {
    await edit('apps/tv/src/order-state.ts', "PENDING: 'open'", "PENDING: 'waiting'");
    await edit(template('src/order-state.ts'), "PENDING: 'open'", "PENDING: 'new'");
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    expect(await upgrade()).toEqual(['replace src/main.ts', 'conflict src/order-state.ts']);
    expect(await app('src/order-state.ts')).toMatch(
      /<<<<<<< yours\n {4}PENDING: 'waiting',\n\|{7} template 0\.1\.0\+\w{8}\n {4}PENDING: 'open',\n=======\n {4}PENDING: 'new',\n>>>>>>> template 0\.1\.0\+\w{8}\n/,
    );
    commit();
    const before = await workspace.everything();
    const { code, errors } = await command();
    expect(code).toBe(1);
    expect(errors).toContain('apps/tv has conflicts of an earlier upgrade:\n  apps/tv/src/order-state.ts\n');
    expect(await workspace.everything()).toEqual(before);
    // Resolved in favour of the team: the template does not ask again.
    const text = await app('src/order-state.ts');
    await workspace.write('apps/tv/src/order-state.ts', text.replace(/<{7} yours\n([^]*?)\|{7}[^]*?>{7}.*\n/, '$1'));
    expect(await upgrade()).toEqual([]);
    expect(await app('src/order-state.ts')).toContain("PENDING: 'waiting'");
  });

  it('refuses where something is not committed, and outside of a repository, and changes nothing', async () => {
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    commit();
    await put('apps/tv/notes.txt', 'mine\n');
    const before = await workspace.everything();
    const dirty = await command();
    expect(dirty.code).toBe(1);
    expect(dirty.errors).toBe(`apps/tv has changes that are not committed:
  apps/tv/notes.txt
Commit them, or put them away with git stash -u, and type the command again. Nothing was changed.
`);
    expect(await workspace.everything()).toEqual(before);
    await rm(join(workspace.root, '.git'), { recursive: true });
    expect((await command()).errors).toContain('Type git init && git add -A && git commit -m start');
    expect((await command('--dry-run')).out).toMatch(/^Would upgrade apps\/tv .*Nothing was changed\.\n$/s);
  });

  it('adds, renames and deletes files as the template does, and deletes none that the team has changed', async () => {
    await put(template('src/added.ts'), 'export const added = 1;\n');
    await rename(
      join(workspace.root, template('src/home/home.spec.ts')),
      join(workspace.root, template('src/home/home.screen.spec.ts')),
    );
    await edit(template('src/home/home.screen.spec.ts'), "describe('the home screen'", "describe('the screen of home'");
    await edit('apps/tv/src/home/home.spec.ts', 'takes the time of two calls', 'takes two calls');
    await rm(join(workspace.root, template('src/order-state.ts')));
    await edit('apps/tv/src/order-state.ts', "PENDING: 'open'", "PENDING: 'waiting'");
    await rm(join(workspace.root, 'templates/app/all/Dockerfile.dockerignore'));
    expect(await upgrade()).toEqual([
      'delete Dockerfile.dockerignore',
      'add src/added.ts',
      'move src/home/home.screen.spec.ts',
      'keep src/order-state.ts',
    ]);
    expect(await isThere('Dockerfile.dockerignore')).toBe(false);
    expect(await isThere('src/home/home.spec.ts')).toBe(false);
    const moved = await app('src/home/home.screen.spec.ts');
    expect(moved).toContain('the screen of home');
    expect(moved).toContain('takes two calls');
    expect(await app('src/order-state.ts')).toContain("PENDING: 'waiting'");
    expect(await upgrade()).toEqual([]);
  });

  it('leaves a file deleted that the team has deleted', async () => {
    await rm(join(workspace.root, 'apps/tv/Dockerfile'));
    await rm(join(workspace.root, 'apps/tv/README.md'));
    await edit('templates/app/all/Dockerfile', 'FROM', '# The image.\nFROM');
    expect(await upgrade()).toEqual(['keep Dockerfile']);
    expect(await isThere('Dockerfile')).toBe(false);
    expect(await upgrade()).toEqual([]);
  });

  it('finds a file that the team has moved, by what is in it', async () => {
    await mkdir(join(workspace.root, 'apps/tv/src/orders'));
    await rename(
      join(workspace.root, 'apps/tv/src/order-state.ts'),
      join(workspace.root, 'apps/tv/src/orders/state.ts'),
    );
    await edit('apps/tv/src/orders/state.ts', "PENDING: 'open'", "PENDING: 'waiting'");
    await edit(template('src/order-state.ts'), 'import', '// Words of orders.\nimport');
    expect(await upgrade()).toEqual(['move src/orders/state.ts', 'merge src/orders/state.ts']);
    expect(await app('src/orders/state.ts')).toMatch(/^\/\/ Words of orders\.\n[^]*PENDING: 'waiting'/);
    expect(await isThere('src/order-state.ts')).toBe(false);
    // It is known by its id from now on, even when it no longer resembles the one that was rendered.
    await workspace.write(
      'apps/tv/src/orders/state.ts',
      `// Words of orders.\n// Ours.\n${'const a = 1;\n'.repeat(30)}`,
    );
    await edit(template('src/order-state.ts'), '// Words', '// The words');
    expect(await upgrade()).toEqual(['conflict src/orders/state.ts']);
  });

  it('has both texts where both have added the same file', async () => {
    await put(template('src/added.ts'), 'export const added = 1;\n');
    await put(template('src/same.ts'), 'export const same = 1;\n');
    await put('apps/tv/src/added.ts', 'export const mine = 1;\n');
    await put('apps/tv/src/same.ts', 'export const same = 1;\n');
    expect(await upgrade()).toEqual(['conflict src/added.ts']);
    expect(await app('src/added.ts')).toMatch(
      /^<{7} yours\nexport const mine = 1;\n={7}\nexport const added = 1;\n>{7} template .*\n$/,
    );
  });

  it('asks a person where the template splits a file that the team has changed, and loses no line', async () => {
    const screen = await workspace.read(template('src/home/home.screen.ts'));
    const lines = screen.split('\n');
    const half = lines.length >> 1;
    const own = (await app('src/home/home.screen.ts')).split('\n');
    own.splice(half + 3, 0, '// Our own line.');
    await workspace.write('apps/tv/src/home/home.screen.ts', own.join('\n'));
    await workspace.write(template('src/home/home.screen.ts'), `${lines.slice(0, half).join('\n')}\n`);
    await put(template('src/home/home.view.ts'), lines.slice(half).join('\n'));
    expect(await upgrade()).toEqual(['conflict src/home/home.screen.ts', 'add src/home/home.view.ts']);
    expect(await app('src/home/home.screen.ts')).toContain('// Our own line.');
    git('checkout', '--quiet', '--', '.');
    await rm(join(workspace.root, 'apps/tv/src/home/home.view.ts'));
    // The reverse: the template moves the words of orders into the screen, and the team had changed them.
    await workspace.write(
      template('src/home/home.screen.ts'),
      `${screen}\n${await workspace.read(template('src/order-state.ts'))}`,
    );
    await rm(join(workspace.root, template('src/home/home.view.ts')));
    await rm(join(workspace.root, template('src/order-state.ts')));
    await edit('apps/tv/src/order-state.ts', "PENDING: 'open'", "PENDING: 'waiting'");
    expect(await upgrade()).toEqual(['merge src/home/home.screen.ts', 'keep src/order-state.ts']);
    expect(await app('src/order-state.ts')).toContain("PENDING: 'waiting'");
  });

  it('keeps line breaks of Windows, a byte order mark and the end of a file', async () => {
    const crlf = (text: string): string => `\uFEFF${text.trimEnd().replaceAll('\n', '\r\n')}`;
    await workspace.write('apps/tv/src/main.ts', crlf(await app('src/main.ts')));
    await workspace.write(
      'apps/tv/src/order-state.ts',
      crlf((await app('src/order-state.ts')).replace("'open'", "'waiting'")),
    );
    expect(await upgrade()).toEqual([]);
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    await edit(template('src/order-state.ts'), 'import', '// Words of orders.\nimport');
    expect(await upgrade()).toEqual(['replace src/main.ts', 'merge src/order-state.ts']);
    for (const file of ['src/main.ts', 'src/order-state.ts']) {
      const text = await app(file);
      expect(text).toMatch(/^\uFEFF\/\/ .*\r\nimport/);
      expect(text.replaceAll('\r\n', '')).not.toContain('\n');
      expect(text).not.toMatch(/\n$/);
    }
  });

  it('sees no change in the format of another formatter', async () => {
    await workspace.write('.prettierrc.json', '{ "singleQuote": false, "printWidth": 60 }\n');
    expect(await upgrade()).toEqual([]);
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    expect(await upgrade()).toEqual(['replace src/main.ts']);
  });

  it('skips versions, and each change arrives once', async () => {
    for (const line of ['// One.', '// Two.', '// Three.'])
      await edit(template('src/main.ts'), 'import', `${line}\nimport`);
    await upgrade();
    expect((await app('src/main.ts')).match(/\/\/ (?:One|Two|Three)\./g)).toEqual(['// One.', '// Two.', '// Three.']);
    expect(await upgrade()).toEqual([]);
  });

  it('finds a lost or edited base again where it can, and marks all differences where it cannot', async () => {
    const place = join(workspace.root, 'apps/tv/.frontage/rendering.gen.json');
    const rendering = JSON.parse(await readFile(place, 'utf8'));
    rendering['src/main.ts'].lines.unshift('// Edited by hand.');
    await writeFile(place, JSON.stringify(rendering));
    // The template is the same still, so its rendering is the base.
    await edit('apps/tv/src/main.ts', 'import', '// Ours.\nimport');
    commit();
    expect((await command()).out).not.toContain('lost');
    expect(JSON.parse(await readFile(place, 'utf8'))['src/main.ts'].lines[0]).not.toContain('Edited');
    await rm(place);
    // It has changed, and an earlier version from before records is not the one.
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    await edit(template('src/main.ts'), 'import', '// Truly.\nimport');
    commit();
    await writeFile(place, '{}\n');
    const record = join(workspace.root, 'apps/tv/.frontage/record.gen.json');
    const known = JSON.parse(await readFile(record, 'utf8'));
    await writeFile(record, JSON.stringify({ ...known, version: '0.0.9+00000000' }));
    commit();
    const { code, errors } = await command();
    expect(code).toBe(1);
    expect(errors).toContain('the last rendering of src/main.ts is lost or was edited (.frontage)');
    expect(await app('src/main.ts')).toContain(
      '<<<<<<< yours\n// Ours.\n=======\n// Starts the app.\n// Truly.\n>>>>>>>',
    );
  });

  it('refuses a record that cannot be read, and says how it is made again', async () => {
    await workspace.write('apps/tv/.frontage/record.gen.json', '<<<<<<< ours\n');
    commit();
    const { code, errors } = await command();
    expect(code).toBe(1);
    expect(errors).toMatch(
      /record\.gen\.json is no record of frontage new: restore it from your repository, or delete .*\.frontage and type npx frontage upgrade/,
    );
    // Without it, the base is found again.
    await rm(join(workspace.root, 'apps/tv/.frontage'), { recursive: true });
    await edit('apps/tv/src/order-state.ts', "PENDING: 'open'", "PENDING: 'waiting'");
    commit();
    const { out } = await command();
    expect(out).toMatch(
      /it has no \.frontage: its base was found again, template mobile 0\.1\.0\+\w{8}, which has \d\d %? of its lines/,
    );
    expect(await app('src/order-state.ts')).toContain("PENDING: 'waiting'");
    expect(JSON.parse(await app('.frontage/record.gen.json'))).toMatchObject({ template: 'mobile', values: { name: 'tv', port: 4001, owner: '@tv-team' } }); // prettier-ignore
  });

  it('gives an app another value of its template: owner, port, kind of clients', async () => {
    await workspace.write('apps/tv/README.md', `${await app('README.md')}\nThe big screen.\n`);
    expect(await upgrade('--set', 'owner=@screens', '--set', 'port=4200')).toEqual([
      'replace Dockerfile',
      'merge README.md',
      'replace bff.yaml',
    ]);
    const text = await app('README.md');
    expect(text).toContain('@screens');
    expect(text).toContain('4200');
    expect(text).toContain('The big screen.');
    expect(await app('bff.yaml')).toContain("'${TV_PORT:-4200}', adminPort: '${TV_ADMIN_PORT:-5200}'");
    expect(await workspace.read('CODEOWNERS')).toBe('/apps/tv/ @screens\n');
    const outcomes = await upgrade('--set', 'client=web');
    expect(outcomes).toContain('delete src/order-state.ts');
    expect(outcomes).toContain('replace src/home/home.screen.ts');
    expect(await app('README.md')).toContain('The big screen.');
    for (const [value, message] of [
      ['name=radio', 'name cannot be changed'],
      ['port=x', '"x" is no port'],
      ['client=fax', 'there is no template for the client "fax"; there are mobile, web'],
      ['owner=screens', '"screens" is no owner'],
      ['owner', 'Write a name and a value'],
    ] as const) {
      commit();
      const { code, errors } = await command('--set', value);
      expect(code).toBe(2);
      expect(errors).toContain(message);
    }
  });

  it('leaves files alone that the team has made its own, until it shares them again', async () => {
    expect(await upgrade('--own', 'src/main.ts')).toEqual([]);
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    expect(await upgrade()).toEqual(['keep src/main.ts']);
    expect(await app('src/main.ts')).not.toContain('// Starts');
    expect(await upgrade('--share', 'src/main.ts')).toEqual(['replace src/main.ts']);
    commit();
    expect((await command('--own', 'src/nothing.ts')).errors).toContain('apps/tv/src/nothing.ts comes from no template; those that do: Dockerfile,'); // prettier-ignore
  });

  it('writes nothing at all where one of its files cannot be written', async () => {
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    await put(template('src/added.ts'), 'export const added = 1;\n');
    await put('apps/tv/src/added.ts/index.ts', 'export const mine = 1;\n');
    await rm(join(workspace.root, 'templates/app/all/Dockerfile.dockerignore'));
    commit();
    const before = await workspace.everything();
    const { code, errors } = await command();
    expect(code).toBe(1);
    expect(errors).toBe(
      'apps/tv/src/added.ts is a folder, and the template has a file of that name: rename the folder. Nothing was changed.\n',
    );
    expect(await workspace.everything()).toEqual(before);
  });

  it('never merges generated files, and does not read them', async () => {
    await put(template('src/made.gen.ts'), 'export {};\n');
    await put('apps/tv/openapi.gen.json', '<<<<<<< ours\n=======\n>>>>>>> theirs\n');
    expect(await upgrade()).toEqual([]);
    expect(await app('openapi.gen.json')).toBe('<<<<<<< ours\n=======\n>>>>>>> theirs\n');
    expect(await isThere('src/made.gen.ts')).toBe(false);
  });

  it('puts bytes of the template beside those of the team where both have changed', async () => {
    await put(template('logo.png'), Uint8Array.of(0, 1));
    await put(template('icon.png'), Uint8Array.of(0, 1));
    expect(await upgrade()).toEqual(['add icon.png', 'add logo.png']);
    await put('apps/tv/logo.png', Uint8Array.of(0, 2));
    await put(template('logo.png'), Uint8Array.of(0, 3));
    await put(template('icon.png'), Uint8Array.of(0, 3));
    await chmod(join(workspace.root, template('icon.png')), 0o755);
    expect(await upgrade()).toEqual(['replace icon.png', 'conflict logo.png']);
    expect([...(await readFile(join(workspace.root, 'apps/tv/logo.png')))]).toEqual([0, 2]);
    expect([...(await readFile(join(workspace.root, 'apps/tv/logo.png.conflict')))]).toEqual([0, 3]);
    expect((await stat(join(workspace.root, 'apps/tv/icon.png'))).mode & 0o111).not.toBe(0);
    commit();
    expect((await command()).errors).toContain('apps/tv/logo.png.conflict');
  });

  it('upgrades every app where none is named', async () => {
    await workspace.frontage('new', 'radio', '--client', 'web');
    await edit('templates/app/all/Dockerfile', 'FROM', '# The image.\nFROM');
    commit();
    const { code, out } = await workspace.frontage('upgrade', '--no-check');
    expect(code).toBe(0);
    expect(out).toContain('Upgraded apps/radio to the template web');
    expect(out).toContain('Upgraded apps/tv to the template mobile');
    for (const name of ['radio', 'tv'])
      expect(await workspace.read(`apps/${name}/Dockerfile`)).toContain('# The image.');
    const wrong = await workspace.frontage('upgrade', '--set', 'owner=@a');
    expect([wrong.code, wrong.errors]).toEqual([2, expect.stringContaining('are for one app')]);
    expect((await workspace.frontage('upgrade', 'fax')).errors).toBe(
      'error: there is no app "fax": there are radio, tv\n',
    );
  });

  it('knows the screens of frontage endpoint, and which files a removal may delete', async () => {
    await edit(template('src/main.ts'), 'import', '// Starts the app.\nimport');
    await upgrade();
    commit();
    const { code, out } = await workspace.frontage('remove', 'tv', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('delete  apps/tv/.frontage/rendering.gen.json');
  });
});

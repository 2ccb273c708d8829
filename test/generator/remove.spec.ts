import { mkdir, rename, rmdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkspaceCopy } from './workspace-copy.js';

const minute = 60_000;
let workspace: WorkspaceCopy;
beforeEach(async () => {
  workspace = await WorkspaceCopy.bare();
  await workspace.write('package.json', '{}\n');
});
afterEach(() => workspace.remove());

const remove = (...args: string[]) => workspace.frontage('remove', ...args);

describe('frontage remove', { timeout: minute }, () => {
  it('takes back all that `frontage new` has made, and says what to do next', async () => {
    const before = await workspace.everything();
    await workspace.frontage('new', 'tv');
    // A build, an installation and the tests of the app add these.
    for (const file of ['dist/main.js', 'node_modules/a/index.js', 'routes.gen.md', 'openapi.gen.json']) {
      await mkdir(join(workspace.root, 'apps/tv', file, '..'), { recursive: true });
      await workspace.write(`apps/tv/${file}`, '');
    }
    const { code, out, errors } = await remove('tv');
    expect([code, errors]).toEqual([0, '']);
    expect(out).toBe(`Removed tv:

  delete  apps/tv/.frontage/record.gen.json
  delete  apps/tv/.frontage/rendering.gen.json
  delete  apps/tv/Dockerfile
  delete  apps/tv/Dockerfile.dockerignore
  delete  apps/tv/README.md
  delete  apps/tv/bff.yaml
  delete  apps/tv/openapi.gen.json
  delete  apps/tv/package.json
  delete  apps/tv/routes.gen.md
  delete  apps/tv/src/home/home.controller.ts
  delete  apps/tv/src/home/home.screen.ts
  delete  apps/tv/src/home/home.spec.ts
  delete  apps/tv/src/main.ts
  delete  apps/tv/src/tv.module.ts
  delete  apps/tv/test/tv.e2e-spec.ts
  delete  apps/tv/tsconfig.json
  change  nest-cli.json
  change  tsconfig.json
  delete  CODEOWNERS

Next:

  npm install   takes it out of package-lock.json
`);
    expect(await workspace.everything()).toEqual(before);
  });

  it('leaves the owners of other apps', async () => {
    await workspace.write('CODEOWNERS', '* @all\n');
    await workspace.frontage('new', 'tv');
    await workspace.frontage('new', 'tv-2');
    await remove('tv');
    expect(await workspace.read('CODEOWNERS')).toBe('* @all\n/apps/tv-2/ @tv-2-team\n');
  });

  it.each([
    ['a changed file', 'src/main.ts', '// mine\n'],
    ['a new file', 'src/home/money.ts', 'export {};\n'],
    ['a file beside the others', 'notes.txt', ''],
  ])('deletes nothing where there is %s, but with --force', async (_, file, text) => {
    await workspace.frontage('new', 'tv');
    await workspace.write(`apps/tv/${file}`, text);
    const before = await workspace.everything();
    const { code, errors } = await remove('tv');
    expect([code, errors]).toEqual([
      1,
      `tv is not removed: a file was written or changed by hand, and would be lost:\n\n  apps/tv/${file}\n\nNothing was deleted. To delete it too: npx frontage remove tv --force\n`,
    ]);
    expect(await workspace.everything()).toEqual(before);
    expect(await remove('tv', '--force')).toMatchObject({ code: 0 });
    expect(await workspace.files('apps')).not.toContain('apps/tv/src/main.ts');
  });

  it('takes line breaks of another system for no change', async () => {
    await workspace.frontage('new', 'tv');
    const file = 'apps/tv/src/main.ts';
    await workspace.write(file, (await workspace.read(file)).replaceAll('\n', '\r\n'));
    expect(await remove('tv')).toMatchObject({ code: 0 });
  });

  it('takes an app that no command has made for one that was written by hand', async () => {
    const { code, errors } = await remove('web');
    expect(code).toBe(1);
    expect(errors).toContain('\n  apps/web/bff.yaml\n');
  });

  it('deletes nothing in a dry run, and says the same as JSON', async () => {
    await workspace.frontage('new', 'tv');
    const before = await workspace.everything();
    const dry = await remove('tv', '--dry-run', '--json');
    expect(await workspace.everything()).toEqual(before);
    const { files: planned, ...rest } = JSON.parse(dry.out);
    expect(rest).toEqual({ command: 'remove', ok: true, exitCode: 0, dryRun: true, app: { name: 'tv' } });
    const { files } = JSON.parse((await remove('tv', '--json')).out);
    expect(files).toEqual(planned);
  });

  it('gives the Nest CLI another default app', async () => {
    const defaults = async () => {
      const { root, sourceRoot, compilerOptions } = JSON.parse(await workspace.read('nest-cli.json'));
      return [root, sourceRoot, compilerOptions.tsConfigPath];
    };
    expect(await defaults()).toEqual(['apps/mobile', 'apps/mobile/src', 'apps/mobile/tsconfig.json']);
    await remove('mobile', '--force');
    expect(await defaults()).toEqual(['apps/web', 'apps/web/src', 'apps/web/tsconfig.json']);
    for (const app of ['web', 'partner']) await remove(app, '--force');
    // A repository keeps no empty folder.
    await rmdir(join(workspace.root, 'apps'));
    expect(await workspace.frontage('new', 'tv')).toMatchObject({ code: 0 });
    expect(await defaults()).toEqual(['apps/tv', 'apps/tv/src', 'apps/tv/tsconfig.json']);
  });

  it('finishes what an interrupted removal has begun', async () => {
    const before = await workspace.everything();
    await workspace.frontage('new', 'tv');
    // The process was killed behind the rename: no process has the number 0.
    await rename(join(workspace.root, 'apps/tv'), join(workspace.root, '.frontage-write-0-half'));
    expect(await remove('tv')).toMatchObject({ code: 0 });
    expect(await workspace.everything()).toEqual(before);
  });

  it('keeps the folder where a list cannot be written', async () => {
    await workspace.frontage('new', 'tv');
    const listed = await workspace.read('tsconfig.json');
    await rename(join(workspace.root, 'tsconfig.json'), join(workspace.root, 'elsewhere.json'));
    await symlink('elsewhere.json', join(workspace.root, 'tsconfig.json'));
    const { code, errors } = await remove('tv');
    expect([code, errors]).toEqual([1, expect.stringContaining('tsconfig.json is a symbolic link')]);
    expect(await workspace.files('apps/tv')).toContain('apps/tv/src/main.ts');
    expect(await workspace.read('elsewhere.json')).toBe(listed);
  });

  it.each([
    ['mobil', 'there is no app mobil; did you mean mobile?'],
    ['radio', 'there is no app radio; there are mobile, partner, web'],
    ['../web', '"../web" cannot name an app'],
  ])('knows no app %j', async (name, message) => {
    const before = await workspace.everything();
    const { code, errors } = await remove(name);
    expect([code, errors]).toEqual([2, expect.stringContaining(message)]);
    expect(await workspace.everything()).toEqual(before);
  });

  it('follows no link', async () => {
    await symlink('web', join(workspace.root, 'apps/tv'));
    const { code, errors } = await remove('tv', '--force');
    expect([code, errors]).toEqual([1, expect.stringContaining('apps/tv is a symbolic link')]);
    expect(await workspace.files('apps/web')).toEqual(['apps/web/bff.yaml']);
  });
});

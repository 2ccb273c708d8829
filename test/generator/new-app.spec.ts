import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenRules } from './dockerfile-rules.js';
import { WorkspaceCopy } from './workspace-copy.js';

const minute = 60_000;
let workspace: WorkspaceCopy;
beforeEach(async () => {
  workspace = await WorkspaceCopy.bare();
});
afterEach(() => workspace.remove());

describe('frontage new', { timeout: minute }, () => {
  it('writes exactly these files, and says what to do next', async () => {
    const before = await workspace.everything();
    const { code, out, errors } = await workspace.frontage('new', 'tv', '--client', 'mobile');
    expect([code, errors]).toEqual([0, '']);
    expect(out).toBe(`Made tv, a BFF for mobile clients, on port 4004 (admin port 5004):

  write   apps/tv/.frontage/record.gen.json
  write   apps/tv/.frontage/rendering.gen.json
  write   apps/tv/Dockerfile
  write   apps/tv/Dockerfile.dockerignore
  write   apps/tv/README.md
  write   apps/tv/bff.yaml
  write   apps/tv/package.json
  write   apps/tv/src/home/home.controller.ts
  write   apps/tv/src/home/home.screen.ts
  write   apps/tv/src/home/home.spec.ts
  write   apps/tv/src/main.ts
  write   apps/tv/src/order-state.ts
  write   apps/tv/src/tv.module.ts
  write   apps/tv/test/tv.e2e-spec.ts
  write   apps/tv/tsconfig.json
  change  nest-cli.json
  change  tsconfig.json
  write   CODEOWNERS

Next:

  npm install                         adds it to package-lock.json
  npm run dev -- tv                   the sandbox and tv, rebuilt on save
  npx frontage endpoint tv/<screen>   adds a screen
  npm test -- apps/tv                 its tests; the first run writes openapi.gen.json and routes.gen.md; commit them

While it runs:

  curl -s -H "authorization: Bearer $(npx frontage token --user ada --scope home:read --audience tv-bff)" 'http://127.0.0.1:4004/home'
`);
    const after = await workspace.everything();
    const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
    expect(changed).toEqual([...out.matchAll(/^ {2}(?:write|change) +(\S+)$/gm)].map(([, path]) => path).toSorted());
  });

  it.each([
    ['blank', ['src/home/home.controller.ts', 'src/home/home.screen.ts', 'src/home/home.spec.ts']],
    ['web', ['src/home/home.controller.ts', 'src/home/home.screen.ts', 'src/home/home.spec.ts']],
    [
      'partner',
      ['src/products/products.controller.ts', 'src/products/products.screen.ts', 'src/products/products.spec.ts'],
    ],
  ])('makes a %s app of the same shape', async (client, screen) => {
    expect((await workspace.frontage('new', 'kiosk', '--client', client)).code).toBe(0);
    const shape = [
      '.frontage/record.gen.json',
      '.frontage/rendering.gen.json',
      'Dockerfile',
      'Dockerfile.dockerignore',
      'README.md',
      'bff.yaml',
      'package.json',
      'src/kiosk.module.ts',
      'src/main.ts',
      'test/kiosk.e2e-spec.ts',
    ];
    const expected = [...shape, ...screen, 'tsconfig.json'].map((path) => `apps/kiosk/${path}`);
    expect(await workspace.files('apps/kiosk')).toEqual(expected.toSorted());
  });

  it('leaves no word of the template unfilled, whatever the name', async () => {
    for (const client of ['mobile', 'web', 'partner', 'blank']) {
      const name = `smart-tv-2-${client}`;
      expect((await workspace.frontage('new', name, '--client', client)).code).toBe(0);
      for (const path of await workspace.files(`apps/${name}`))
        expect(path + (await workspace.read(path))).not.toMatch(/__/);
    }
    expect(await workspace.read('apps/smart-tv-2-web/src/main.ts')).toContain(
      "import { SmartTv2WebModule } from './smart-tv-2-web.module.js';",
    );
    expect(await workspace.read('apps/smart-tv-2-web/bff.yaml')).toContain("'${SMART_TV_2_WEB_PORT:-4005}'");
  });

  it('writes nothing in a dry run, and says the same', async () => {
    const before = await workspace.everything();
    const dry = await workspace.frontage('new', 'tv', '--client', 'mobile', '--dry-run');
    expect(dry.code).toBe(0);
    expect(await workspace.everything()).toEqual(before);
    const wet = await workspace.frontage('new', 'tv', '--client', 'mobile');
    const files = (out: string) => out.match(/^ {2}(?:write|change) +\S+$/gm);
    expect(files(dry.out)).toEqual(files(wet.out));
    expect(dry.out).toContain('Nothing was written.');
  });

  it('changes nothing the second time', async () => {
    await workspace.frontage('new', 'tv', '--client', 'mobile', '--owner', '@screens');
    const before = await workspace.everything();
    expect(await workspace.frontage('new', 'tv', '--client', 'mobile', '--owner', '@screens')).toEqual({
      code: 0,
      out: 'tv, a BFF for mobile clients, on port 4004 (admin port 5004): nothing has changed, 15 files are current\n',
      errors: '',
    });
    expect(await workspace.everything()).toEqual(before);
    for (const other of [
      ['--client', 'web'],
      ['--client', 'mobile', '--port', '7000'],
      ['--client', 'mobile'],
    ])
      expect(await workspace.frontage('new', 'tv', ...other)).toMatchObject({
        code: 2,
        errors: expect.stringContaining('apps/tv exists already'),
      });
  });

  it('replaces nothing of an app that was changed, and says what is in the way', async () => {
    await workspace.frontage('new', 'tv', '--client', 'mobile');
    await workspace.write('apps/tv/src/main.ts', '// mine\n');
    const before = await workspace.everything();
    expect(await workspace.frontage('new', 'tv', '--client', 'web')).toEqual({
      code: 2,
      out: '',
      errors: `error: tv cannot be made:
  apps/tv exists already
  nest-cli.json has a project tv already
  tsconfig.json has a reference to apps/tv already
Nothing was changed.
`,
    });
    expect(await workspace.everything()).toEqual(before);
  });

  it('leaves nothing behind where writing fails', async () => {
    // A file name that no file system takes: it fails when others have been put in their places.
    const tooLong = `templates/app/mobile/src/${'__name__'.repeat(20)}.ts`;
    await workspace.write(tooLong, '');
    const before = await workspace.everything();
    const { code, errors } = await workspace.frontage('new', 'a-name-of-some-length', '--client', 'mobile');
    expect(code).toBe(1);
    expect(errors).toMatch(/^ENAMETOOLONG/);
    expect(await workspace.everything()).toEqual(before);
    await expect(workspace.files('apps/a-name-of-some-length')).rejects.toThrow('ENOENT');
  });
});

describe('its place in the workspace', () => {
  it('is a project after the last app, and a reference, and nothing else moves', async () => {
    const [nest, projects] = await Promise.all([workspace.read('nest-cli.json'), workspace.read('tsconfig.json')]);
    await workspace.frontage('new', 'tv', '--client', 'mobile');
    const project = `    "tv": {
      "type": "application",
      "root": "apps/tv",
      "entryFile": "main",
      "sourceRoot": "apps/tv/src",
      "compilerOptions": {
        "tsConfigPath": "apps/tv/tsconfig.json"
      }
    },
`;
    const after = await workspace.read('nest-cli.json');
    expect(after).toContain(`${project}    "core": {`);
    expect(after.replace(project, '')).toBe(nest);
    const reference = ',\n    { "path": "apps/tv" }';
    expect((await workspace.read('tsconfig.json')).replace(reference, '')).toBe(projects);
  });

  it('says where a listing is no JSON, and writes nothing', async () => {
    await workspace.write('nest-cli.json', '{\n  "projects": {,}\n}\n');
    const { code, errors } = await workspace.frontage('new', 'tv', '--client', 'mobile');
    expect(code).toBe(2);
    expect(errors).toMatch(/^error: nest-cli\.json:2:16: this is no JSON: /);
    expect(await workspace.files('apps')).not.toContain('apps/tv/bff.yaml');
  });
});

describe('its ports', () => {
  const ports = async (app: string) => /listen: .*/.exec(await workspace.read(`apps/${app}/bff.yaml`))?.[0];

  it('are the next ones that no app has by default, whatever the environment says', async () => {
    const before = process.env['WEB_PORT'];
    process.env['WEB_PORT'] = '4004';
    await workspace.frontage('new', 'one', '--client', 'mobile');
    if (before === undefined) delete process.env['WEB_PORT'];
    else process.env['WEB_PORT'] = before;
    await workspace.frontage('new', 'two', '--client', 'mobile');
    expect(await ports('one')).toBe("listen: { port: '${ONE_PORT:-4004}', adminPort: '${ONE_ADMIN_PORT:-5004}' }");
    expect(await ports('two')).toBe("listen: { port: '${TWO_PORT:-4005}', adminPort: '${TWO_ADMIN_PORT:-5005}' }");
  });

  it('fill a gap, and pass by the port of the sandbox', async () => {
    await workspace.remove();
    workspace = await WorkspaceCopy.bare(['partner']);
    await workspace.frontage('new', 'one', '--client', 'mobile');
    expect(await ports('one')).toContain('4001');
    expect(await workspace.frontage('new', 'two', '--client', 'mobile', '--port', '4100')).toMatchObject({
      code: 2,
      errors: 'error: port 4100 belongs to the sandbox\n',
    });
  });

  it('are what was asked for, where that is free', async () => {
    expect((await workspace.frontage('new', 'tv', '--client', 'mobile', '--port', '7000')).code).toBe(0);
    expect(await ports('tv')).toBe("listen: { port: '${TV_PORT:-7000}', adminPort: '${TV_ADMIN_PORT:-8000}' }");
    expect(await workspace.frontage('new', 'tw', '--client', 'mobile', '--port', '5003')).toMatchObject({
      code: 2,
      errors: 'error: port 5003 belongs to the admin port of partner\n',
    });
  });

  it.each(['0', '65536', '80a', '-1', '1e3', ''])('are never %j', async (port) => {
    const { code, errors } = await workspace.frontage('new', 'tv', '--client', 'mobile', `--port=${port}`);
    expect(code).toBe(2);
    expect(errors).toContain('A port is a number from 1 to 65535.');
  });
});

describe('its name', () => {
  it.each([
    ['Tv', 'use lower-case letters, digits and dashes, a letter first'],
    ['2tv', 'a letter first'],
    ['tv_guide', 'lower-case letters, digits and dashes'],
    ['../tv', 'lower-case letters'],
    ['', 'lower-case letters'],
    ['dist', 'cannot name an app'],
    ['node_modules', 'cannot name an app'],
    ['constructor', 'an app cannot be called "constructor"'],
    ['nul', 'an app cannot be called "nul"'],
    ['a'.repeat(41), '40 characters at most'],
    ['core', 'libs/core exists already, with the name @frontage/core'],
    ['mobile', 'apps/mobile exists already'],
    ['mobile-admin', 'MOBILE_ADMIN_PORT would be a variable of it, and is one of mobile already'],
  ])('is not %j', async (name, reason) => {
    const before = await workspace.everything();
    const { code, errors } = await workspace.frontage('new', '--client', 'mobile', '--', name);
    expect(code).toBe(2);
    expect(errors).toContain(reason);
    expect(await workspace.everything()).toEqual(before);
  });
});

describe('its client', () => {
  it('is one that there is a template for', async () => {
    expect(await workspace.frontage('new', 'tv', '--client', 'fridge')).toMatchObject({
      code: 2,
      errors: `error: there is no template for the client "fridge"; there are
  mobile   few bytes, short lists, tight deadlines
  web      whole pages, pictures in every size
  partner  programs that work through lists, under /v1
  blank    one screen that calls no service yet
`,
    });
  });

  it('is none in particular where none is named', async () => {
    const { code, out } = await workspace.frontage('new', 'tv');
    expect([code, out.split(':')[0]]).toEqual([0, 'Made tv, a BFF, on port 4004 (admin port 5004)']);
  });
});

describe('its owners', () => {
  it('stand in the file of owners, after the others, and in its README', async () => {
    await workspace.write('CODEOWNERS', '* @all');
    await workspace.frontage('new', 'tv', '--owner', '@acme/screens');
    expect(await workspace.read('CODEOWNERS')).toBe('* @all\n/apps/tv/ @acme/screens\n');
    expect(await workspace.read('apps/tv/README.md')).toContain('@acme/screens');
  });

  it('are named as that file does it', async () => {
    const { code, errors } = await workspace.frontage('new', 'tv', '--owner', 'the screens');
    expect([code, errors]).toEqual([
      2,
      'error: "the screens" is no owner: write a team or a person as CODEOWNERS does, @tv-team, @org/tv-team or tv@example.com\n',
    ]);
  });
});

describe('its image', () => {
  it('keeps the rules of the image of a packed app', async () => {
    await workspace.frontage('new', 'tv', '--port', '7000');
    const dockerfile = await workspace.read('apps/tv/Dockerfile');
    expect(brokenRules(dockerfile)).toEqual([]);
    expect(dockerfile).toContain('EXPOSE 7000\n');
  });
});

describe('its upstreams', () => {
  it('are contracts of the workspace', async () => {
    const before = await workspace.everything();
    const { code, errors } = await workspace.frontage('new', 'tv', '--upstreams', 'user');
    expect(code).toBe(2);
    expect(errors).toBe(`error: there is no upstream user; there is none
A new one is added by: npx frontage upstream add user <file or URL>
`);
    expect(await workspace.everything()).toEqual(before);
  });
});

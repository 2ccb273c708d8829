import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { runProgram } from '@frontage/generator';
import { startWorld, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mobileUpstreams } from '../faults/mobile-upstreams.js';
import { brokenRules } from './dockerfile-rules.js';
import { quietEnvironment, workspaceRoot } from './workspace-copy.js';

interface Said {
  readonly packages: number;
  readonly bytes: number;
  readonly installs: readonly string[];
  readonly sha256: Readonly<Record<string, string>>;
}

const minute = 60_000;
const run = promisify(execFile);
const script = join(workspaceRoot, 'libs/generator/bin/frontage.js');
const children = new Set<ChildProcess>();

let folder: string;
let packed: string;
let said: Said;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-packed-'));
  packed = join(folder, 'mobile');
  const pack = run(process.execPath, [script, 'pack', 'mobile', '--out', packed, '--json'], {
    cwd: join(workspaceRoot, 'docs'),
    env: quietEnvironment(),
  });
  const [{ stdout }, started] = await Promise.all([pack, startWorld({ upstreams: mobileUpstreams })]);
  ({ pack: said } = JSON.parse(stdout));
  world = started;
}, 2 * minute);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const text = (path: string): string => readFileSync(join(packed, path), 'utf8');
const paths = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(root.length + 1))
    .filter((path) => !path.startsWith('cache/'))
    .toSorted();

interface Serving {
  readonly url: string;
  readonly adminUrl: string;
  /** @returns the exit code */
  end(): Promise<number | null>;
}

/** A script of the packed folder, with nothing of this process in its environment. */
async function serve(...args: readonly string[]): Promise<Serving> {
  const child = spawn(process.execPath, args, {
    cwd: packed,
    env: { ...world.env, MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0', SHUTDOWN_DELAY: '0ms' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (errors += piece));
  const closed = once(child, 'close').then(() => {
    children.delete(child);
    throw new Error(`it ended:\n${errors}`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), closed]);
  child.stdout.resume();
  const { url, adminUrl } = JSON.parse(String(line));
  return {
    url,
    adminUrl,
    end: async () => {
      child.kill('SIGTERM');
      await closed.catch(() => undefined);
      return child.exitCode;
    },
  };
}

async function status(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

async function home(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const authorization = `Bearer ${await world.token({ user: 'ada', scopes: ['home:read'] })}`;
  const response = await fetch(`${url}/home`, { headers: { authorization } });
  return { status: response.status, body: await response.json() };
}

describe('a packed app in a folder without anything else', () => {
  it(
    'serves its screens, its documents and its reference page, and changes no file',
    async () => {
      const before = paths(packed);
      const app = await serve('main.js');
      expect(await home(app.url)).toMatchObject({ status: 200, body: { user: { name: expect.any(String) } } });
      const document = await fetch(`${app.adminUrl}/openapi.json`).then((response) => response.json());
      expect(document).toEqual(JSON.parse(readFileSync(join(workspaceRoot, 'apps/mobile/openapi.gen.json'), 'utf8')));
      for (const page of [
        'docs',
        'docs/swagger-ui.css',
        'docs/swagger-ui-bundle.js',
        'docs/favicon-32x32.png',
        'describe',
        'metrics',
      ])
        expect([page, await status(`${app.adminUrl}/${page}`)]).toEqual([page, 200]);
      const described = await fetch(`${app.adminUrl}/describe`).then((response) => response.text());
      // The files and positions of the sources, which are not there.
      expect(described).toMatch(/"source": "apps\/mobile\/src\/home\/home\.screen\.ts:\d+:\d+"/);
      await fetch(`${app.url}/livez`).then((response) => response.text());
      expect(await app.end()).toBe(0);
      expect(paths(packed)).toEqual(before);
      expect(existsSync(join(packed, 'cache'))).toBe(true);
    },
    minute,
  );

  it(
    'serves in several processes, with the sums of all on the admin port',
    async () => {
      const app = await serve('serve.js', '--processes', '2');
      expect(await home(app.url)).toMatchObject({ status: 200 });
      const pool: unknown = await fetch(`${app.adminUrl}/processes`).then((response) => response.json());
      expect(pool).toMatchObject({ processes: [{ state: 'ready' }, { state: 'ready' }] });
      expect(await status(`${app.adminUrl}/docs/swagger-ui.css`)).toBe(200);
      expect(await app.end()).toBe(0);
    },
    minute,
  );

  it(
    'refuses a wrong number of processes, and has a health check that fails where nothing listens',
    async () => {
      const wrong = run(process.execPath, ['serve.js', '--processes', 'all'], { cwd: packed });
      await expect(wrong).rejects.toMatchObject({
        code: 2,
        stderr: 'error: --processes is "all": write auto, or a number from 1 to 1024\n',
      });
      const app = await serve('main.js');
      const check = (port: string) =>
        run(process.execPath, ['healthcheck.js'], { cwd: packed, env: { MOBILE_PORT: port } });
      await check(new URL(app.url).port);
      const { port } = new URL(app.url);
      expect(await app.end()).toBe(0);
      await expect(check(port)).rejects.toMatchObject({ code: 1 });
    },
    minute,
  );

  it(
    'has nothing left to install',
    async () => {
      expect(said.installs).toEqual([]);
      const npm = process.env['npm_execpath'] ?? '';
      const [command, ...args] = npm === '' ? ['npm'] : [process.execPath, npm];
      await run(command ?? 'npm', [...args, 'ci', '--offline', '--no-audit', '--no-fund'], {
        cwd: packed,
        env: quietEnvironment(),
      });
      const made = join(packed, 'node_modules');
      expect(existsSync(made) ? readdirSync(made).filter((name) => !name.startsWith('.')) : []).toEqual([]);
      await rm(made, { recursive: true, force: true });
    },
    minute,
  );
});

describe('the files of a packed app', () => {
  it('are as few and as small as a deployment wants, and name no place of this machine', () => {
    expect(Object.keys(said.sha256).toSorted()).toEqual(paths(packed));
    expect(said.bytes).toBeLessThan(12_000_000);
    for (const path of paths(packed)) {
      const content = text(path);
      expect([path, content.includes(workspaceRoot.replace(/\/$/, ''))]).toEqual([path, false]);
      if (homedir().length > '/root'.length) expect([path, content.includes(homedir())]).toEqual([path, false]);
    }
  });

  it('have the policy with the files that it extends', () => {
    expect(text('bff.yaml')).toContain('\nextends: policy/base.yaml\n');
    const source = readFileSync(join(workspaceRoot, 'apps/mobile/bff.yaml'), 'utf8');
    expect(text('bff.yaml').replace('policy/base.yaml', '../../policy/base.yaml')).toBe(source);
    expect(text('policy/base.yaml')).toBe(readFileSync(join(workspaceRoot, 'policy/base.yaml'), 'utf8'));
  });

  it('list every package in the code, with version, licence, hash and its text', () => {
    const { components, metadata } = JSON.parse(text('sbom.cdx.json'));
    expect(metadata.component).toMatchObject({ type: 'application', group: '@frontage', name: 'mobile' });
    const known = new Map<string, unknown>();
    for (const each of components) {
      expect(each).toMatchObject({
        version: expect.stringMatching(/^\d/),
        hashes: [{ content: expect.stringMatching(/^[\da-f]{40,128}$/) }],
      });
      expect([each.name, each.licenses.length]).toEqual([each.name, 1]);
      known.set(each['bom-ref'].replace(/@[^@]*$/, ''), each);
    }
    // The bundler names the file of each module in a comment.
    const code = paths(packed)
      .filter((path) => /^app\/[^/]+\.js$/.test(path))
      .map(text)
      .join('\n');
    const modules = code
      .matchAll(/^\t*\/\/(?:#region)? ?((?:node_modules|libs)\/\S+\.[cm]?js(?:on)?)$/gm)
      .map(([, file]) => file ?? '');
    const places = new Set(
      modules.map((file) => /^(?:libs\/[^/]+|.*node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(file)?.[0] ?? ''),
    );
    expect(places.size).toBeGreaterThan(100);
    expect([...places].filter((place) => !known.has(place))).toEqual([]);
    expect(known.has('node_modules/swagger-ui-dist')).toBe(true);
    const licences = text('LICENSES.txt');
    for (const [place] of known) {
      if (!place.startsWith('node_modules/')) continue;
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
      expect([name, licences.includes(`${name} `)]).toEqual([name, true]);
    }
    // Files that only tests and other apps need are not deployed.
    for (const name of ['vitest', '@nestjs/platform-express', 'typescript'])
      expect(known.has(`node_modules/${name}`)).toBe(false);
  });

  it('have a Dockerfile that keeps the rules of its linter', () => {
    expect(brokenRules(text('Dockerfile'))).toEqual([]);
    expect(text('Dockerfile')).toContain('\nEXPOSE 4001\n');
    const spoilt = text('Dockerfile')
      .replaceAll(/^USER .*$/gm, 'USER root')
      .replace('CMD ["node", "serve.js"]', 'CMD node serve.js')
      .replaceAll(/-slim/g, '-slim:latest');
    expect(brokenRules(spoilt)).toEqual([
      'DL3002 the last user is not root',
      'DL3007 no image is latest',
      'DL3025 CMD, ENTRYPOINT and HEALTHCHECK are lists',
    ]);
    expect(text('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['cache', 'node_modules', 'Dockerfile']));
  });
});

/** A builder of images that works on this machine and can fetch the image of Node.js. */
async function imageBuilder(): Promise<string | undefined> {
  for (const builder of ['docker', 'podman']) {
    const image = `docker.io/library/node:${process.versions.node}-slim`;
    const works = await run(builder, ['pull', image], { timeout: minute }).then(
      () => true,
      () => false,
    );
    if (works) return builder;
  }
  process.stderr.write('SKIPPED: no builder of images works here, so no image is built; its Dockerfile is linted.\n');
  return undefined;
}
const builder = await imageBuilder();

describe.skipIf(builder === undefined)('its image', () => {
  const tag = `frontage-mobile-${process.pid}`;
  afterAll(() => run(builder ?? '', ['rmi', '--force', tag]).catch(() => undefined));

  it(
    'is built, and starts without rights and with a read-only root',
    async () => {
      await run(builder ?? '', ['build', '--tag', tag, packed]);
      const inImage = async (...command: string[]): Promise<string> => {
        const closed = ['--rm', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
        const { stdout } = await run(builder ?? '', ['run', ...closed, tag, ...command], { maxBuffer: 64_000_000 });
        return stdout;
      };
      expect(await inImage('id', '-u')).toBe('1000\n');
      expect(JSON.parse(await inImage('node', 'main.js', '--describe'))).toMatchObject({ bff: 'mobile' });
    },
    10 * minute,
  );
});

interface Locked {
  readonly link?: boolean;
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
  readonly peerDependencies?: object;
}

/** The packages that are installed for the app, from the lock file: folders of `node_modules`. */
function productionPlaces(): string[] {
  const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
    readFileSync(join(workspaceRoot, 'package-lock.json'), 'utf8'),
  );
  const found = new Set<string>();
  const queue = ['apps/mobile'];
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    if (found.has(place)) continue;
    found.add(place);
    const { dependencies, optionalDependencies, peerDependencies } = lock.packages[place] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const above = [...place.matchAll(/\/node_modules\//g)]
        .map(({ index }) => `${place.slice(0, index)}/`)
        .toReversed();
      const at = [`${place}/`, ...above, ''].find((from) => `${from}node_modules/${name}` in lock.packages);
      if (at !== undefined)
        queue.push(at === '' && name.startsWith('@frontage/') ? `libs/${name.slice(10)}` : `${at}node_modules/${name}`);
    }
  }
  return [...found].filter((place) => place.startsWith('node_modules/') && existsSync(join(workspaceRoot, place)));
}

describe('packing again', () => {
  /** The built app and what it needs in production, in another place. */
  async function moved(): Promise<string> {
    const root = join(folder, 'another place', 'shop');
    const all = readdirSync(join(workspaceRoot, 'libs')).map((lib) => `libs/${lib}`);
    for (const path of ['package.json', 'package-lock.json', 'policy', 'apps/mobile', ...all]) {
      cpSync(join(workspaceRoot, path), join(root, path), {
        recursive: true,
        // The files that are built already, without those that nothing reads at run time.
        filter: (file) => !/(?:apps|libs)\/[^/]+\/src$|\.d\.[cm]?ts(?:\.map)?$|tsconfig\.json$/.test(file),
      });
    }
    // A package within another one is copied with it.
    for (const path of productionPlaces().toSorted()) {
      if (existsSync(join(root, path))) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      // The `cp` of Node takes several times as long for thousands of files.
      await run('cp', ['-Rp', join(workspaceRoot, path), join(root, path)]);
    }
    cpSync(join(workspaceRoot, 'node_modules/@frontage'), join(root, 'node_modules/@frontage'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return root;
  }

  const frontage = async (
    cwd: string,
    ...args: readonly string[]
  ): Promise<{ code: number; out: string; errors: string }> => {
    let out = '';
    let errors = '';
    const code = await runProgram(args, {
      cwd,
      write: (piece) => (out += piece),
      writeError: (piece) => (errors += piece),
    });
    return { code, out, errors };
  };

  it(
    'gives the same bytes and the report of the documentation from a clone in another place, and a dry run writes nothing',
    async () => {
      const root = await moved();
      const again = await frontage(join(root, 'apps'), 'pack', 'mobile', '--out', '../out', '--dry-run', '--json');
      expect(again.errors).toBe('');
      expect(JSON.parse(again.out)).toMatchObject({
        dryRun: true,
        pack: { sha256: said.sha256, packages: said.packages },
      });
      expect(existsSync(join(root, 'out'))).toBe(false);
      const wrote = await frontage(root, 'pack', 'mobile', '--out', 'build/mobile');
      expect(paths(join(root, 'build/mobile'))).toEqual(paths(packed));
      const page = readFileSync(join(workspaceRoot, 'docs/deploying.md'), 'utf8');
      const shown = /\$ npx frontage pack mobile --out build\/mobile\n([^]*?)```/.exec(page)?.[1] ?? '';
      const numbers = (report: string): string => report.replaceAll(/\d+/g, '1');
      expect(numbers(wrote.out)).toBe(numbers(shown));
    },
    5 * minute,
  );

  it('refuses a folder that it did not make, or that was changed since', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'notes.txt'), 'mine');
    expect(await frontage(workspaceRoot, 'pack', 'mobile', '--out', other)).toMatchObject({
      code: 1,
      errors: `${other} is not empty, and \`frontage pack\` did not make it: name another folder, or empty this one\n`,
    });
    expect(readdirSync(other)).toEqual(['notes.txt']);
    const policy = text('bff.yaml');
    writeFileSync(join(packed, 'bff.yaml'), `${policy}# ours\n`);
    writeFileSync(join(packed, 'app/extra.js'), '');
    const refused = await frontage(workspaceRoot, 'pack', 'mobile', '--out', packed);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.errors).toContain('  app/extra.js was added\n  bff.yaml was changed\n');
    writeFileSync(join(packed, 'bff.yaml'), policy);
    await rm(join(packed, 'app/extra.js'));
    for (const out of ['.', '..'])
      expect(await frontage(workspaceRoot, 'pack', 'mobile', '--out', out)).toMatchObject({ code: 2 });
    expect(await frontage(workspaceRoot, 'pack', 'mobil', '--out', other)).toMatchObject({
      code: 2,
      errors: 'error: there is no app mobil; did you mean mobile?\n',
    });
  });
});

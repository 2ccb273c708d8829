import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RunningCommand } from './running-command.js';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

const freePorts = {
  SANDBOX_PORT: '0',
  TV_PORT: '0',
  TV_ADMIN_PORT: '0',
  RESELLER_PORT: '0',
  RESELLER_ADMIN_PORT: '0',
};
const minute = 60_000;
const screen = 'apps/tv/src/home/home.screen.ts';

let workspace: WorkspaceCopy;
let command: RunningCommand | undefined;

beforeAll(async () => {
  workspace = await WorkspaceCopy.whole();
  await workspace.frontage('new', 'tv', '--client', 'mobile');
  await workspace.frontage('new', 'reseller', '--client', 'partner');
  const built = await workspace.run('tsc', '-b', 'apps/tv', 'apps/reseller', 'libs/generator', 'libs/sandbox');
  expect(built, built.output).toMatchObject({ code: 0 });
}, 2 * minute);
afterEach(() => command?.interrupt());
afterAll(() => workspace.remove());

function frontage(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  command = new RunningCommand(workspace.root, args, { ...freePorts, ...env });
  return command;
}

/** A line as a user pastes it into a shell. */
async function paste(line: string): Promise<{ status: number; body: unknown }> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -w '\\n%{http_code}'`], { cwd: workspace.root });
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at)), body: JSON.parse(stdout.slice(0, at)) };
}

const isAnswering = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

/** As many editors do it: a new file in the place of the old one. */
async function save(path: string, change: (text: string) => string): Promise<void> {
  await workspace.write(`${path}~`, change(await workspace.read(path)));
  await rename(join(workspace.root, `${path}~`), join(workspace.root, path));
}

describe('frontage start', () => {
  it(
    'prints a table of addresses and lines that work as printed, and Ctrl-C ends everything',
    { timeout: 2 * minute },
    async () => {
      const started = frontage(['start']);
      await started.until(/Ctrl-C ends everything\./);
      const text = started.output;
      const row = (name: string) =>
        new RegExp(`^ {2}${name} +(http://\\S+)(?: +(http://\\S+/) +(http://\\S+/docs) +(http://\\S+/metrics))?$`, 'm');
      const [, sandbox = ''] = row('sandbox').exec(text) ?? [];
      const [, url = '', page = '', docs = '', metrics = ''] = row('tv').exec(text) ?? [];
      const [, reseller = ''] = row('reseller').exec(text) ?? [];
      const [, issuer = ''] = row('issuer').exec(text) ?? [];
      expect(await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()).toMatchObject({ issuer });
      const pages = [page, docs, metrics].map(async (one) => (await fetch(one)).status);
      expect(await Promise.all(pages)).toEqual([200, 200, 200]);
      expect(await (await fetch(`${page}developer/state`)).json()).toMatchObject({
        app: 'tv',
        sandbox: { url: sandbox },
      });

      const lines = [...text.matchAll(/^ {2}(curl .*)$/gm)].map(([, line = '']) => line);
      const answers = await Promise.all(lines.map(paste));
      expect(answers).toMatchObject([
        { status: 200, body: { items: [{ sku: 'SKU-101' }, {}] } },
        { status: 200, body: { greeting: 'Hello Ada Lovelace' } },
      ]);
      await started.until(/tv +GET \/home 200 \d+ ms/);

      expect(await started.interrupt()).toBe(0);
      expect(await Promise.all([sandbox, url, reseller].map(isAnswering))).toEqual([false, false, false]);
    },
  );

  it('names a port that is busy, who needs it, and what to type instead', { timeout: minute }, async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const started = frontage(['start'], { TV_ADMIN_PORT: String(port) });
    expect(await started.ended()).toBe(1);
    server.close();
    expect(started.output).toMatch(
      new RegExp(
        `^Port ${port} is in use, and the admin port of tv needs it\\. .* TV_ADMIN_PORT:\n  TV_ADMIN_PORT=\\d+ npm start\n$`,
      ),
    );
  });

  it('does not replace services in production', { timeout: minute }, async () => {
    const started = frontage(['start'], { NODE_ENV: 'production' });
    expect(await started.ended()).toBe(1);
    expect(started.output).toContain('the sandbox, which never runs with NODE_ENV=production');
  });

  it('ends all where one cannot start, and shows why', { timeout: minute }, async () => {
    const policy = await workspace.read('apps/reseller/bff.yaml');
    await workspace.write('apps/reseller/bff.yaml', policy.replace('upstreams:', 'upstream:'));
    const started = frontage(['start']);
    expect(await started.ended()).toBe(1);
    await workspace.write('apps/reseller/bff.yaml', policy);
    expect(started.output).toMatch(
      /reseller did not start:\n.*\n+apps\/reseller\/bff\.yaml:\d+:1 +unknown key "upstream"/,
    );
    expect(started.output).not.toContain('Ctrl-C');
  });
});

describe('frontage dev', () => {
  it('runs one app, follows what is saved, and outlives what is wrong', { timeout: 3 * minute }, async () => {
    const dev = frontage(['dev', 'tv']);
    const [, line = ''] = await dev.until(/^ {2}(curl .*)$/m);
    await dev.until(/Watching apps\/tv, libs and policy/);
    expect(await paste(line)).toMatchObject({ status: 200, body: { greeting: 'Hello Ada Lovelace' } });

    const askAt = async (url: string) => paste(line.replace(/http:\/\/[^/']+(?=\/home)/, url));
    await save(screen, (text) => text.replace('Hello', 'Welcome'));
    const [, second = ''] = await dev.until(/tv listens at (\S+) \(after [\d.]+ s\)/);
    expect((await askAt(second)).body).toMatchObject({ greeting: 'Welcome Ada Lovelace' });

    await save(screen, (text) => text.replace("'points'", "'pints'"));
    await dev.until(/apps\/tv\/src\/home\/home\.screen\.ts:\d+:\d+ error TS\d+: .*pints/);
    await dev.until(/tv still runs the code from before/);
    expect((await askAt(second)).body).toMatchObject({ greeting: 'Welcome Ada Lovelace' });

    await save(screen, (text) => text.replace("'pints'", "'points'"));
    const [, third = ''] = await dev.until(/tv listens at (\S+)/);

    await save('apps/tv/bff.yaml', (text) => text.replace('deadline:', 'deadlin:'));
    await dev.until(/bff\.yaml:\d+:\d+ +unknown key "deadlin"; did you mean "deadline"\?/);
    await dev.until(/tv still runs the code from before/);
    expect((await askAt(third)).status).toBe(200);
    await save('apps/tv/bff.yaml', (text) => text.replace('deadlin:', 'deadline:'));
    const [, last = ''] = await dev.until(/tv listens at (\S+)/);

    const [, sandbox = ''] = /^ {2}sandbox +(\S+)$/m.exec(dev.output) ?? [];
    expect(await Promise.all([sandbox, last].map(isAnswering))).toEqual([true, true]);
    expect(await dev.interrupt()).toBe(0);
    expect(await Promise.all([sandbox, last].map(isAnswering))).toEqual([false, false]);
  });

  it(
    'starts with a mistake, calls a real service in the place of the sandbox, and records it',
    { timeout: 3 * minute },
    async () => {
      const banner = {
        id: 'b-1',
        title: 'Real',
        text: null,
        target: '/real',
        images: [],
        weight: 1,
        apiKey: 'k-12345678',
      };
      const seen: (string | undefined)[] = [];
      const service = createServer((request, response) => {
        seen.push(request.url);
        response
          .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' })
          .end(JSON.stringify([banner]));
      });
      await once(service.listen(0, '127.0.0.1'), 'listening');
      const { port } = service.address() as AddressInfo;
      const before = await Promise.all(
        [screen, 'apps/tv/bff.yaml', 'apps/reseller/bff.yaml'].map((path) => workspace.read(path)),
      );
      const [source = '', policy = '', others = ''] = before;
      await workspace.write(screen, source.replace("'points'", "'pints'"));
      await workspace.write('apps/reseller/bff.yaml', 'bff: [');
      try {
        const dev = frontage(['dev', 'tv', '--real', `content=http://127.0.0.1:${port}/v2/`, '--record']);
        await dev.until(/content is real: http:\/\/127\.0\.0\.1:\d+\/v2, recorded/);
        await dev.until(/apps\/tv\/src\/home\/home\.screen\.ts:\d+:\d+ error TS\d+: .*pints/);
        await dev.until(/tv does not run yet: correct the mistake above and save/);
        await dev.until(/Watching apps\/tv/);
        await save('apps/tv/bff.yaml', () => 'bff: [');
        await save(screen, () => source);
        await dev.until(/apps\/tv\/bff\.yaml:\d+:\d+/);
        await save('apps/tv/bff.yaml', () => policy);
        const [, line = ''] = await dev.until(/^ {2}(curl .*)$/m);
        expect((await paste(line)).body).toMatchObject({ banners: [{ title: 'Real' }] });
        expect(seen[0]).toMatch(/^\/v2\/banners\?/);
        const [, file = ''] = await dev.until(/recorded (apps\/tv\/test\/recorded\/content\/GET_banners-\w{8}\.json)/);
        expect(await dev.interrupt()).toBe(0);
        expect(JSON.parse(await workspace.read(file))).toEqual({
          request: { method: 'GET', target: seen[0]?.slice('/v2'.length) },
          response: {
            status: 200,
            headers: { 'content-type': 'application/json' },
            body: [{ ...banner, apiKey: '[redacted]' }],
          },
        });
      } finally {
        service.close();
        await workspace.write(screen, source);
        await workspace.write('apps/tv/bff.yaml', policy);
        await workspace.write('apps/reseller/bff.yaml', others);
      }
    },
  );

  it('prints a line for each request, as docs/command.md shows it', { timeout: minute }, async () => {
    const dev = frontage(['dev', 'tv']);
    const [, sandbox = ''] = await dev.until(/^ {2}sandbox +(\S+)$/m);
    const [, line = ''] = await dev.until(/^ {2}(curl .*)$/m);
    const fault = (upstream: string, members: object): Promise<Response> =>
      fetch(`${sandbox}/__sandbox/${upstream}/faults`, { method: 'PUT', body: JSON.stringify(members) });
    await paste(line);
    await dev.until(/tv +GET .*\n/);

    const printed: string[] = [];
    const ask = async (): Promise<void> => {
      await paste(line);
      const [text = ''] = await dev.until(/^tv +GET .*$/m);
      // The machine may be slow: only what is said of services stays that are made slow here.
      const others = /(?<=  |, )(?!recent|suggested|profile)\w+ (?:missing: timeout after )?\d+ ms(?:, |$)/g;
      printed.push(text.replaceAll(others, '').replace(/(?:, | +)$/, ''));
    };
    await ask();
    await fault('orders', { latencyMs: 300 });
    await fault('recommendations', { latencyMs: 5_000 });
    await ask();
    await fault('users', { status: 503 });
    await ask();
    expect(await dev.interrupt()).toBe(0);

    const page = await readFile(join(workspaceRoot, 'docs/command.md'), 'utf8');
    const [, shown = ''] = /```text\n(tv +GET [^]*?)\n```/.exec(page) ?? [];
    const withoutTimes = (text: string): string => text.replaceAll(/\d+ ms/g, '_ ms').replaceAll(/:\d{4,5}\b/g, ':_');
    expect(withoutTimes(printed.join('\n'))).toBe(withoutTimes(shown));
  });

  it('knows the apps there are', { timeout: minute }, async () => {
    const dev = frontage(['dev', 'radio']);
    expect(await dev.ended()).toBe(2);
    expect(dev.output).toBe('error: there is no app radio; there are reseller, tv\n');
  });
});

describe('frontage build', () => {
  it(
    'builds one app, whatever is wrong with another, and says the place of a mistake',
    { timeout: minute },
    async () => {
      const other = 'apps/reseller/src/main.ts';
      const source = await workspace.read(other);
      await workspace.write(other, `${source}const wrong: number = 'text';\n`);
      try {
        const one = frontage(['build', 'tv']);
        expect(await one.ended(), one.output).toBe(0);
        const all = frontage(['build', 'tv', 'reseller']);
        expect(await all.ended()).toBe(1);
        expect(all.output).toMatch(/^apps\/reseller\/src\/main\.ts:\d+:7 error TS2322: /m);
        expect(all.output).toMatch(/not built: correct the errors above\n$/);
      } finally {
        await workspace.write(other, source);
      }
    },
  );
});

describe('frontage token', () => {
  it('prints a token of the sandbox that runs, for use in other commands', { timeout: minute }, async () => {
    const dev = frontage(['dev', 'reseller']);
    const [, sandbox = ''] = await dev.until(/^ {2}sandbox +(\S+)$/m);
    const [, url = ''] = /reseller listens at (\S+)/.exec(dev.output) ?? [];
    const bin = 'node libs/generator/bin/frontage.js token --user ada --scope catalogue:read --audience reseller-bff';
    const token = `$(${bin} --issuer ${sandbox}/issuer)`;
    expect(await paste(`curl -s -H "authorization: Bearer ${token}" '${url}/v1/products?limit=1'`)).toMatchObject({
      status: 200,
    });
  });

  it('names the address that did not respond', { timeout: minute }, async () => {
    const issuer = 'http://127.0.0.1:1/issuer';
    const token = frontage(['token', '--user', 'ada', '--issuer', issuer]);
    expect(await token.ended()).toBe(1);
    expect(token.output).toBe(`no sandbox listens at ${issuer}: start one with \`npm start\`\n`);
  });
});

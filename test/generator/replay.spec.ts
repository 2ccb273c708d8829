import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunningCommand } from './running-command.js';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

const minute = 60_000;
const ports = { SANDBOX_PORT: '0', TV_PORT: '0', TV_ADMIN_PORT: '0' };
const policy = 'apps/tv/bff.yaml';
const screen = 'apps/tv/src/home/home.screen.ts';
/** As an app has kept it: the service of recommendations took 5 s. */
const recorded = '7d0c2f4e-5a1b-4c3d-9e8f-0a1b2c3d4e5f.incident.json';

let workspace: WorkspaceCopy;
let dev: RunningCommand | undefined;
beforeAll(async () => {
  workspace = await WorkspaceCopy.whole();
  await workspace.frontage('new', 'tv', '--client', 'mobile');
  await edit(policy, (text) => `${text}\nincidents: { screens: [tv.home], folder: incidents }\n`);
  await mkdir(join(workspace.root, 'incidents'));
  await cp(new URL(`fixtures/${recorded}`, import.meta.url), join(workspace.root, 'incidents', recorded));
  const built = await workspace.run('tsc', '-b', 'apps/tv', 'libs/generator', 'libs/sandbox', 'libs/testing');
  expect(built, built.output).toMatchObject({ code: 0 });
}, 3 * minute);
afterEach(() => dev?.interrupt());
afterAll(() => workspace.remove());

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const before = await workspace.read(path);
  expect(change(before)).not.toBe(before);
  await workspace.write(path, change(before));
}
const passes = async (spec: string): Promise<boolean> => (await workspace.run('vitest', 'run', spec)).code === 0;
const nothing = "{ items: [], model: 'none', generatedAt: '2030-01-01T00:00:00Z' }";
const specIn = (text: string): string => /vitest run (\S+)/.exec(text)?.[1] ?? '';

describe('frontage replay', () => {
  it('makes a test that fails before a fix and passes after it', { timeout: 5 * minute }, async () => {
    const made = await workspace.frontage('replay', `incidents/${recorded}`);
    expect(made, made.errors).toMatchObject({ code: 0 });
    const spec = specIn(made.out);
    const page = await readFile(join(workspaceRoot, 'docs/replay.md'), 'utf8');
    expect(page).toContain(`$ npx frontage replay incidents/${recorded}\n${made.out.trimEnd()}\n\`\`\``);
    expect(page).toContain(`\`\`\`ts\n${await workspace.read(spec)}\`\`\``);
    const compiled = await workspace.run('tsc', '-p', 'tsconfig.test.json');
    expect(compiled, compiled.output).toMatchObject({ code: 0 });
    const linted = await workspace.run('oxlint', '--deny-warnings', spec);
    expect(linted, linted.output).toMatchObject({ code: 0 });
    const formatted = await workspace.run('prettier', '--check', spec, spec.replace('.spec.ts', '.json'));
    expect(formatted, formatted.output).toMatchObject({ code: 0 });

    expect(await passes(spec)).toBe(false);
    const whole = (text: string): string => text.replace('deadlineMs: 800', 'deadlineMs: 1000');
    const patient = (text: string): string =>
      text.replace('deadline: 600ms', 'deadline: 1s').replace("RECOMMENDATIONS_URL}'] }", "RECOMMENDATIONS_URL}'], timeout: 950ms }"); // prettier-ignore
    const [impatient, hasty] = [await workspace.read(policy), await workspace.read(screen)];
    await edit(policy, patient);
    await edit(screen, whole);
    expect(await passes(spec)).toBe(true);
    // Another fix in its place.
    await workspace.write(policy, impatient);
    await workspace.write(screen, hasty);
    await edit(screen, (text) => text.replace(/limit: 6 },\n\s*}\);/, `limit: 6 } }, { fallback: ${nothing} });`));
    expect(await passes(spec)).toBe(true);
    const built = await workspace.run('tsc', '-b', 'apps/tv');
    expect(built, built.output).toMatchObject({ code: 0 });

    expect(await workspace.frontage('replay', `incidents/${recorded}`)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${spec} is there already`),
    });
    await edit(spec, (text) => `${text}// of the team\n`);
    expect(await workspace.frontage('replay', `incidents/${recorded}`)).toMatchObject({
      code: 1,
      errors: `${spec} is there already, and is another one: nothing was written\n`,
    });
    expect(await workspace.read(spec)).toContain('// of the team');
  });

  it('finds the incident of a running app by the id of its request', { timeout: 3 * minute }, async () => {
    dev = new RunningCommand(workspace.root, ['dev', 'tv'], ports);
    const [, admin = ''] = await dev.until(/^ {2}reference +(\S+)\/docs$/m);
    const [, sandbox = ''] = await dev.until(/^ {2}sandbox +(\S+)$/m);
    const [, token = '', url = ''] = await dev.until(/^ {2}curl .*Bearer ([\w.-]+).* '?(http:[^\s']+)'?$/m);
    const ask = (): Promise<Response> => fetch(url, { headers: { authorization: `Bearer ${token}` } });
    const fault = (members: object): Promise<Response> =>
      fetch(`${sandbox}/__sandbox/recommendations/faults`, { method: 'PUT', body: JSON.stringify(members) });
    await fault({ latencyMs: 5_000 });
    const response = await ask();
    const id = response.headers.get('x-request-id') ?? '';
    expect(await response.json()).toMatchObject({ _parts: { suggested: { status: 'timeout' } } });

    // The file is written after the response.
    const fresh = await vi.waitFor(
      async () => {
        const run = await workspace.frontage('replay', 'latest', '--admin', admin, '--dry-run');
        expect(run, run.errors).toMatchObject({ code: 0 });
        return run;
      },
      { timeout: minute },
    );
    const made = await workspace.frontage('replay', id, '--admin', admin);
    expect(made).toEqual(fresh);
    expect(await passes(specIn(made.out))).toBe(false);
    const wrong = await workspace.frontage('replay', 'r-1', '--admin', admin);
    expect(wrong.errors).toBe(`no incident of the request r-1 was found\n  ${admin}: it has not kept this one\n`);
  });

  it.each<[args: readonly string[], code: number, message: string]>([
    [['incidents/none.json'], 2, 'there is no file incidents/none.json'],
    [['package.json'], 1, 'package.json is no incident: docs/replay.md says how one is kept'],
    [['r-1', '--admin', 'nowhere'], 2, '--admin nowhere is no address: write it as http://host:port'],
    [
      ['r-1', '--admin', 'http://127.0.0.1:1'],
      1,
      'no incident of the request r-1 was found\n  http://127.0.0.1:1: nothing responds there',
    ],
    [['r-1', '--late', 'soon'], 2, '--late soon is no time: write milliseconds from 1 to 600000'],
  ])('refuses %j', async (args, code, message) => {
    const { errors, ...run } = await workspace.frontage('replay', ...args);
    expect(run.code).toBe(code);
    expect(errors).toContain(message);
  });
});

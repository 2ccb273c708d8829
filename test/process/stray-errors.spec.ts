import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const policy = (log: string): string => `bff: shop
listen: { port: 0, adminPort: 0 }
access: off
addressLimit: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
shutdown: { delay: 5s, grace: 4s }
log: { file: ${JSON.stringify(log)} }
`;
const alone = { script: 'test/process/fixtures/shop.main.ts' };
const ways = {
  'one process': alone,
  'an application of a team': { script: 'test/process/fixtures/existing.main.ts' },
  'several processes': {
    script: 'libs/generator/src/main.ts',
    args: ['serve', 'test/process/fixtures/shop.main.ts', '--processes', '2'],
  },
};

let folder: string;
let log: string;
let app: AppProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-stray-'));
});
afterEach(() => app.signal('SIGKILL'));
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function start(
  way: (typeof ways)[keyof typeof ways],
): Promise<{ readonly url: string; readonly adminUrl: string }> {
  const name = `${(count += 1)}`;
  log = join(folder, `${name}.log`);
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, policy(log));
  app = new AppProcess({ ...way, env: { SHOP_POLICY: file } });
  return app.ready();
}

const pidAt = async (url: string): Promise<number> =>
  ((await (await fetch(url)).json()) as { readonly pid: number }).pid;

const warnings = async (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ msg }) => msg === 'warning');

describe.each(Object.keys(ways) as (keyof typeof ways)[])('a promise that nothing waits for, in %s', (way) => {
  it('does not end the process, and is logged and counted', async () => {
    const { url, adminUrl } = await start(ways[way]);
    const pid = await pidAt(`${url}/forgotten?times=1`);
    await vi.waitFor(async () => expect(await warnings()).toHaveLength(1), { timeout: 10_000 });
    for (let i = 0; i < 8; i++) await pidAt(`${url}/who`);
    if (way !== 'several processes') expect(await pidAt(`${url}/who`)).toBe(pid);
    const [line] = await warnings();
    expect(line?.['warning']).toBe('a promise was rejected and nothing waited for it: an await is missing');
    expect(JSON.stringify(line)).toContain('nothing waits for this');
    expect(JSON.stringify(line)).not.toContain('hunter2');
    if (way !== 'an application of a team') {
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      expect(metrics).toContain('frontage_unhandled_rejections_total 1');
    }
    expect(app.isRunning).toBe(true);
  });
});

it('logs few of many forgotten promises, and counts all of them', async () => {
  const { url, adminUrl } = await start(alone);
  await pidAt(`${url}/forgotten?times=5000`);
  await vi.waitFor(async () => {
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expect(metrics).toContain('frontage_unhandled_rejections_total 5000');
  });
  await vi.waitFor(async () => expect(await warnings()).toHaveLength(10), { timeout: 10_000 });
  expect((await fetch(`${url}/who`)).status).toBe(200);
});

describe.each(['one process', 'an application of a team'] as const)('an uncaught exception, in %s', (way) => {
  it('ends the process with 1, once what is under way has its response and the log is written', async () => {
    const { url } = await start(ways[way]);
    const slow = pidAt(`${url}/slow?ms=1000`);
    const pid = await pidAt(`${url}/stray`);
    expect(await slow).toBe(pid);
    const { code, stderr } = await app.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('uncaught exception, the process ends: Error: thrown by a timer');
    expect(stderr).not.toContain('hunter2');
    expect(await warnings()).toMatchObject([{ warning: 'an exception was caught by nothing: the process ends' }]);
  });
});

it('ends the process at once where a second exception comes while it ends', async () => {
  const { url } = await start(alone);
  const slow = pidAt(`${url}/slow?ms=3900`).catch(() => undefined);
  await pidAt(`${url}/stray`);
  const again = pidAt(`${url}/stray`).catch(() => undefined);
  await Promise.all([slow, again]);
  expect((await app.ended).code).toBe(1);
});

it('has another process take the place of one that an exception ended', async () => {
  const { url } = await start(ways['several processes']);
  const gone = await pidAt(`${url}/stray`);
  await vi.waitFor(() => expect(app.said).toContain(`process ${gone} ended with code 1; another one takes its place`), {
    timeout: 20_000,
  });
  expect(app.said).not.toContain('hunter2');
  expect(await pidAt(`${url}/who`)).not.toBe(gone);
});

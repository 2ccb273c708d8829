import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { runProgram } from '@frontage/generator';
import { startWorld, type World } from '@frontage/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { schemaMistakes } from './grafana-schema.js';
import { WorkspaceCopy } from '../generator/workspace-copy.js';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const deploy = join(root, 'deploy');
const rulesFile = join(deploy, 'prometheus/mobile.rules.gen.yaml');
const boardTexts = await Promise.all(
  ['slo', 'app'].map((name) => readFile(join(deploy, `grafana/mobile.${name}.gen.json`), 'utf8')),
);
const boards: readonly Board[] = boardTexts.map((text): Board => JSON.parse(text));
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
if (!hasPromtool)
  process.stderr.write('SKIPPED: promtool is not installed (apt-get install prometheus), so no rule was loaded.\n');

const promtool = (...args: string[]): { code: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
};

interface BoardPanel {
  readonly id: number;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}
interface Board {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly BoardPanel[];
}
const queriesOf = ({ panels }: Board): string[] =>
  panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-slo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the rules and the dashboards of apps/mobile', () => {
  it('are as frontage slo writes them', async () => {
    let text = '';
    const write = (part: string): unknown => (text += part);
    const code = await runProgram(['slo', 'mobile', '--check'], { cwd: root, write, writeError: write });
    expect(text).toBe('4 files of mobile are current: nothing has changed\n');
    expect(code).toBe(0);
  });

  it('are those of docs/slo.md', async () => {
    const page = await readFile(join(root, 'docs/slo.md'), 'utf8');
    const blocks = (language: string): string[] =>
      [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
    expect(await readFile(join(root, 'apps/mobile/bff.yaml'), 'utf8')).toContain(blocks('yaml')[0]);
    let text = '';
    const write = (part: string): unknown => (text += part);
    const shop = await WorkspaceCopy.whole(['apps']);
    try {
      expect(await runProgram(['slo', 'mobile'], { cwd: shop.root, write, writeError: write })).toBe(0);
    } finally {
      await shop.remove();
    }
    expect(`$ npx frontage slo mobile\n${text}`).toBe(blocks('console')[0]);
    const windows = new Set((await readFile(rulesFile, 'utf8')).match(/ratio_rate\w+/g));
    for (const window of windows) expect(page).toContain(window.replace(/^ratio_rate(?!5m)/, ''));
  });

  it.runIf(hasPromtool)('are rules that Prometheus takes, and pass their tests', () => {
    expect(promtool('check', 'rules', rulesFile)).toMatchObject({
      code: 0,
      output: expect.stringContaining('SUCCESS'),
    });
    const tests = promtool('test', 'rules', rulesFile.replace('.rules.', '.rules-test.'));
    expect(tests.output).toContain('SUCCESS');
    expect(tests.code).toBe(0);
  });

  it.runIf(hasPromtool).each([
    ['a limit that is too high', /> 0\.0144/g, '> 0.9'],
    ['another status that counts as bad', /code=~"5\.\."/g, 'code=~"4.."'],
    ['another bound of a bucket', /le="0\.5"/g, 'le="0.25"'],
    ['a window that ends too late', /(mobile\.home",slo="completeness"\} > 0\.06) and frontage:slo_errors:ratio_rate30m/g, '$1 and frontage:slo_errors:ratio_rate3d'], // prettier-ignore
  ])('fail their tests with %s', async (_, from, to) => {
    await cp(join(deploy, 'prometheus'), folder, { recursive: true });
    const rules = await readFile(rulesFile, 'utf8');
    expect(rules).toMatch(from);
    await writeFile(join(folder, 'mobile.rules.gen.yaml'), rules.replaceAll(from, to));
    expect(promtool('test', 'rules', join(folder, 'mobile.rules-test.gen.yaml')).code).not.toBe(0);
  });

  it.runIf(hasPromtool)('have queries that Prometheus can read, all of them', async () => {
    const queries = boards.flatMap(queriesOf);
    expect(queries.length).toBeGreaterThan(60);
    const rules = queries.map((expr, index) => ({
      record: `q${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    const file = join(folder, 'queries.yaml');
    await writeFile(file, stringify({ groups: [{ name: 'queries', rules }] }));
    expect(promtool('check', 'rules', file)).toMatchObject({ code: 0 });
    await writeFile(file, stringify({ groups: [{ name: 'queries', rules: [{ record: 'q', expr: 'sum(rate(' }] }] }));
    expect(promtool('check', 'rules', file).code).not.toBe(0);
  });

  it.each(boardTexts)('are dashboards that fit the schema of Grafana', (text) => {
    expect(schemaMistakes(text)).toEqual([]);
    for (const [right, wrong, says] of [
      ['"gridPos"', '"gridpos"', 'gridpos'],
      ['"mode": "absolute"', '"mode": "relative"', 'relative'],
      ['"type": "timeseries"', '"type": "timeserie"', 'timeserie'],
      ['"h": 7', '"h": "7"', "'string' is not assignable to type 'number'"],
      ['"h": 8', '"h": "8"', "'string' is not assignable to type 'number'"],
    ] as const)
      if (text.includes(right)) expect(schemaMistakes(text.replace(right, wrong)).join(' ')).toContain(says);
  });

  it('read no metric that an app does not have, and nearly all that it has', async () => {
    const page = await readFile(join(root, 'docs/metrics.md'), 'utf8');
    const listed = new Map(
      [...page.matchAll(/^\| `(\w+)` +\| (\w+)/gm)].map(([, name = '', type = '']) => [name, type] as const),
    );
    const read = new Set(
      boards
        .flatMap(queriesOf)
        .flatMap((query) => [...query.matchAll(/\b((?:http|frontage|process|nodejs)_\w+)\{/g)])
        .map(([, name = '']) => name.replace(/_(?:bucket|sum|count)$/, (end) => (listed.has(name) ? end : ''))),
    );
    expect([...read].filter((name) => !listed.has(name))).toEqual([]);
    expect(read.size).toBeGreaterThan(30);
  });

  it.each(boards)('have panels with an id each, inside of the grid, none above another', ({ panels, ...board }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Map<string, number>();
    for (const { id, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x} ${y}`), `panel ${id}`).toBeUndefined();
          taken.set(`${x} ${y}`, id);
        }
    }
    for (const { targets = [] } of panels)
      expect(targets.map(({ refId }) => refId)).toEqual(['A', 'B', 'C'].slice(0, targets.length));
    expect(board).toMatchObject({ uid: expect.stringMatching(/^frontage-mobile-(?:slo|app)$/), schemaVersion: 39 });
  });
});

describe('the metrics of a running app', () => {
  let world: World;
  let gateway: Gateway;
  let metrics = '';
  beforeAll(async () => {
    const names = ['users', 'catalogue', 'inventory', 'carts', 'orders', 'shipping', 'reviews', 'recommendations', 'content']; // prettier-ignore
    world = await startWorld({ upstreams: names, separate: ['content', 'orders'] });
    const env = { ...world.env, MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0' };
    const loaded = loadConfig(join(root, 'apps/mobile/bff.yaml'), { env });
    gateway = createGateway(MobileModule, { loaded: { ...loaded, log: { ...loaded.log, requests: false } } });
    const { url, adminUrl } = await gateway.start();
    const token = await world.token({ user: 'ada', scopes: ['home:read'], audience: 'mobile-bff' });
    const ask = async (): Promise<number> => {
      const response = await fetch(`${url}/home`, { headers: { authorization: `Bearer ${token}` } });
      await response.text();
      return response.status;
    };
    await world.setFault('content', { status: 503 });
    expect(await ask()).toBe(200);
    await world.setFault('orders', { status: 503 });
    expect(await ask()).toBe(502);
    metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  }, 60_000);
  afterAll(async () => {
    await gateway.close();
    await world.stop();
  });

  it('have every series that the rules of a screen read: errors, the bound of its latency, missing parts', async () => {
    const labels = 'http_request_method="GET",http_route="/home"';
    expect(metrics).toContain(`frontage_partial_responses_total{${labels}} 1\n`);
    expect(metrics).toContain(
      `http_server_request_duration_seconds_count{${labels},http_response_status_code="200"} 1\n`,
    );
    expect(metrics).toContain(
      `http_server_request_duration_seconds_count{${labels},http_response_status_code="502",error_type="GW_UPSTREAM_FAILED"} 1\n`,
    );
    expect(metrics).toMatch(
      new RegExp(
        `^http_server_request_duration_seconds_bucket\\{${labels},http_response_status_code="200",le="0.5"\\} `,
        'm',
      ),
    );
    // No rule names a metric or a label that the app does not have.
    const rules = await readFile(rulesFile, 'utf8');
    const read = new Set([...rules.matchAll(/\b(http_\w+|frontage_\w+)\{([^}]*)\}/g)].map(([, name = '']) => name));
    expect(read.size).toBe(3);
    for (const name of read) expect(metrics).toContain(`\n${name}{`);
  });
});

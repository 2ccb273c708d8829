import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import { runProgram } from '../program.js';
import { doctorRules, doctorText } from './doctor-finding.js';
import { nestFindings, nodeFindings, portFindings } from './installation-checks.js';

let root = '';
let out = '';
let errors = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-doctor-'));
  await put('package.json', '{ "engines": { "node": ">=24.2" } }');
  await put('libs/upstreams/package.json', '{}');
  await put('apps/tv/bff.yaml', 'bff: tv\nlisten: { port: 4010, adminPort: 5010 }\nupstreams: { orders: { urls: [http://a] } }\n');
  await put('apps/tv/openapi.gen.json', '{}');
  await put('CODEOWNERS', '* @all\n/apps/tv/ @tv-team # screens\n');
  await put('apps/tv/dist/main.js', `console.log(process.argv[2] === '--openapi' ? '{}' : ${JSON.stringify(JSON.stringify({ ...describedApp, endpoints: [] }))})`);
  await put('libs/upstreams/orders/openapi.yaml', contract('orders', ', x-owner: orders-team'));
  await frontage('upstream', 'update', 'orders', '--stored');
}); // prettier-ignore
afterEach(() => rm(root, { recursive: true, force: true }));

const contract = (title: string, more = ''): string =>
  `openapi: 3.1.0\ninfo: { title: ${title}, version: '1'${more} }\npaths: { /a: { get: { operationId: getA, responses: { '204': { description: d } } } } }\n`;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function frontage(...args: string[]): Promise<number> {
  out = '';
  errors = '';
  const write = (text: string): void => void (out += text);
  return runProgram(args, { cwd: root, write, writeError: (text) => void (errors += text) });
}

async function rules(): Promise<readonly string[]> {
  await frontage('doctor', '--json');
  const { findings }: { findings: readonly { level: string; rule: string; place: string }[] } = JSON.parse(out);
  return findings.map(({ level, rule, place }) => `${level} ${rule} ${place}`);
}

describe('frontage doctor', () => {
  it('finds nothing in a workspace that is as it should be', async () => {
    expect(await frontage('doctor')).toBe(0);
    expect(out).toBe('nothing found by 10 rules\n');
  });

  it('finds a client that is older than its contract, a stale document, an unused upstream and two apps on one port', async () => {
    await put(
      'libs/upstreams/orders/openapi.yaml',
      contract('orders', ', x-owner: orders-team').replace('getA', 'getB'),
    );
    await put('libs/upstreams/attic/openapi.yaml', contract('attic'));
    await put('apps/tv/openapi.gen.json', '{ "openapi": "3.1.0" }');
    await put('apps/radio/bff.yaml', 'bff: radio\nlisten: { port: 4010 }\n');
    await put(
      'apps/radio/dist/main.js',
      `console.log(${JSON.stringify(JSON.stringify({ ...describedApp, bff: 'radio', endpoints: [] }))})`,
    );
    await put('CODEOWNERS', '/apps/tv/ @tv-team\n');
    expect(await rules()).toEqual([
      'error port-clash apps/tv/bff.yaml',
      'error stale-client libs/upstreams/attic/attic.gen.ts',
      'error stale-client libs/upstreams/attic/schemas.gen.ts',
      'error stale-client libs/upstreams/orders/orders.gen.ts',
      'error stale-document apps/tv/openapi.gen.json',
      'warning unused-upstream libs/upstreams/attic',
      'warning stale-document apps/radio/openapi.gen.json',
      'note no-owner libs/upstreams/attic/openapi.yaml',
      'note no-owner apps/radio',
    ]);
    expect(await frontage('doctor')).toBe(1);
    expect(errors).toContain('  fix:  npx frontage upstream update orders --stored\n');
  });

  it('explains each of its rules on its page in the same words', async () => {
    const page = await readFile(new URL('../../../../docs/doctor.md', import.meta.url), 'utf8');
    for (const [rule, reason] of Object.entries(doctorRules))
      expect(page).toMatch(new RegExp(`^\\| \`${rule}\` +\\| \\w+ +\\| ${reason} *\\|$`, 'm'));
  });

  it('finds an app that does not start, and looks at the others', async () => {
    await put('apps/tv/dist/main.js', 'throw new Error("no");');
    expect(await rules()).toEqual(['error does-not-start apps/tv']);
  });

  it('finds an older Node.js than the workspace asks for', () => {
    expect(nodeFindings(root, '24.1.9').map(({ message }) => message)).toEqual([
      'this is Node.js 24.1.9, and engines.node is >=24.2',
    ]);
    for (const running of ['24.2.0', '24.10.0', '25.0.0']) expect(nodeFindings(root, running)).toEqual([]);
  });

  it('finds two copies of a package of Nest', async () => {
    for (const place of ['.', 'apps/tv'])
      await put(`${place}/node_modules/@nestjs/core/package.json`, `{ "version": "${place === '.' ? 12 : 11}.0.0" }`);
    expect(nestFindings(root, [join(root, 'apps/tv')]).map(({ message }) => message)).toEqual([
      '@nestjs/core is there 2 times: node_modules/@nestjs/core 12.0.0 for the workspace; apps/tv/node_modules/@nestjs/core 11.0.0 for apps/tv',
    ]);
  });

  it('names a free port, and the variable that sets it', async () => {
    await put('apps/radio/bff.yaml', "bff: radio\nlisten: { port: '${RADIO_PORT:-4010}', adminPort: 4011 }\n");
    expect(portFindings(root, {}).map(({ fix }) => fix)).toEqual([
      'set RADIO_PORT of radio to a free port, such as 4012',
    ]);
    const page = await readFile(new URL('../../../../docs/doctor.md', import.meta.url), 'utf8');
    expect(page).toContain(doctorText(portFindings(root, {})).split('\n\n')[0]);
    expect(portFindings(root, { RADIO_PORT: '4099' })).toEqual([]);
  });
});

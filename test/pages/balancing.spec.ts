import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUpstream } from '@frontage/clients';
import { loadConfig } from '@frontage/config';
import { RequestContext } from '@frontage/context';
import { SchemaTable, systemClock, type OperationInfo } from '@frontage/core';
import { workspaceRoot } from '@frontage/testing';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';

const page = readFileSync(join(workspaceRoot, 'docs/balancing.md'), 'utf8');
const blocksOf = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) => text);
const policies = blocksOf('yaml');
const env = { RELEASE_KEY: 'a-key-of-releases' };

const folder = mkdtempSync(join(tmpdir(), 'balancing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the page about balancing', () => {
  it.each(policies.map((text, index) => [index + 1, text] as const))(
    'shows a policy that is accepted (%i)',
    (index, text) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      const { upstreams } = loadConfig(file, { env });
      expect(Object.values(upstreams).every(({ balance }) => balance !== undefined)).toBe(true);
    },
  );

  it('shows the defaults', () => {
    const least = join(folder, 'least.yaml');
    const first = join(folder, 'first.yaml');
    writeFileSync(first, policies[0] ?? '');
    writeFileSync(
      least,
      (policies[0] ?? '').replace(/balance: .*/, 'balance: {}').replace(/health: .*/, 'health: { path: /healthz }'),
    );
    expect(loadConfig(least, { env }).upstreams).toEqual(loadConfig(first, { env }).upstreams);
  });

  it('shows a command that signs a header, by which a request chooses its group', async () => {
    const [command = ''] = blocksOf('sh');
    const header = execFileSync('/bin/sh', ['-c', command], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    }).trim();
    const text = policies.find((each) => each.includes('canary')) ?? '';
    const file = join(folder, 'canary.yaml');
    const servers: RawServer[] = [];
    for (const name of ['7', '8', '9']) {
      const body = JSON.stringify(name);
      const reply = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      servers.push(await RawServer.start((socket) => void socket.write(reply)));
    }
    onTestFinished(async () => {
      for (const each of servers) await each.stop();
    });
    const placed = text.replaceAll(
      /http:\/\/10\.0\.0\.(\d):8080/g,
      (_, last: string) => servers[Number(last) - 7]?.url ?? '',
    );
    writeFileSync(file, placed);
    const policy = loadConfig(file, { env }).upstreams['orders'];
    if (policy === undefined) throw new Error('the page has no such upstream');
    const { credentials: _, security: __, ...options } = policy;
    const upstream = createUpstream('orders', options, { clock: systemClock });
    onTestFinished(() => upstream.close());
    const info: OperationInfo = {
      contract: { upstream: 'orders', title: 'Orders', version: '1', schemas: new SchemaTable([]) },
      id: 'which',
      method: 'GET',
      path: '/which',
      responses: [{ status: '200', media: 'application/json' }],
    };
    for (let call = 0; call < 5; call++) {
      const context = new RequestContext('r', systemClock.now(), 'GET', `10.1.0.${call}`, { 'x-release': header });
      const scope = { context, part: 'which', deadlineAt: Infinity, cancellation: context.cancellation };
      expect(await upstream.executor(info)({}, scope)).toEqual({ ok: true, value: '9' });
    }
  });

  it('names each metric that there is', () => {
    for (const name of ['frontage_upstream_addresses', 'frontage_upstream_panic', 'frontage_address_ejections_total'])
      expect(page).toContain(name);
  });
});

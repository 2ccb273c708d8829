import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Post } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../create-gateway.js';
import { specModule } from '../fixtures/gateway-under-test.js';

const page = readFileSync(new URL('../../../../docs/hardening.md', import.meta.url), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'hardening-'));
beforeAll(() => {
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(join(folder, 'secrets/origin'), 'the-secret-of-the-page\n');
  writeFileSync(join(folder, 'cdn-addresses.txt'), '198.51.100.0/24\n');
});
afterAll(() => rmSync(folder, { recursive: true }));
let gateway: Gateway | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

@Public()
@Controller('orders')
class Orders {
  @Post()
  add(): string {
    return 'added';
  }
}

interface Example {
  readonly policy: string;
  /** Head of a request. */
  readonly request: string | undefined;
  /** Head of the response to it. */
  readonly response: string | undefined;
}

/** Blocks of policy, each with the conversation that follows it. */
const examples = [...page.matchAll(/```yaml\n([^`]*)```\n(?:\n```http\n([^`]*?)\n\n([^`]*)\n```)?/g)].map(
  ([, policy = '', request, response]): Example => ({ policy, request, response }),
);

const load = (policy: string) => {
  const file = join(folder, 'bff.yaml');
  const listen = 'port: 0\n  adminPort: 0';
  const text = policy.includes('port: 4001') ? policy.replace('port: 4001', listen) : `listen:\n  ${listen}\n${policy}`;
  writeFileSync(file, `bff: spec\nlog: { requests: false }\n${text}`);
  return loadConfig(file, { env: {}, environment: 'test' });
};

/** The head of the response. */
function exchange(url: string, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(text.split('\r\n\r\n')[0] ?? ''));
    socket.write(`${head.split('\n').join('\r\n')}\r\nhost: x\r\nconnection: close\r\n\r\n`);
  });
}

describe('docs/hardening.md', () => {
  it.each(examples)('has lines of policy with which an app starts: $policy', async ({ policy }) => {
    gateway = createGateway(specModule({ controllers: [Orders] }), { loaded: load(policy) });
    expect((await gateway.start()).url).toMatch(/^http:/);
  });

  it.each(examples.filter(({ request }) => request !== undefined))(
    'shows the response to a request: $request',
    async ({ policy, request = '', response = '' }) => {
      gateway = createGateway(specModule({ controllers: [Orders] }), { loaded: load(policy) });
      const [status, ...fields] = (await exchange((await gateway.start()).url, request)).toLowerCase().split('\r\n');
      const [wantedStatus, ...wanted] = response.trim().toLowerCase().split('\n');
      expect(status).toBe(wantedStatus);
      const together = Map.groupBy(fields, (line) => line.split(': ')[0]);
      const merged = [...together].map(
        ([name, lines]) => `${name}: ${lines.map((line) => line.slice(`${name}: `.length)).join(', ')}`,
      );
      expect(merged).toEqual(expect.arrayContaining(wanted));
      if (policy.includes('strictTransportSecurity: off'))
        expect(merged.join('\n')).not.toContain('strict-transport-security');
    },
  );

  it('names each header field of security with its default', async () => {
    gateway = createGateway(specModule({ controllers: [Orders] }), { loaded: load('') });
    const { url } = await gateway.start();
    const { headers } = await fetch(`${url}/nothing`);
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| `([^`]+)` +\| (?:`\w+`)? +\|$/gm)];
    expect(rows.length).toBe(5);
    for (const [, name = '', value] of rows) expect([name, headers.get(name)]).toEqual([name, value]);
  });
});

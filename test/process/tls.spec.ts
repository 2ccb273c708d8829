import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Authority, type Pair } from '../../libs/gateway/src/fixtures/certificates.js';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const authority = new Authority();
const named = (name: string): Pair => authority.issue({ name: `/CN=${name}`, san: 'IP:127.0.0.1' });
let folder: string;
let app: AppProcess;
let url = '';
let adminUrl = '';

async function put({ cert, key }: Pair): Promise<void> {
  await writeFile(join(folder, 'server.pem'), cert);
  await writeFile(join(folder, 'server.key'), key);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-tls-'));
  await put(named('first'));
  await writeFile(
    join(folder, 'bff.yaml'),
    `bff: shop
listen: { port: 0, adminPort: 0, tls: { certificate: server.pem, key: server.key, reload: 100ms } }
access: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
log: { file: '${join(folder, 'log')}' }
`,
  );
  app = new AppProcess({
    script: 'libs/generator/src/main.ts',
    args: ['serve', fileURLToPath(new URL('./fixtures/shop.main.ts', import.meta.url)), '--processes', '2'],
    env: { SHOP_POLICY: join(folder, 'bff.yaml') },
  });
  ({ url, adminUrl } = await app.ready());
});
afterAll(async () => {
  app.signal('SIGTERM');
  await app.ended;
  await rm(folder, { recursive: true });
});

interface Seen {
  readonly pid: number;
  readonly certificate: unknown;
}

/** Asks over a connection of its own, with a full handshake. */
async function seen(): Promise<Seen> {
  const agent = new https.Agent({ ca: authority.cert, maxCachedSessions: 0 });
  const sent = https.request(`${url}/who`, { agent }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const certificate = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
  const { pid } = (await json(response)) as { readonly pid: number };
  return { pid, certificate };
}

/** The certificates that new connections to each of the processes see. */
async function byProcess(): Promise<readonly unknown[]> {
  const found = new Map<number, unknown>();
  for (let i = 0; i < 200 && found.size < 2; i++) {
    const { pid, certificate } = await seen();
    found.set(pid, certificate);
  }
  return [...found.values()];
}

it('several processes serve TLS behind one port, take a new certificate without a restart, and count down to its expiry', async () => {
  expect(url).toMatch(/^https:/);
  expect(await byProcess()).toEqual(['first', 'first']);
  await put(named('second'));
  await expect.poll(byProcess, { timeout: 30_000 }).toEqual(['second', 'second']);
  const sent = request(`${adminUrl}/metrics`, { agent: new Agent() }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let metrics = '';
  for await (const text of response.setEncoding('utf8')) metrics += String(text);
  expect(metrics.match(/^frontage_tls_certificate_expires_seconds\{process="[12]"\} 25\d{5}$/gm)).toHaveLength(2);
});

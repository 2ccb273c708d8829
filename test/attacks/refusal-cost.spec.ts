import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '@frontage/sandbox';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppProcess } from '../process/app-process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'refusal-cost-'));
const policy = (issuer: string, limits: string): string => `bff: refusing
listen: { port: 0 }
log: { level: silent }
access: { jwt: { issuer: '${issuer}', audience: spec, jwks: '${issuer}/jwks.json' } }
addressLimit: off
deadline: 60s
limits: { maxBody: 2MiB${limits} }
rateClasses:
  many: [{ per: app, limit: 1000000, window: 1h }]
  one: [{ per: address, limit: 1, window: 1h }]
`;

const large = `"${'x'.repeat(1024 * 1024 - 2)}"`;
const length = (bytes: number): string => `content-length: ${bytes}\r\n\r\n`;
const bodies = {
  none: length(0),
  small: `${length(2)}{}`,
  broken: `${length(1)}{`,
  'broken chunks': 'transfer-encoding: chunked\r\n\r\nZZ\r\n',
  '1 MiB': length(large.length) + large,
};
/** Beyond `limits.maxBody`. */
const tooLargeLine = length(3 * large.length);
const tooLarge = {
  none: tooLargeLine,
  small: `${tooLargeLine}{}`,
  '3 MiB': tooLargeLine + large.repeat(3),
};

interface Refusal {
  readonly line: string;
  readonly token?: 'ada';
  readonly media?: string;
  readonly bodies?: Readonly<Record<string, string>>;
}
const refusals: Readonly<Record<string, Refusal>> = {
  401: { line: 'POST /guarded' },
  403: { line: 'POST /guarded', token: 'ada' },
  404: { line: 'POST /nowhere' },
  405: { line: 'PUT /guarded' },
  413: { line: 'POST /open', bodies: tooLarge },
  // Without a body, or where its framing is broken, the media type is not what is wrong.
  415: {
    line: 'POST /open',
    media: 'text/plain',
    bodies: { small: bodies.small, broken: bodies.broken, '1 MiB': bodies['1 MiB'] },
  },
  429: { line: 'POST /few' },
  503: { line: 'POST /open' },
};

let issuer: Sandbox;
let refusing: AppProcess;
let shedding: AppProcess;
const urls = { refusing: { url: '', adminUrl: '' }, shedding: { url: '', adminUrl: '' } };
let token: string;

async function start(name: keyof typeof urls, limits: string): Promise<AppProcess> {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, policy(`${issuer.url}/issuer`, limits));
  const app = new AppProcess({ script: 'test/attacks/fixtures/refusing.main.ts', env: { REFUSING_POLICY: file } });
  urls[name] = await app.ready();
  return app;
}

const leaving = new AbortController();
beforeAll(async () => {
  issuer = await createSandbox({ contracts: [], behaviours: {} });
  token = await issuer.issueToken({ subject: 'ada', scopes: [], audience: 'spec' });
  [refusing, shedding] = await Promise.all([start('refusing', ''), start('shedding', ', maxInFlight: 1')]);
  expect((await fetch(`${urls.refusing.url}/few`, { method: 'POST' })).status).toBe(201);
  void fetch(`${urls.shedding.url}/hang`, { signal: leaving.signal }).catch(() => undefined);
  await vi.waitFor(async () => expect((await fetch(`${urls.shedding.url}/open`, { method: 'POST' })).status).toBe(503));
});
afterAll(async () => {
  leaving.abort();
  for (const app of [refusing, shedding]) app?.signal('SIGKILL');
  await issuer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a request on a connection of its own, and leaves once it has the status of the response. */
function ask(port: number, bytes: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setEncoding('latin1').on('data', (text: string) => {
      seen += text;
      if (!seen.includes('\r\n\r\n')) return;
      resolve(Number(seen.slice('HTTP/1.1 '.length).slice(0, 3)));
      socket.destroy();
    });
    // A body that is not read ends in a reset, once the response is here.
    socket.on('error', () => undefined);
    socket.on('close', () => reject(new Error('the connection ended without a response')));
  });
}

/** Requests under way at the same time. */
const atOnce = 8;
/**
 * Requests per body. A connection with an unread body stays open for half a second, a thousand of them at most, and a fast machine refuses
 * more than that in this time: those beyond it may be reset before their response is read.
 */
const timesOf = (body: string): number =>
  body.length > 1_000 || body.includes('chunked') || body.includes(tooLargeLine) ? 80 : 400;

/** The CPU time that the gateway needs for one such request, in milliseconds. */
async function costOf(status: string, body: string, times: number): Promise<number> {
  const { url, adminUrl } = status === '503' ? urls.shedding : urls.refusing;
  const { line, token: subject, media = 'application/json' } = refusals[status]!;
  const bearer = subject === undefined ? '' : `authorization: Bearer ${token}\r\n`;
  const bytes = `${line} HTTP/1.1\r\nhost: x\r\ncontent-type: ${media}\r\n${bearer}${body}`;
  const port = Number(new URL(url).port);
  const used = async (): Promise<number> => Number(await (await fetch(adminUrl)).text());
  const before = await used();
  const statuses = new Set<number>();
  for (let sent = 0; sent < times; sent += atOnce) {
    for (const one of await Promise.all(Array.from({ length: atOnce }, () => ask(port, bytes)))) statuses.add(one);
  }
  const after = await used();
  expect([...statuses]).toEqual([Number(status)]);
  return (after - before) / times;
}

/** The CPU time of a request among many on a few connections that stay open, in milliseconds. */
async function costWhenKept(path: string, status: number, times: number): Promise<number> {
  const { url, adminUrl } = urls.refusing;
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const post = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 2 };
      const sent = request(`${url}${path}`, { method: 'POST', agent, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject).end('{}');
    });
  const used = async (): Promise<number> => Number(await (await fetch(adminUrl)).text());
  const statuses = new Set<number>();
  const send = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += atOnce)
      for (const one of await Promise.all(Array.from({ length: atOnce }, post))) statuses.add(one);
  };
  await send(times / 2);
  const before = await used();
  await send(times);
  const after = await used();
  agent.destroy();
  expect([...statuses]).toEqual([status]);
  return (after - before) / times;
}

const figures: string[] = [];
afterAll(() => void process.stderr.write(`CPU per refused request, ms:\n${figures.join('\n')}\n`));

describe('the cost of a refusal (RELIABILITY H13)', () => {
  it.each(Object.keys(refusals))('does not depend on the body behind it: %s', async (status) => {
    const { bodies: sent = bodies } = refusals[status]!;
    const costs = new Map<string, number>();
    const [first = ''] = Object.values(sent);
    await costOf(status, first, timesOf(first));
    for (const [name, body] of Object.entries(sent)) costs.set(name, await costOf(status, body, timesOf(body)));
    figures.push(`${status}  ${[...costs].map(([name, cost]) => `${name} ${cost.toFixed(2)}`).join(', ')}`);
    const least = Math.min(...costs.values());
    for (const [name, cost] of costs) {
      // Reading 1 MiB costs 40 ms and more; what the system needs to take it off the wire is counted here too.
      expect(cost, name).toBeLessThan(3 * least + 4);
    }
  });

  it('is at most a fifth above that of the response that it replaces, on a connection that stays open', async () => {
    const costs: { readonly refused: number; readonly admitted: number }[] = [];
    // In turn: a process becomes faster while it runs, and other work of the machine comes and goes.
    for (let round = 0; round < 6; round++)
      costs.push({
        refused: await costWhenKept('/few', 429, 800),
        admitted: await costWhenKept('/open', 201, 800),
      });
    const refused = Math.min(...costs.map((one) => one.refused));
    const admitted = Math.min(...costs.map((one) => one.admitted));
    figures.push(`kept connection, 2 bytes  429 ${refused.toFixed(3)}, 201 ${admitted.toFixed(3)}`);
    // The admitted request parses its body, and calls a handler; both are noise and system calls for the most part.
    expect(refused).toBeLessThan(1.2 * admitted);
  });
});

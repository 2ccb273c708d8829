import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { optional, orOmit, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { channels, SchemaTable, type Contract, type Operation, type SchemaValidator } from '@frontage/core';
import { createGateway, Screen } from '@frontage/gateway';
import { parseMetrics } from '@frontage/tracing';
import { workspaceRoot } from '@frontage/testing';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { RateClass } from '@frontage/throttling';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Authority } from '../../libs/gateway/src/fixtures/certificates.js';
import {
  GatewayUnderTest,
  policyFile,
  policyText,
  specModule,
  takesTokens,
} from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { AppProcess } from '../process/app-process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

interface Metric {
  readonly type: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly meaning: string;
}

/** The rows of the page: name, type, unit, labels, meaning. */
const listed = new Map<string, Metric>(
  [
    ...readFileSync(join(workspaceRoot, 'docs/metrics.md'), 'utf8').matchAll(
      /^\| `(\w+)` +\| (counter|gauge|histogram) +\| (\S+) +\| (.*?) +\| (.*?) +\|$/gm,
    ),
  ].map(([, name = '', type = '', unit = '', labels = '', meaning = '']) => [
    name,
    { type, unit, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label), meaning },
  ]),
);

const tag = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
const refusesAll: SchemaValidator = Object.assign(() => false, { errors: [{ instancePath: '/id', keyword: 'type' }] });
const operationOf = (upstream: string, id: string): Operation<Record<never, never>, { id: string }, object, 'GET'> => {
  const contract: Contract = {
    upstream,
    title: upstream,
    version: '1',
    schemas: new SchemaTable([['Tag', JSON.stringify(tag)]]),
    ...(upstream === 'checked' && { validators: () => Promise.resolve(new Map([['Tag', refusesAll]])) }),
  };
  return {
    contract,
    id,
    method: 'GET',
    path: `/${id}`,
    responses: [{ status: '200', media: 'application/json', schema: 'Tag' }],
  };
};

/** A screen with one part that has to be there, and one that may be missing. */
const screenOf = (name: string, upstream = 'shop') => {
  const operation = operationOf(upstream, name);
  const both = plan(`metrics.${name}`, { deadlineMs: 5_000 }, () => ({
    sure: required(operationOf('shop', 'sure'), {}),
    extra: optional(operation, {}),
  }));
  return screen(both, ({ sure, extra }) => ({ sure: pick(sure, 'id'), extra: orOmit(pick(extra, 'id')) }), {
    count: 'page.shown',
  });
};

const held: (() => void)[] = [];

@Controller()
class Own {
  @Access()
  @Get('own')
  own() {
    return {};
  }
}

@Public()
@Controller()
class Screens {
  @Get('cached')
  @Screen(screenOf('cached'))
  cached() {
    return {};
  }
  @Get('kept')
  @Screen(screenOf('kept'))
  kept() {
    return {};
  }
  @Get('slow')
  @Screen(screenOf('slow'))
  slow() {
    return {};
  }
  @Get('flaky')
  @Screen(screenOf('flaky'))
  flaky() {
    return {};
  }
  @Get('broken')
  @Screen(screenOf('broken'))
  broken() {
    return {};
  }
  @Get('odd')
  @Screen(screenOf('odd'))
  odd() {
    return {};
  }
  @Get('stray')
  @Screen(screenOf('stray'))
  stray() {
    return {};
  }
  @Get('spread')
  @Screen(screenOf('spread', 'pair'))
  spread() {
    return {};
  }
  @Get('narrow')
  @Screen(screenOf('narrow', 'narrow'))
  narrow() {
    return {};
  }
  @Get('wrong')
  @Screen(screenOf('wrong', 'checked'))
  wrong() {
    return {};
  }
  @RateClass('few')
  @Get('few')
  few() {
    return {};
  }
  @Get('held')
  held() {
    return new Promise((resolve) => held.push(() => resolve({})));
  }
}

const good = rawReplies.json({ id: 't-1' });
const waiting: (() => void)[] = [];
const timesOf = new Map<string, number>();
/** The reply to each operation. */
const shop: RawReply = (socket, request) => {
  const times = (timesOf.get(request.target) ?? 0) + 1;
  timesOf.set(request.target, times);
  const reply = (how: RawReply): void => how(socket, request);
  switch (request.target) {
    case '/slow':
      return times === 1 ? undefined : reply(good);
    case '/flaky':
      return reply(times === 1 ? rawReplies.json({}, {}, 503) : good);
    case '/broken':
      return reply(rawReplies.json({}, {}, 500));
    case '/odd':
      return reply(rawReplies.bytes('HTTP/1.1 204 Nothing\r\n\r\n'));
    case '/stray':
      reply(good);
      return void setImmediate(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    case '/narrow':
      return void waiting.push(() => reply(good));
    default:
      return reply(good);
  }
};

const policy = (folder: string): string => `${takesTokens}
rateClasses: { few: [{ per: app, limit: 1, window: 1h }] }
limits: { maxInFlight: 3 }
admission: {}
screens: { metrics.kept: { ttl: 1m } }
signals: { lost: { watch: refusals, share: 1%, atLeast: 1, window: 1h, for: 1h } }
auditLog: { file: ${folder}/audit.log }
`;
const upstreams = (broken: string): string => `
  shop:
    urls: ['\${SHOP_URL}']
    lenient: [empty]
    cache: { cached: { ttl: 10s, scope: public } }
    operations:
      slow: { hedge: { after: 20ms } }
      flaky: { retry: { attempts: 2 } }
      broken: { breaker: { minimumCalls: 1 } }
  pair: { urls: ['\${SHOP_URL}', '${broken}'], balance: { by: round-robin, eject: { failures: 1, for: 60s } } }
  narrow: { urls: ['\${SHOP_URL}'], concurrency: 1, queue: 0 }
  checked: { urls: ['\${SHOP_URL}'], validate: enforce }`;

const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
const read = async (adminUrl: string): Promise<string> => (await fetch(`${adminUrl}/metrics`)).text();

const patience = { timeout: 20_000 };
const untilShown = (adminUrl: string, sample: string): Promise<boolean> =>
  vi.waitUntil(async () => (await read(adminUrl)).includes(sample), patience);

/** An app whose upstreams fail in every way that is counted. */
async function busyApp(): Promise<string> {
  const broken = await RawServer.start((socket) => void socket.destroy());
  const app = await GatewayUnderTest.start({
    controllers: [Screens, Own],
    policy: policy(folder),
    upstreams: upstreams(broken.url),
  });
  app.shop.reply = shop;
  const ask = async (path: string): Promise<number> => {
    const response = await app.ask(path);
    await response.text();
    return response.status;
  };
  for (const path of [
    'cached',
    'cached',
    'kept',
    'kept',
    'slow',
    'flaky',
    'broken',
    'broken',
    'odd',
    'stray',
    'wrong',
    'few',
  ])
    expect([path, await ask(`/${path}`)]).toEqual([path, 200]);
  for (let call = 0; call < 4; call++) await ask('/spread');
  expect(await ask('/few')).toBe(429);
  expect(await ask('/own')).toBe(401);
  expect((await app.post('/nothing', {})).status).toBe(404);
  const first = ask('/narrow');
  await vi.waitUntil(() => waiting.length === 1, patience);
  await ask('/narrow');
  for (const go of waiting) go();
  await first;
  const holding = [ask('/held'), ask('/held'), ask('/held')];
  await vi.waitUntil(() => held.length === 3, patience);
  expect(await ask('/few')).toBe(503);
  for (const go of held) go();
  await Promise.all(holding);
  // No observer takes what is no message.
  channels.cacheUsed.publish(undefined);
  await untilShown(app.adminUrl, 'frontage_upstream_unasked_closes_total{');
  await untilShown(app.adminUrl, 'frontage_signals_total{');
  const text = await read(app.adminUrl);
  await app.stop();
  await broken.stop();
  return text;
}

/** One behind a CDN, with TLS of its own. */
async function closedApp(): Promise<string> {
  const pair = new Authority().issue({ name: '/CN=shop', san: 'DNS:localhost,IP:127.0.0.1' });
  writeFileSync(join(folder, 'server.pem'), pair.cert);
  writeFileSync(join(folder, 'server.key'), pair.key);
  const tls = `, tls: { certificate: '${folder}/server.pem', key: '${folder}/server.key' }`;
  const listen = `${tls}, behindCdn: { clientAddress: Cf-Connecting-Ip, addresses: 192.0.2.0/24 }`;
  const file = policyFile(policyText({ listen, policy: 'access: off\n', upstreams: '' }));
  const gateway = createGateway(specModule({}), { loaded: loadConfig(file, { env: {}, environment: 'test' }) });
  const { adminUrl = '' } = await gateway.start();
  const text = await read(adminUrl);
  await gateway.close();
  return text;
}

/** Several processes, one of which forgets an await. */
async function servedApp(): Promise<string> {
  const file = policyFile('bff: shop\nlisten: { port: 0, adminPort: 0 }\naccess: off\naddressLimit: off\nrateClasses: { few: [{ per: app, limit: 9, window: 1h }] }\nlog: { requests: false }\n'); // prettier-ignore
  const args = ['serve', 'test/process/fixtures/shop.main.ts', '--processes', '2'];
  const app = new AppProcess({ script: 'libs/generator/src/main.ts', args, env: { SHOP_POLICY: file } });
  const { url, adminUrl } = await app.ready();
  await (await fetch(`${url}/forgotten?times=1`)).text();
  await untilShown(adminUrl, 'frontage_unhandled_rejections_total 1\n');
  const text = await read(adminUrl);
  app.signal('SIGTERM');
  await app.ended;
  return text;
}

/** The metrics of the three apps: what each name says, and the labels of its samples. */
const shown = new Map<string, { readonly type: string; readonly help: string; readonly labels: Set<string>; samples: number }>(); // prettier-ignore
beforeAll(async () => {
  const texts = [await busyApp(), await closedApp(), await servedApp()];
  for (const [app, text] of texts.entries())
    for (const [name, { type, help, samples }] of parseMetrics(text, `app ${app}`)) {
      const known = shown.get(name) ?? { type, help, labels: new Set<string>(), samples: 0 };
      shown.set(name, known);
      known.samples += samples.size;
      for (const key of samples.keys())
        for (const [, label = ''] of key.matchAll(/[{,](\w+)="/g))
          // A bound is of the type; the number of a process is of the port that adds up.
          if (label !== 'le' && label !== 'process') known.labels.add(label);
    }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the list of metrics', () => {
  it('has each metric that a process shows, and no other one', () => {
    expect([...listed.keys()].toSorted()).toEqual([...shown.keys()].toSorted());
  });

  it('says of each its type, its labels and its meaning as the process does', () => {
    for (const [name, { type, help, labels, samples }] of shown) {
      expect(samples, `${name} has a sample`).toBeGreaterThan(0);
      expect({ name, type, labels: [...labels], meaning: help }).toEqual({
        name,
        type: listed.get(name)?.type,
        labels: listed.get(name)?.labels,
        meaning: listed.get(name)?.meaning,
      });
    }
  });

  it('has names that end with the unit, and with total where they only grow', () => {
    for (const [name, { type, unit }] of listed) {
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      const ending = { s: 'seconds', B: 'bytes', ratio: 'ratio' }[unit];
      const base = name.replace(/_total$/, '');
      for (const other of ['seconds', 'bytes', 'ratio'])
        expect([name, base.endsWith(`_${other}`)]).toEqual([name, other === ending]);
    }
  });
});

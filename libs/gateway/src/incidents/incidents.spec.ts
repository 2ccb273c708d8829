import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { given, optional, orNull, pick, plan, required, screen, step } from '@frontage/aggregation';
import { Access, Caller } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { classifyNames, incidentOf, systemClock, type Incident } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { createSandbox, type Sandbox } from '@frontage/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGateway, type Gateway } from '../create-gateway.js';
import { policyFile, policyText, specModule, takesTokens } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';
import { IncidentFolder } from './incident-folder.js';
import { incidentText } from './incident-text.js';

const screenOf = (name: string, work: () => string) =>
  screen(
    plan(name, { input: { caller: given<Caller>() }, deadlineMs: 1000 }, ({ caller }) => {
      const own = required(getItem, { path: { id: caller.subject } });
      const other = optional(getItem, { path: { id: 'i-2' } }, { timeoutMs: 60 });
      return { own, other, made: step({ own }, work) };
    }),
    ({ own, other, made }) => ({ own: pick(own, 'id', 'name'), other: orNull(pick(other, 'name')), made }),
  );
const keptScreen = screenOf('spec.kept', () => 'made');
const otherScreen = screenOf('spec.other', () => 'made');
const brokenScreen = screenOf('spec.broken', () => {
  throw new TypeError('a mistake');
});

@Controller()
@Access({ scope: 'home' })
class SpecController {
  @Get('kept')
  @Screen(keptScreen)
  kept(@Caller() caller: Caller) {
    return { caller };
  }
  @Get('other')
  @Screen(otherScreen)
  other(@Caller() caller: Caller) {
    return { caller };
  }
  @Get('broken')
  @Screen(brokenScreen)
  broken(@Caller() caller: Caller) {
    return { caller };
  }
}

const own = {
  id: 'user-ada',
  name: 'Lamp',
  email: 'ada@lovelace.org',
  apiKey: 'k-12345678',
  recipient: 'Ada Lovelace',
};
const itemReplies =
  (first: RawReply, second: RawReply): RawReply =>
  (socket, request) =>
    (request.target.includes('i-2') ? second : first)(socket, request);

let folder = '';
let shop: RawServer;
let issuer: Sandbox;
let token = '';
beforeAll(async () => {
  issuer = await createSandbox({ contracts: [], behaviours: {} });
  const claims = { name: 'Ada', seats: 3 };
  token = await issuer.issueToken({ subject: 'user-ada', scopes: ['home'], audience: 'spec', claims });
});
afterAll(() => issuer.close());
let gateway: Gateway;
let skippedMs = 0;
let urls = { url: '', adminUrl: '' };
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'incidents-')), 'kept');
  shop = await RawServer.start(itemReplies(rawReplies.json(own), rawReplies.silence()));
  await start(keeping());
});
afterEach(async () => {
  await gateway.close();
  await shop.stop();
  await rm(folder, { recursive: true, force: true });
});

const takesClaims = takesTokens.replace(
  'audience: spec,',
  'audience: spec, claims: { name: { kind: text }, seats: { kind: number } },',
);

const keeping = (): string => `incidents: { screens: [spec.kept, spec.broken], folder: '${folder}', keep: 3 }\n`;

async function start(policy: string, slow = '10s'): Promise<void> {
  const text = policyText({ policy: `${takesClaims}tracing: { slow: ${slow} }\n${policy}` });
  gateway = createGateway(specModule({ controllers: [SpecController] }), {
    loaded: loadConfig(policyFile(text), {
      env: { SHOP_URL: shop.url, ISSUER_URL: `${issuer.url}/issuer` },
      environment: 'test',
    }),
    clock: { ...systemClock, now: () => systemClock.now() + skippedMs },
  });
  const { url, adminUrl = '' } = await gateway.start();
  urls = { url, adminUrl };
}

/** The id of a request, sent a second after the one before. */
async function ask(path: string): Promise<string> {
  skippedMs += 1_000;
  const response = await fetch(urls.url + path, { headers: { authorization: `Bearer ${token}` } });
  await response.text();
  return response.headers.get('x-request-id') ?? '';
}
const act = (body: object): Promise<Response> =>
  fetch(`${urls.adminUrl}/incidents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const fileOf = (id: string): string => join(folder, `${id}.incident.json`);
async function kept(id: string): Promise<Incident | undefined> {
  await vi.waitFor(() => stat(fileOf(id)), { timeout: 10_000 });
  return incidentOf(await (await act({ requestId: id })).json());
}

describe('an incident', () => {
  it('has the responses of the services with their times, and neither secrets nor classified values nor the caller', async () => {
    classifyNames(['recipient']);
    const id = await ask('/kept');
    expect(await kept(id)).toEqual({
      incident: 1,
      requestId: id,
      time: expect.stringMatching(/Z$/),
      app: 'spec',
      environment: 'test',
      screen: 'spec.kept',
      method: 'GET',
      route: '/kept',
      status: 200,
      durationMs: expect.any(Number),
      because: 'partial',
      slowMs: 10_000,
      missing: { other: { status: 'timeout', source: 'none' } },
      input: {
        caller: { subject: 'person-1', scopes: ['home'], roles: [], claims: { name: '[redacted]', seats: 3 } },
      },
      calls: [
        {
          part: 'own',
          upstream: 'shop',
          operation: 'getItem',
          startedMs: expect.any(Number),
          tookMs: expect.any(Number),
          response: {
            kind: 'value',
            body: {
              id: 'person-1',
              name: 'Lamp',
              email: 'redacted@example.com',
              apiKey: '[redacted]',
              recipient: '[redacted]',
            },
          },
        },
        expect.objectContaining({ part: 'other', response: { kind: 'none' } }),
      ],
    });
    expect((await stat(fileOf(id))).mode & 0o077).toBe(0);
  });

  it.each<[string, RawReply, object]>([
    ['a failure', rawReplies.json({}, {}, 503), { because: 'problem', status: 502, code: 'GW_UPSTREAM_FAILED' }],
    ['a body that is no JSON', rawReplies.json(Buffer.from('{"id"')), { status: 502, code: 'GW_UPSTREAM_BAD_PAYLOAD' }],
  ])('of %s has the failure of the call', async (_name, reply, expected) => {
    shop.reply = itemReplies(reply, rawReplies.json(own));
    const found = await kept(await ask('/kept'));
    expect(found).toMatchObject(expected);
    expect(found?.calls[0]?.response).toMatchObject({ kind: 'failure', failure: { ok: false, code: found?.code } });
  });

  it('is a mistake in code too, and a slow response', async () => {
    shop.reply = rawReplies.json(own);
    expect(await kept(await ask('/broken'))).toMatchObject({ because: 'problem', status: 500, missing: {} });
    await gateway.close();
    await start(keeping(), '1ms');
    expect(await kept(await ask('/kept'))).toMatchObject({ because: 'slow', status: 200 });
  });

  it('is none where all went well, of a screen that policy does not name, and without the block', async () => {
    shop.reply = rawReplies.json(own);
    await ask('/kept');
    shop.reply = itemReplies(rawReplies.json(own), rawReplies.silence());
    await ask('/other');
    await gateway.close();
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
    await start('');
    await ask('/kept');
    expect((await act({})).status).toBe(405);
  });
});

describe('the files of incidents', () => {
  it('are bounded: one a second at most, and the oldest go', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      ids.push(await ask('/kept'));
      await kept(ids.at(-1) ?? '');
      skippedMs -= 1_000;
      await ask('/kept');
      skippedMs += 1_000;
    }
    await gateway.close();
    expect((await readdir(folder)).toSorted()).toEqual(
      ids
        .slice(2)
        .map((id) => `${id}.incident.json`)
        .toSorted(),
    );
  });

  it('are named by the admin port, which knows no others', async () => {
    const id = await ask('/kept');
    await kept(id);
    await writeFile(join(folder, 'other.json'), '{}');
    expect(await (await act({})).json()).toMatchObject({ incidents: [{ requestId: id }] });
    expect((await act({ requestId: '../other' })).status).toBe(404);
    expect((await act({ requestId: '' })).status).toBe(400);
  });

  it('stay in their folder whatever an id holds', async () => {
    const files = new IncidentFolder(folder, 5);
    await files.add('../a/..', 'text');
    expect(await files.read('../a/..')).toBe('text');
    expect(await files.list()).toMatchObject([{ requestId: '../a/..' }]);
    expect(await readdir(folder)).toEqual(['%2E%2E%2Fa%2F%2E%2E.incident.json']);
  });

  it('fit into their bytes: large bodies go first, then calls', () => {
    const call = (part: string, body: unknown): Incident['calls'][number] => ({
      part,
      upstream: 'shop',
      operation: 'getItem',
      startedMs: 0,
      tookMs: 1,
      response: { kind: 'value', body },
    });
    const incident = (calls: Incident['calls']): Incident => ({
      incident: 1,
      requestId: 'r',
      time: '2030-01-01T00:00:00Z',
      app: 'spec',
      environment: 'test',
      screen: 'spec.kept',
      method: 'GET',
      route: '/',
      status: 200,
      durationMs: 1,
      because: 'slow',
      slowMs: 1,
      missing: {},
      input: {},
      calls,
    });
    const fitted = incidentText(incident([call('small', 'x'), call('large', 'y'.repeat(9_000))]), 4_096);
    expect(JSON.parse(fitted)).toMatchObject({
      calls: [
        { response: { body: 'x' } },
        { response: { kind: 'left_out', why: expect.stringContaining('maxBytes') } },
      ],
    });
    const many = incidentText(incident(Array.from({ length: 200 }, (_, at) => call(`p${at}`, at))), 4_096);
    expect(Buffer.byteLength(many)).toBeLessThanOrEqual(4_096);
    expect(incidentOf(JSON.parse(many))?.calls.length).toBeGreaterThan(0);
  });
});

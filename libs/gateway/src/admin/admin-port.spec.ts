import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Controller, Get, Param, Post, Body } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { readContract } from '@frontage/contracts';
import { channels } from '@frontage/core';
import { RateClass } from '@frontage/throttling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { addItem, getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 1000 }, ({ path }) => {
    const item = required(getItem, { path: { id: path.id } });
    const other = optional(getItem, { path: { id: path.id } });
    return { item, other };
  }),
  ({ item, other }) => ({ ...pick(item, 'id', 'name'), other: orNull(pick(other, 'name')) }),
);
const addScreen = screen(
  plan('spec.add', { input: { body: z.object({ name: z.string() }) }, deadlineMs: 1000 }, ({ body }) => ({
    item: write(addItem, { body: { name: body.name } }),
  })),
  ({ item }) => pick(item, 'id'),
);

@Controller('items')
class ItemController {
  @Get(':id')
  @Access({ scope: 'items:read' })
  @RateClass('screen')
  @Screen(itemScreen)
  show(@Param() path: object) {
    return { path };
  }
  @Post()
  @Access()
  @Screen(addScreen)
  add(@Body() body: object) {
    return { body };
  }
  @Get()
  @Public()
  written(): string {
    return 'by hand';
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [ItemController],
    policy: `${takesTokens}rateClasses: { screen: [{ per: user, limit: 100, window: 1m }] }\nupstreamDefaults: { breaker: {} }\n`,
  });
});
afterAll(() => app?.stop());

const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(app.adminUrl + path, init);

/** With a Host header of its own, which `fetch` does not let a program choose. */
async function askAs(host: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const sent = request(`${app.adminUrl}/metrics`, { headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe('the admin port', () => {
  it('serves metrics in the text format of Prometheus', async () => {
    await app.ask('/items/i-1', { token: await app.token('ada', 'items:read') });
    const answer = await ask('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await answer.text()).trimEnd().split('\n');
    const sample = /^[a-z_:][a-z0-9_:]*(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (?:[0-9.e+-]+|NaN|[+-]Inf)$/i;
    for (const line of lines)
      expect(line).toMatch(line.startsWith('#') ? /^# (?:HELP|TYPE) [a-z_:][a-z0-9_:]* .+$/ : sample);
    expect(lines.some((line) => line.includes('route="/items/:id"'))).toBe(true);
  });

  it('serves them as OpenMetrics to a scraper that prefers it', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
    const response = await ask('/metrics', { headers: { accept } });
    expect(response.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(await response.text()).toMatch(/^# TYPE frontage_hedges counter$[^]*\n# EOF\n$/m);
  });

  it('says that the app is alive and ready, as the port for clients does', async () => {
    for (const path of ['/livez', '/readyz']) {
      expect((await ask(path)).status).toBe(200);
      expect((await app.ask(path)).status).toBe(200);
    }
  });

  it('serves a valid OpenAPI 3.1 document of screens and hand-written routes', async () => {
    const answer = await ask('/openapi.json');
    const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
    const file = join(folder, 'openapi.json');
    writeFileSync(file, await answer.text());
    const contract = await readContract(file, { cwd: folder });
    rmSync(folder, { recursive: true });
    expect(contract.openapi).toBe('3.1');
    expect(contract.warnings.map(({ message }) => message)).toEqual([]);
    expect(contract.refused).toEqual([]);
    expect(contract.operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'GET /items',
      'GET /items/{id}',
      'POST /items',
    ]);
    const show = contract.operations.find(({ path }) => path === '/items/{id}');
    expect(show?.responses.map(({ status }) => status)).toEqual(
      expect.arrayContaining(['200', '400', '401', '404', '429', '502']),
    );
  });

  it('serves a page for people, with everything that it loads', async () => {
    const page = await ask('/docs');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const html = await page.text();
    const loaded = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(loaded).toHaveLength(4);
    for (const path of loaded) {
      expect(path).toMatch(/^\/docs\//);
      const asset = await ask(path);
      expect([path, asset.status]).toEqual([path, 200]);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
    expect((await ask('/docs/../package.json')).status).toBe(404);
    expect((await ask('/docs/swagger-ui.js.map')).status).toBe(404);
  });

  it('describes the app as --describe does', async () => {
    expect(await (await ask('/describe')).json()).toMatchObject({
      formatVersion: 1,
      bff: 'spec',
      endpoints: expect.arrayContaining([
        expect.objectContaining({ method: 'GET', path: '/items/:id', rateClass: 'screen' }),
      ]),
    });
  });

  it('takes reads only, and says where it has something', async () => {
    expect((await ask('/metrics', { method: 'POST' })).status).toBe(405);
    const nothing = await ask('/nothing');
    expect(nothing.status).toBe(404);
    expect(await nothing.text()).toContain('/metrics');
  });

  it('refuses a host name that only resolves to this machine (DNS rebinding)', async () => {
    const { port } = new URL(app.adminUrl);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil.example'])
      expect((await askAs(host)).status).toBe(421);
    for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect((await askAs(host)).status).toBe(200);
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.internal === false && one.family === 'IPv4');
  it.skipIf(outside === undefined)('is not reached from another machine', async () => {
    const socket = connect(Number(new URL(app.adminUrl).port), outside?.address);
    const [cause] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(cause.code).toBe('ECONNREFUSED');
  });
});

describe('the breakers of the admin port', () => {
  const post = async (body: unknown): Promise<[number, unknown]> => {
    const response = await ask('/breakers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  };
  const get = async (): Promise<unknown> => (await ask('/breakers')).json();

  it('are listed with their state, and forced open for a time', async () => {
    const token = await app.token('ada', 'items:read');
    expect((await app.ask('/items/i-1', { token })).status).toBe(200);
    expect(await get()).toEqual({
      breakers: ['getItem', 'addItem'].map((operation) => ({
        upstream: 'shop',
        operation,
        state: 'closed',
        rejected: 0,
      })),
    });
    expect(await post({ upstream: 'shop', operation: 'getItem', state: 'open', forSeconds: 60 })).toEqual([
      200,
      { breakers: 1, state: 'open', forSeconds: 60 },
    ]);
    const refused = await app.ask('/items/i-1', { token });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'GW_UPSTREAM_OPEN_CIRCUIT' });
    expect(await get()).toMatchObject({
      breakers: [
        { operation: 'getItem', state: 'open', forced: { state: 'open', forSeconds: 60 } },
        { state: 'closed' },
      ],
    });
    expect(await post({ upstream: 'shop', state: 'automatic' })).toEqual([200, { breakers: 2, state: 'automatic' }]);
    expect((await app.ask('/items/i-1', { token })).status).toBe(200);
  });

  it.each([
    [[], 400, '"upstream" is missing'],
    ['open', 400, 'expected an object such as {"upstream"'],
    [{ state: 'open' }, 400, '"upstream" is missing'],
    [{ upstream: 'shop', state: 'half' }, 400, '"state" takes one of open, closed, automatic'],
    [{ upstream: 'shop', state: 'open', forSeconds: 0 }, 400, '"forSeconds" takes a whole number from 1 to 86400'],
    [{ upstream: 'shop', state: 'open', for: 9 }, 400, 'unknown member "for"'],
    [{ upstream: 'shop', state: 'open', operation: 7 }, 400, '"operation" is no operation id'],
    [{ upstream: 'other', state: 'open' }, 404, 'there is no breaker of other'],
    [{ upstream: 'shop', operation: 'other', state: 'open' }, 404, 'there is no breaker of shop.other'],
  ])('refuse %j', async (body, status, detail) => {
    const [code, answer] = await post(body);
    expect([code, answer]).toEqual([status, { detail: expect.stringContaining(detail) }]);
  });
});

describe('the log levels of the admin port', () => {
  const post = async (body: unknown): Promise<[number, unknown]> => {
    const response = await ask('/log-levels', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  };

  it('are changed for a time, told to the audit log, listed, and taken back', async () => {
    const told: unknown[] = [];
    const hear = (decision: unknown): void => void told.push(decision);
    channels.securityDecision.subscribe(hear);
    const route = 'GET /items/:id';
    expect(await post({ route, level: 'debug' })).toEqual([200, { route, level: 'debug', forSeconds: 600 }]);
    expect(await (await ask('/log-levels')).json()).toEqual({
      policy: 'info',
      changed: [{ route, level: 'debug', forSeconds: 600 }],
    });
    expect(await post({ route, level: 'policy' })).toEqual([200, { route, level: 'info' }]);
    expect(await post({ route, level: 'policy' })).toMatchObject([404, {}]);
    channels.securityDecision.unsubscribe(hear);
    expect(told[0]).toMatchObject({ event: 'log-level.changed', what: JSON.stringify({ route, level: 'debug' }) });
    expect(told).toHaveLength(3);
  });

  it.each<[string, unknown, number]>([
    ['no object', 'debug', 400],
    ['no target', { level: 'debug' }, 400],
    ['two targets', { logger: 'a', caller: 'b', level: 'debug' }, 400],
    ['an unknown member', { logger: 'a', level: 'debug', until: 1 }, 400],
    ['an unknown level', { logger: 'a', level: 'loud' }, 400],
    ['a time without end', { logger: 'a', level: 'debug', forSeconds: 86_401 }, 400],
    ['a name without end', { logger: 'a'.repeat(501), level: 'debug' }, 400],
    ['a route that there is not', { route: 'GET /nothing', level: 'debug' }, 404],
  ])('are not changed by %s', async (_what, body, status) => {
    expect(await post(body)).toEqual([status, { detail: expect.any(String) }]);
    expect(await (await ask('/log-levels')).json()).toMatchObject({ changed: [] });
  });
});

import { join } from 'node:path';
import fc from 'fast-check';
import { readContract } from '@frontage/contracts';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '@frontage/sandbox';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { PartnerModule } from '../../apps/partner/src/partner.module.js';
import { WebModule } from '../../apps/web/src/web.module.js';
import { documentedOperations, type DocumentedOperation } from './documented-operations.js';
import { badRequests, goodRequests, wholeWrong, type DrawnRequest, type KnownValues } from './drawn-requests.js';
import { LiveBff, type LiveAnswer } from './live-bff.js';

const shop = [
  'users',
  'catalogue',
  'inventory',
  'carts',
  'orders',
  'shipping',
  'reviews',
  'recommendations',
  'content',
];

const known: KnownValues = {
  id: ['p-101', 'p-102', 'p-307', 'o-1006', 'o-1010', 'p-999', 'o-9999'],
  sku: ['SKU-101', 'SKU-205', 'SKU-105'],
  skus: ['SKU-101,SKU-105', 'SKU-101', 'SKU-000'],
  q: ['phone', 'lamp', 'nothing like it'],
  quantity: [1, 2, 99],
  addressId: ['ad-acme-1', 'ad-grace-1'],
};

const apps = [
  { name: 'mobile', module: MobileModule, upstreams: shop, user: 'ada' },
  { name: 'web', module: WebModule, upstreams: shop, user: 'grace' },
  {
    name: 'partner',
    module: PartnerModule,
    upstreams: ['catalogue', 'inventory', 'orders', 'carts', 'shipping'],
    user: 'acme',
  },
];

/** Faults of a share of the calls of every upstream, one after the other. */
const faults: readonly (Fault | undefined)[] = [
  undefined,
  { status: 500, rate: 0.4 },
  { status: 503, retryAfter: 2, rate: 0.4 },
  { status: 429, retryAfter: 'soon', rate: 0.4 },
  { status: 404, rate: 0.5 },
  { status: 409, rate: 0.5 },
  { status: 401, rate: 0.4 },
  { status: 204, rate: 0.4 },
  { badPayload: true, rate: 0.4 },
  { badPayload: 'html', rate: 0.4 },
  { badPayload: 'empty', rate: 0.4 },
  { payload: {}, rate: 0.4 },
  { payload: [null], rate: 0.4 },
  { payload: { items: [{ id: 7, secret: 'at http://127.0.0.1:1/' }, null] }, rate: 0.4 },
  { reset: true, rate: 0.4 },
  { reset: 'mid_body', rate: 0.3 },
  { hang: true, rate: 0.3 },
  { hang: 'mid_body', rate: 0.3 },
];

/** Requests of each kind, good and bad, that every operation gets under every fault. */
const requestsEach = 5;

/** Data that no client may see: hosts, stacks, files, errors of the runtime. */
const leak =
  /127\.0\.0\.1|localhost|ECONN|UND_ERR|node:internal|node_modules|\n\s+at |\.[jt]s:\d+|(?:Type|Range|Syntax)Error/;

function violationsOf(bff: LiveBff, operation: DocumentedOperation, drawn: DrawnRequest, answer: LiveAnswer): string[] {
  const { status, headers, text } = answer;
  const found: string[] = [];
  const mediaType = String(headers['content-type']).split(';')[0];
  if (!operation.statuses.has(status)) found.push(`status ${status} is not documented: ${text}`);
  const media = status < 400 ? 'application/json' : 'application/problem+json';
  if (mediaType !== media) found.push(`is ${mediaType} and not ${media}`);
  if (leak.test(text)) found.push(`reveals internal data: ${leak.exec(text)?.[0]}`);
  if (found.length === 0) found.push(...bff.responses.violations(operation.route, status, JSON.parse(text)));
  if (status >= 400 && !text.includes(String(headers['x-request-id'])))
    found.push('has another requestId than its header');
  if (text.includes('"_parts":') && headers['cache-control'] !== 'no-store') found.push('is partial and may be stored');
  if (drawn.flaw === 'token' && ![400, 401, 403, 413, 415].includes(status))
    found.push(`lets ${drawn.token} in: ${status}`);
  if ((drawn.flaw === 'input' || drawn.flaw === 'body') && ![400, 413, 415].includes(status))
    found.push(`takes what its document refuses: ${status}`);
  return found;
}

const jsonOf = ({ text }: LiveAnswer): unknown => JSON.parse(text);

describe.each(apps)('the document of $name', ({ name, module, upstreams, user }) => {
  let bff: LiveBff;
  let operations: readonly DocumentedOperation[];
  let documented: readonly DocumentedOperation[];
  beforeAll(async () => {
    bff = await LiveBff.start(name, module, upstreams);
    documented = documentedOperations(bff.document);
    operations = documented.filter(({ isPage }) => !isPage);
  });
  afterAll(() => bff.stop());

  it('is an OpenAPI document that others can read', async () => {
    const read = await readContract(join(workspaceRoot, `apps/${name}/openapi.gen.json`));
    expect([read.refused, read.warnings]).toEqual([[], []]);
    expect(read.operations).toHaveLength(documented.length);
  });

  it('describes every response, for all requests and all faults', { timeout: 60_000 }, async () => {
    const violations = new Map<string, string>();
    const statuses = new Map<number, number>();
    for (const [round, fault] of faults.entries()) {
      await bff.world.clearFaults();
      if (fault !== undefined) await Promise.all(upstreams.map((upstream) => bff.world.setFault(upstream, fault)));
      const asked = operations.flatMap((operation) =>
        [goodRequests(operation, known), badRequests(operation, known)].flatMap((arbitrary, kind) =>
          fc
            .sample(arbitrary, { numRuns: requestsEach, seed: round * 2 + kind })
            .map(async (drawn) => ({ operation, drawn, answer: await bff.ask(drawn, user, operation.scopes) })),
        ),
      );
      for (const { operation, drawn, answer } of await Promise.all(asked)) {
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        const found = violationsOf(bff, operation, drawn, answer);
        // All faults of upstreams are expected: a 500 is a bug here, except where it says that a change may have been made.
        const isUnknown = answer.text.includes('"code":"GW_INDETERMINATE"') && operation.method !== 'GET';
        if (answer.status === 500 && !isUnknown) found.push(`fails: ${answer.text}`);
        for (const violation of found) {
          const request = `${JSON.stringify(drawn)} under ${JSON.stringify(fault)}`;
          violations.set(`${operation.route} ${violation}`.slice(0, 300), request);
        }
      }
    }
    expect(Object.fromEntries(violations)).toEqual({});
    // A test that met none of these has tested nothing.
    for (const status of [200, 400, 401, 403, 404, 502, 504])
      expect(statuses.get(status) ?? 0, `${status}`).toBeGreaterThan(0);
  });

  it('is held to before anything is sent: every wrong field is named with its place', async () => {
    await bff.world.clearFaults();
    await bff.world.resetCalls();
    for (const operation of operations) {
      const { request, pointers } = wholeWrong(operation);
      if (pointers.length === 0) continue;
      const answer = await bff.ask(request, user, operation.scopes);
      expect([operation.route, answer.status, jsonOf(answer)]).toMatchObject([
        operation.route,
        400,
        { code: 'GW_INVALID_INPUT' },
      ]);
      const { errors } = jsonOf(answer) as { readonly errors: readonly { readonly pointer: string }[] };
      const isNamed = (place: string): boolean => errors.some(({ pointer }) => `${pointer}/`.startsWith(`${place}/`));
      expect(
        pointers.filter((place) => !isNamed(place)),
        operation.route,
      ).toEqual([]);
    }
    const counts = await Promise.all(upstreams.map((upstream) => bff.world.count(upstream)));
    expect(counts).toEqual(upstreams.map(() => 0));
  });

  it.each([
    {
      asked: 'a path that nobody serves',
      method: 'GET',
      target: '/no/such/path',
      status: 404,
      code: 'GW_ROUTE_NOT_FOUND',
    },
    { asked: 'a path that cannot be read', method: 'GET', target: '/%zz', status: 400, code: 'GW_BAD_REQUEST' },
    {
      asked: 'a path without end',
      method: 'GET',
      target: `/${'x'.repeat(17_000)}`,
      status: 431,
      code: 'GW_HEADERS_TOO_LARGE',
    },
    {
      asked: 'a method that is not taken',
      method: 'DELETE',
      target: undefined,
      status: 405,
      code: 'GW_METHOD_NOT_ALLOWED',
    },
    { asked: 'a method of WebDAV', method: 'PROPFIND', target: undefined, status: 405, code: 'GW_METHOD_NOT_ALLOWED' },
  ])('is not needed for $asked: $status $code', async ({ method, target, status, code }) => {
    const path = target ?? operations[0]?.path.replaceAll(/\{\w+\}/g, 'x') ?? '/';
    const request = { method, target: path, headers: {}, body: undefined, token: 'good', flaw: undefined } as const;
    const answer = await bff.ask(request, user, []);
    expect([answer.status, answer.headers['content-type'], jsonOf(answer)]).toMatchObject([
      status,
      expect.stringContaining('application/problem+json'),
      { status, code },
    ]);
  });
});

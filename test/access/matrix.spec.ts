import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type BffConfig } from '@frontage/config';
import { createGateway, type EndpointDescription, type Gateway } from '@frontage/gateway';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matrixApps, type MatrixApp, type MatrixRow } from './matrix-rows.js';

/** Callers that ask each route, in the order of the columns. The one who may comes last, because its writes change what the others see. */
const columns = [
  'no token',
  'forged token',
  'expired token',
  'token of another BFF',
  'no scopes',
  'all other scopes',
  'another owner',
  'the right caller',
] as const;
type Column = (typeof columns)[number];

interface Started {
  readonly app: MatrixApp;
  readonly gateway: Gateway;
  readonly url: string;
  readonly endpoints: readonly EndpointDescription[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

let world: World;
const started: Started[] = [];
/** Scopes of every route of every app. */
const scopes = new Set<string>();

const folder = join(workspaceRoot, 'apps');
const policyOf = (name: string, env: Readonly<Record<string, string>> = {}): BffConfig =>
  loadConfig(join(folder, name, 'bff.yaml'), {
    env,
    environment: 'test',
    ...(env['ISSUER_URL'] ? {} : { unset: 'placeholder' }),
  });

beforeAll(async () => {
  const upstreams = new Set(matrixApps.flatMap(({ name }) => Object.keys(policyOf(name).upstreams)));
  world = await startWorld({ upstreams: [...upstreams] });
  for (const app of matrixApps) {
    const variable = app.name.toUpperCase();
    const env = { ...world.env, [`${variable}_PORT`]: '0', [`${variable}_ADMIN_PORT`]: '0' };
    const gateway = createGateway(app.module, { loaded: generous(policyOf(app.name, env)) });
    const { url } = await gateway.start();
    const { endpoints } = await gateway.describe();
    started.push({ app, gateway, url, endpoints });
    for (const { access } of endpoints) for (const scope of scopesOf(access)) scopes.add(scope);
  }
}, 60_000);
afterAll(async () => {
  for (const { gateway } of started) await gateway.close();
  await world?.stop();
});

/** Every limit and timeout is far away: a refusal can only come from the rule of access. */
function generous(policy: BffConfig): BffConfig {
  const many = { limit: 1_000_000, windowMs: 1_000 };
  const { addressLimit: _, ...rest } = policy;
  return {
    ...rest,
    log: { ...policy.log, level: 'error', requests: false },
    deadlineMs: 30_000,
    plans: {},
    rateClasses: Object.fromEntries(Object.keys(policy.rateClasses).map((name) => [name, [{ per: 'app', ...many }]])),
    upstreams: Object.fromEntries(
      Object.entries(policy.upstreams).map(([name, own]) => [name, { ...own, timeoutMs: 20_000 }]),
    ),
  };
}

const scopesOf = (access: unknown): readonly string[] => {
  const found: unknown = typeof access === 'object' && access !== null ? Reflect.get(access, 'allScopes') : undefined;
  return Array.isArray(found) ? found.map(String) : [];
};

const nameOf = ({ method, path }: EndpointDescription): string => `${method} ${path}`;

async function tokenFor(column: Column, { app }: Started, own: readonly string[]): Promise<string | undefined> {
  const audience = `${app.name}-bff`;
  const good = { user: app.owner, scopes: own, audience };
  switch (column) {
    case 'no token':
      return undefined;
    case 'forged token':
      return `${(await world.token(good)).split('.').slice(0, 2).join('.')}.AAAA`;
    case 'expired token':
      return world.token({ ...good, expiresInSeconds: -60 });
    case 'token of another BFF':
      return world.token({ ...good, audience: matrixApps.find((other) => other !== app)?.name.concat('-bff') ?? '' });
    case 'no scopes':
      return world.token({ ...good, scopes: [] });
    case 'all other scopes':
      return world.token({ ...good, scopes: [...scopes].filter((scope) => !own.includes(scope)) });
    case 'another owner':
      return world.token({ ...good, user: app.other });
    case 'the right caller':
      return world.token(good);
  }
}

async function ask(
  { url }: Started,
  { method, path }: EndpointDescription,
  row: MatrixRow,
  token: string | undefined,
): Promise<Answer> {
  const response = await fetch(url + (row.path ?? path), {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(row.body !== undefined && { 'content-type': 'application/json' }),
      ...row.headers,
    },
    ...(row.body !== undefined && { body: JSON.stringify(row.body) }),
  });
  return { status: response.status, body: await response.text() };
}

async function walk(app: Started, endpoint: EndpointDescription): Promise<ReadonlyMap<Column, Answer>> {
  const row = app.app.rows[nameOf(endpoint)] ?? {};
  const own = scopesOf(endpoint.access);
  const answers = new Map<Column, Answer>();
  for (const column of columns) answers.set(column, await ask(app, endpoint, row, await tokenFor(column, app, own)));
  return answers;
}

/** The answer to another owner, with what it shows. */
function ownerCell(answers: ReadonlyMap<Column, Answer>): string {
  const [theirs, right] = [answers.get('another owner'), answers.get('the right caller')];
  if (theirs === undefined || right === undefined) return '';
  if (theirs.status >= 400) return String(theirs.status);
  return `${theirs.status}, ${theirs.body === right.body ? 'the same for all' : 'what is their own'}`;
}

function tableOf({ app }: Started, walked: ReadonlyMap<string, ReadonlyMap<Column, Answer>>): string {
  const lines = [
    ['route', ...columns],
    ['---', ...columns.map(() => '---')],
    ...[...walked].map(([route, answers]) => [
      route,
      ...columns.map((column) =>
        column === 'another owner' ? ownerCell(answers) : String(answers.get(column)?.status),
      ),
    ]),
  ];
  return `## ${app.name}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}`;
}

const head = `# Who gets what

Written by \`test/access/matrix.spec.ts\`, which asks each route of each app as each of these callers: \`npx vitest run test/access/matrix -u\`.
The numbers are status codes. Another owner is a caller with the right scopes who asks for what belongs to the right caller.

`;

describe('every route of every app', () => {
  it('is of an app that is walked', () => {
    const apps = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(matrixApps.map(({ name }) => name).toSorted()).toEqual(apps.map(({ name }) => name).toSorted());
  });

  it('has a request in the rows, and no row is of a route that is gone', () => {
    for (const { app, endpoints } of started) {
      const closed = endpoints.filter(({ access }) => access !== 'public').map(nameOf);
      const open = new Set(endpoints.filter(({ access }) => access === 'public').map(nameOf));
      expect(
        Object.keys(app.rows)
          .filter((route) => !open.has(route))
          .toSorted(),
      ).toEqual(closed.toSorted());
    }
  });

  it('A9: gives each caller what the committed table says, and none but the right one what is closed', async () => {
    const tables: string[] = [];
    for (const app of started) {
      const walked = new Map<string, ReadonlyMap<Column, Answer>>();
      for (const endpoint of app.endpoints) {
        const route = nameOf(endpoint);
        const answers = await walk(app, endpoint);
        walked.set(route, answers);
        if (endpoint.access === 'public') continue;
        const statuses = Object.fromEntries(columns.map((column) => [column, answers.get(column)?.status]));
        expect(statuses, `${app.app.name} ${route}`).toMatchObject({
          'no token': 401,
          'forged token': 401,
          'expired token': 401,
          'token of another BFF': 401,
          ...(scopesOf(endpoint.access).length > 0 && { 'no scopes': 403, 'all other scopes': 403 }),
        });
        expect(answers.get('the right caller')?.status, `${app.app.name} ${route}`).toBeLessThan(300);
      }
      tables.push(tableOf(app, walked));
    }
    await expect(head + tables.join('\n')).toMatchFileSnapshot('../../docs/route-matrix.gen.md');
  }, 120_000);
});

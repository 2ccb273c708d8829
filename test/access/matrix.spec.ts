import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type BffConfig } from '@frontage/config';
import { createGateway, type EndpointDescription, type Gateway } from '@frontage/gateway';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './session-world.js';
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

/** Browsers that ask each route of an app with sessions, in the order of the columns. */
const sessionColumns = [
  'no cookie',
  'made-up cookie',
  'ended session',
  'cookie without x-csrf',
  'cookie from another origin',
  'another user',
  'the right user',
] as const;
type SessionColumn = (typeof sessionColumns)[number];

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
/** A world of its own for browsers, because writes of the others change what they see. */
let browsers: World;
const started: Started[] = [];
/** Apps with sessions. */
const withSessions: Started[] = [];
/** Scopes of every route of every app. */
const scopes = new Set<string>();

const folder = join(workspaceRoot, 'apps');
const policyOf = (name: string, env: Readonly<Record<string, string>> = {}): BffConfig =>
  loadConfig(join(folder, name, 'bff.yaml'), {
    env,
    environment: 'test',
    ...(env['ISSUER_URL'] ? {} : { unset: 'placeholder' }),
  });

async function start(app: MatrixApp, { env }: World): Promise<Started> {
  const variable = app.name.toUpperCase();
  const policy = policyOf(app.name, { ...env, [`${variable}_PORT`]: '0', [`${variable}_ADMIN_PORT`]: '0' });
  const gateway = createGateway(app.module, { loaded: generous(policy) });
  const { url } = await gateway.start();
  const { endpoints } = await gateway.describe();
  return { app, gateway, url, endpoints };
}

beforeAll(async () => {
  const upstreams = [...new Set(matrixApps.flatMap(({ name }) => Object.keys(policyOf(name).upstreams)))];
  [world, browsers] = [await startWorld({ upstreams }), await startWorld({ upstreams })];
  for (const app of matrixApps) {
    const one = await start(app, world);
    started.push(one);
    for (const { access } of one.endpoints) for (const scope of scopesOf(access)) scopes.add(scope);
    if (policyOf(app.name).access?.sessions !== undefined) withSessions.push(await start(app, browsers));
  }
}, 60_000);
afterAll(async () => {
  for (const { gateway } of [...started, ...withSessions]) await gateway.close();
  await world?.stop();
  await browsers?.stop();
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
  fields: Readonly<Record<string, string>>,
): Promise<Answer> {
  const response = await fetch(url + (row.path ?? path), {
    method,
    headers: {
      ...fields,
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
  for (const column of columns) {
    const token = await tokenFor(column, app, own);
    const fields = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    answers.set(column, await ask(app, endpoint, row, fields ?? {}));
  }
  return answers;
}

/** The cookie of a new session. The provider sends browsers to the address of the policy, which is another one than that of this process. */
async function cookieOf({ url }: Started, user: string): Promise<string> {
  const browser = new Browser();
  const begun = await browser.ask(`${url}/login`);
  const { pathname, search } = new URL(await browser.atProvider(begun.headers.location ?? '', user));
  const { status, text } = await browser.ask(url + pathname + search);
  if (status !== 200) throw new Error(`the login failed: ${status} ${text}`);
  return [...browser.cookies(url)].map(([name, value]) => `${name}=${value}`).join('; ');
}

async function fieldsOf(column: SessionColumn, app: Started): Promise<Readonly<Record<string, string>>> {
  const csrf = { 'x-csrf': '1' };
  const ofOwner = (): Promise<string> => cookieOf(app, app.app.owner);
  switch (column) {
    case 'no cookie':
      return csrf;
    case 'made-up cookie':
      return { ...csrf, cookie: (await ofOwner()).replace(/=.*/, `=${'A'.repeat(43)}`) };
    case 'ended session': {
      const fields = { ...csrf, cookie: await ofOwner() };
      await fetch(`${app.url}/logout`, { method: 'POST', headers: fields });
      return fields;
    }
    case 'cookie without x-csrf':
      return { cookie: await ofOwner() };
    case 'cookie from another origin':
      return { ...csrf, cookie: await ofOwner(), origin: 'https://evil.example' };
    case 'another user':
      return { ...csrf, cookie: await cookieOf(app, app.app.other) };
    case 'the right user':
      return { ...csrf, cookie: await ofOwner() };
  }
}

async function walkWithSessions(
  app: Started,
  endpoint: EndpointDescription,
): Promise<ReadonlyMap<SessionColumn, Answer>> {
  const row = app.app.rows[nameOf(endpoint)] ?? {};
  const answers = new Map<SessionColumn, Answer>();
  for (const column of sessionColumns) answers.set(column, await ask(app, endpoint, row, await fieldsOf(column, app)));
  return answers;
}

/** The answer to another owner, with what it shows. */
function ownerCell(theirs: Answer | undefined, right: Answer | undefined): string {
  if (theirs === undefined || right === undefined) return '';
  if (theirs.status >= 400) return String(theirs.status);
  return `${theirs.status}, ${theirs.body === right.body ? 'the same for all' : 'what is their own'}`;
}

/** @param other the column of another owner @param right the column of the caller to compare that with */
function tableOf<C extends string>(
  title: string,
  names: readonly C[],
  [other, right]: readonly [C, C],
  walked: ReadonlyMap<string, ReadonlyMap<C, Answer>>,
): string {
  const lines = [
    ['route', ...names],
    ['---', ...names.map(() => '---')],
    ...[...walked].map(([route, answers]) => [
      route,
      ...names.map((column) =>
        column === other ? ownerCell(answers.get(other), answers.get(right)) : String(answers.get(column)?.status),
      ),
    ]),
  ];
  return `## ${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}`;
}

const head = `# Who gets what

Written by \`test/access/matrix.spec.ts\`, which asks each route of each app as each of these callers: \`npx vitest run test/access/matrix -u\`.
The numbers are status codes. Another owner is a caller with the right scopes who asks for what belongs to the right caller.
Apps with sessions have a second table, with the callers as browsers: [sessions.md](sessions.md).

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
      tables.push(tableOf(app.app.name, columns, ['another owner', 'the right caller'], walked));
    }
    for (const app of withSessions) {
      const walked = new Map<string, ReadonlyMap<SessionColumn, Answer>>();
      for (const endpoint of app.endpoints) {
        const route = nameOf(endpoint);
        const answers = await walkWithSessions(app, endpoint);
        walked.set(route, answers);
        if (endpoint.access === 'public') continue;
        const statuses = Object.fromEntries(sessionColumns.map((column) => [column, answers.get(column)?.status]));
        expect(statuses, `${app.app.name} ${route}`).toMatchObject({
          'no cookie': 401,
          'made-up cookie': 401,
          'ended session': 401,
          'cookie without x-csrf': 403,
          'cookie from another origin': 403,
        });
        expect(answers.get('the right user')?.status, `${app.app.name} ${route}`).toBeLessThan(300);
      }
      tables.push(
        tableOf(`${app.app.name}, with sessions`, sessionColumns, ['another user', 'the right user'], walked),
      );
    }
    await expect(head + tables.join('\n')).toMatchFileSnapshot('../../docs/route-matrix.gen.md');
  }, 120_000);
});

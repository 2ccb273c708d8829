import { join } from 'node:path';
import { loadConfig, type BffConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matrixApps, type MatrixApp } from '../access/matrix-rows.js';
import { openSocket } from '../soak/client.js';
import { hostileInput, type Rights, type Target } from './hostile/inputs.js';

/** Inputs of a run: 5,000, and 100,000 in `npm run fuzz`. */
const factor = Math.min(20, Number(process.env['FRONTAGE_FUZZ'] ?? '1'));
const count = Math.floor((5_000 * factor) / (matrixApps.length * 2));
/** Each run in `npm run fuzz` has other inputs; a failure names the seed that repeats them. */
const seed = Number(process.env['FRONTAGE_SEED'] ?? (factor > 1 ? Date.now() % 1_000_000 : 42));
const atOnce = 32;

interface Started {
  readonly app: MatrixApp;
  readonly gateway: Gateway;
  readonly url: string;
  readonly adminUrl: string;
  readonly upstreams: readonly string[];
  readonly target: Target;
}

let world: World;
const started = new Map<string, Started>();

const policyOf = (name: string, env?: Readonly<Record<string, string>>): BffConfig =>
  loadConfig(join(workspaceRoot, 'apps', name, 'bff.yaml'), {
    env: env ?? {},
    environment: 'test',
    ...(env === undefined && { unset: 'placeholder' as const }),
  });

beforeAll(async () => {
  const upstreams = new Set(matrixApps.flatMap(({ name }) => Object.keys(policyOf(name).upstreams)));
  world = await startWorld({ upstreams: [...upstreams] });
  for (const app of matrixApps) {
    const variable = app.name.toUpperCase();
    const policy = policyOf(app.name, { ...world.env, [`${variable}_PORT`]: '0', [`${variable}_ADMIN_PORT`]: '0' });
    const { addressLimit: _, ...rest } = policy;
    const many = { per: 'app', limit: 1_000_000_000, windowMs: 1_000 } as const;
    const loaded: BffConfig = {
      ...rest,
      // All of these come from one address, and this machine may be slow: neither is the subject here.
      rateClasses: Object.fromEntries(Object.keys(policy.rateClasses).map((name) => [name, [many]])),
      deadlineMs: 30_000,
      plans: {},
      upstreams: Object.fromEntries(
        Object.entries(policy.upstreams).map(([name, own]) => [name, { ...own, timeoutMs: 20_000 }]),
      ),
      log: { ...policy.log, level: 'silent', requests: false },
    };
    const gateway = createGateway(app.module, { loaded });
    const { url, adminUrl = '' } = await gateway.start();
    const { endpoints } = await gateway.describe();
    const scopes = endpoints.flatMap(({ access }) => allScopes(access));
    started.set(app.name, {
      app,
      gateway,
      url,
      adminUrl,
      upstreams: Object.keys(policy.upstreams),
      target: {
        paths: endpoints.map(({ method, path }) => app.rows[`${method} ${path}`]?.path ?? path),
        token: await world.token({ user: app.owner, scopes, audience: `${app.name}-bff` }),
      },
    });
  }
}, 60_000);
afterAll(async () => {
  for (const { gateway } of started.values()) await gateway.close();
  await world?.stop();
});

function allScopes(access: unknown): string[] {
  const found: unknown = typeof access === 'object' && access !== null ? Reflect.get(access, 'allScopes') : [];
  return Array.isArray(found) ? found.map(String) : [];
}

/** All bytes that come back until the connection ends. */
async function send(url: string, bytes: string): Promise<string> {
  const socket = await openSocket(url);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => (received += text));
  const closed = new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
  socket.end(bytes, 'latin1');
  await closed;
  return received;
}

const statusesOf = (received: string): number[] =>
  Array.from(received.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));

/** Texts of the inside: a stack, a file of this machine, the address of a service. */
const inside = /\n {4}at |node_modules|\/libs\/|\.ts:\d+|ECONN|127\.0\.0\.1:\d+/;

interface Outcome {
  readonly number: number;
  readonly statuses: readonly number[];
}

/** Sends the inputs of a run. @throws at the first one that has a 5xx or shows the inside, with what repeats it */
async function attack({ app, url, target }: Started, rights: Rights): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const bytes = hostileInput(seed, number, target, rights);
      const received = await send(url, bytes);
      const statuses = statusesOf(received);
      const shown = `FRONTAGE_SEED=${seed}, ${app.name}, rights ${rights}, input ${number}: ${JSON.stringify(bytes.slice(0, 600))} -> ${JSON.stringify(received.slice(0, 600))}`;
      expect(
        statuses.filter((status) => status >= 500),
        shown,
      ).toEqual([]);
      expect(inside.exec(received)?.[0], shown).toBeUndefined();
      outcomes.push({ number, statuses });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}

const calls = async (upstreams: readonly string[], operation?: string): Promise<number> => {
  const counts = await Promise.all(upstreams.map((upstream) => world.count(upstream, operation)));
  return counts.reduce((sum, one) => sum + one, 0);
};

async function isIdle({ adminUrl, url }: Started): Promise<void> {
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  await expect
    .poll(
      async () => /^http_server_active_requests (\d+)$/m.exec(await (await fetch(`${adminUrl}/metrics`)).text())?.[1],
      {
        timeout: 10_000,
      },
    )
    .toBe('0');
}

const timeout = 60_000 + count * 40;

describe.each(matrixApps.map(({ name }) => name))('hostile inputs to the app %s over raw sockets', (name) => {
  const own = (): Started => {
    const one = started.get(name);
    if (one === undefined) throw new Error(`${name} was not started`);
    return one;
  };

  it(
    'without a right cause no 5xx and no call to a service (H1, H4, H5, H6, H8, A1, A13, A14)',
    async () => {
      const app = own();
      await world.resetCalls();
      // The calls that a public page makes, of those that anybody may have.
      const open = app.target.paths.includes('/') ? await openCalls(app) : 0;
      const outcomes = await attack(app, 'none');
      const served = outcomes.flatMap(({ statuses }) => statuses).filter((status) => status === 200).length;
      expect(await calls(app.upstreams)).toBeLessThanOrEqual(open * (served + 1));
      if (open === 0) expect(await calls(app.upstreams)).toBe(0);
      expect(outcomes).toHaveLength(count);
      await isIdle(app);
    },
    timeout,
  );

  it(
    'with all rights cause no 5xx and no call that no contract has (A10, A12, A15, A16, A18)',
    async () => {
      const app = own();
      await world.resetCalls();
      const outcomes = await attack(app, 'all');
      expect(await calls(app.upstreams, '')).toBe(0);
      expect(outcomes).toHaveLength(count);
      // They are not refused at the first line: some of them reach their services.
      expect(await calls(app.upstreams)).toBeGreaterThan(count / 20);
      expect(Reflect.get({}, 'x')).toBeUndefined();
      await isIdle(app);
    },
    timeout,
  );
});

async function openCalls({ url, upstreams }: Started): Promise<number> {
  await fetch(url);
  return calls(upstreams);
}

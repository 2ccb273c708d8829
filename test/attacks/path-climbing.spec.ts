import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { loadConfig } from '@frontage/config';
import { createGateway, InjectClient, Screen, type Gateway } from '@frontage/gateway';
import * as users from '@frontage/upstreams/users';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { climbingIds } from './climbing-ids.js';

const userPlan = plan(
  'attacks.user',
  { input: { path: z.object({ id: z.string() }) }, deadlineMs: 4_000 },
  ({ path }) => ({
    user: required(users.getUser, { path: { id: path.id } }),
  }),
);
const userScreen = screen(userPlan, ({ user }) => pick(user, 'name'));

type Users = Client<typeof users>;

@Public()
@Controller()
class UsersController {
  @Get('screen/:id')
  @Screen(userScreen)
  show(@Param() path: object) {
    return { path };
  }

  @Get('handler/:id')
  async hand(@Param('id') id: string, @InjectClient(users) client: Users) {
    const { name } = await client.getUser({ path: { id } });
    return { name };
  }
}

@Module({ controllers: [UsersController] })
class UsersModule {}

/** Paths that the upstream was asked for, as it reads them. */
const reached: string[] = [];
let upstream: Server;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'path-climbing-'));
  // As nginx does with `proxy_pass` and a path: decodes, then resolves.
  upstream = createServer((request, response) => {
    const decoded = decodeURIComponent((request.url ?? '').split('?', 1)[0] ?? '');
    reached.push(posix.normalize(decoded.replaceAll('\\', '/')));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 'x', name: 'Ada' }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => void reached.splice(0));

describe.each(['undici', 'direct', 'axios'])('over the transport %s, a path parameter of a client', (transport) => {
  let gateway: Gateway;
  let url: string;
  beforeAll(async () => {
    const config = join(folder, `${transport}.yaml`);
    const { port } = upstream.address() as AddressInfo;
    writeFileSync(
      config,
      `bff: attacks\nlisten: { port: 0, adminPort: 0 }\nlog: { requests: false }\nupstreams:\n` +
        `  users: { urls: ["http://127.0.0.1:${port}"], timeout: 5s, transport: ${transport} }\n`,
    );
    gateway = createGateway(UsersModule, { loaded: loadConfig(config, { env: {}, environment: 'test' }) });
    ({ url } = await gateway.start());
  });
  afterAll(() => gateway.close());

  it.each(climbingIds)('that climbs (%s) is refused as input, and nothing is asked of the service', async (id) => {
    for (const route of ['screen', 'handler']) {
      const response = await fetch(`${url}/${route}/${id}`);
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'GW_INVALID_INPUT' }]);
    }
    expect(reached).toEqual([]);
  });

  it('that merely looks unusual reaches its operation', async () => {
    for (const route of ['screen', 'handler']) {
      const response = await fetch(`${url}/${route}/a..b%20%251`);
      expect(response.status).toBe(200);
    }
    expect(reached).toEqual(['/users/a..b %1', '/users/a..b %1']);
  });
});

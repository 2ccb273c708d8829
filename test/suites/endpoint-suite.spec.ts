import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { given, pick, plan, required, screen } from '@frontage/aggregation';
import { Access, Caller, Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { AppUnderTest } from '@frontage/testing/app-under-test';
import { endpointSuite } from '@frontage/testing/endpoint-suite';
import * as users from '@frontage/upstreams/users';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const profilePlan = plan('tiny.profile', { input: { caller: given<Caller>() }, deadlineMs: 5000 }, ({ caller }) => ({
  profile: required(users.getUser, { path: { id: caller.subject } }),
}));
const profileScreen = screen(profilePlan, ({ profile }) => pick(profile, 'name'));
const openPlan = plan('tiny.open', { input: {}, deadlineMs: 5000 }, () => ({
  profile: required(users.getUser, { path: { id: 'public' } }),
}));
const openScreen = screen(openPlan, ({ profile }) => pick(profile, 'name'));

@Controller()
class ProfileController {
  @Get('open')
  @Public()
  @Screen(openScreen)
  open(): Record<string, never> {
    return {};
  }

  @Get('profile')
  @Access({ scope: 'profile:read' })
  @Screen(profileScreen)
  show(@Caller() caller: Caller): { caller: Caller } {
    return { caller };
  }
}

@Module({ controllers: [ProfileController] })
class TinyModule {}

let folder = '';
let app: AppUnderTest;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'frontage-suite-'));
  const file = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  file(
    'bff.yaml',
    "bff: tiny\nlisten: { port: 0, adminPort: 0 }\naccess: { jwt: { issuer: '${ISSUER_URL}', audience: tiny-bff, jwks: '${ISSUER_URL}/jwks.json' } }\nupstreams: { users: { urls: ['${USERS_URL}'] } }\n",
  );
  for (const id of ['ada', 'public']) {
    const response = {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { id, name: `recorded ${id}` },
    };
    file(`recorded/users/${id}.json`, JSON.stringify({ request: { method: 'GET', target: `/users/${id}` }, response }));
  }
  app = await AppUnderTest.start(TinyModule, {
    bff: 'tiny',
    config: join(folder, 'bff.yaml'),
    upstreams: [],
    recorded: join(folder, 'recorded'),
  });
});
afterAll(async () => {
  await app.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('an app with a public endpoint, on recorded responses', () => {
  endpointSuite(
    () => app,
    [
      { route: 'GET /open', public: true },
      { route: 'GET /profile', scope: 'profile:read' },
    ],
  );

  it('shows what was recorded', async () => {
    expect((await app.ask('GET /open')).body).toEqual({ name: 'recorded public' });
    expect((await app.ask('GET /profile', { token: await app.token('ada', 'profile:read') })).body).toEqual({
      name: 'recorded ada',
    });
    expect(app.recorded?.missed).toEqual([]);
  });
});

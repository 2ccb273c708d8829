import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SourceProcess } from './source-process.js';
import { SandboxProcess, workspaceRoot } from './sandbox-process.js';
import { startWorld, type World } from './world.js';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a world', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ upstreams: ['users', 'orders', 'content'], separate: ['content'] });
  });
  afterAll(() => world.stop());
  afterEach(async () => {
    await world.clearFaults();
    await world.resetCalls();
  });

  it('gives the variables of bff.yaml, each with the address of a real server', async () => {
    expect(Object.keys(world.env).toSorted()).toEqual(['CONTENT_URL', 'ISSUER_URL', 'ORDERS_URL', 'USERS_URL']);
    expect(new URL(world.url('content')).port).not.toBe(new URL(world.url('users')).port);
    const [user, banners] = await Promise.all([
      fetch(`${world.env['USERS_URL']}/users/ada`),
      fetch(`${world.env['CONTENT_URL']}/banners`),
    ]);
    expect(await user.json()).toMatchObject({ name: 'Ada Lovelace' });
    expect(await banners.json()).toHaveLength(4);
    const jwks = await fetch(`${world.env['ISSUER_URL']}/jwks.json`);
    expect(jwks.status).toBe(200);
  });

  it('serves only the upstreams that were asked for', async () => {
    expect((await fetch(world.url('users').replace(/users$/, 'carts/carts/ada'))).status).toBe(404);
  });

  it('sets faults in the process of their upstream, and clears them', async () => {
    await world.setFault('content', { status: 503 });
    await world.setFault('users', { operation: 'getUser', status: 502 });
    expect((await fetch(`${world.url('content')}/banners`)).status).toBe(503);
    expect((await fetch(`${world.url('users')}/users/ada`)).status).toBe(502);
    await world.clearFaults();
    expect((await fetch(`${world.url('content')}/banners`)).status).toBe(200);
    await expect(world.setFault('users', { operation: 'nothing' })).rejects.toThrow('There is no operation nothing');
  });

  it('reports the calls of an upstream, an abort included', async () => {
    await world.setFault('orders', { hang: true });
    const gone = new AbortController();
    const asked = fetch(`${world.url('orders')}/orders/o-1001`, { signal: gone.signal });
    await world.untilCalls('orders', ([call]) => call?.state === 'open');
    gone.abort();
    await expect(asked).rejects.toThrow();
    const [call] = await world.untilCalls('orders', (calls) => calls[0]?.state === 'aborted');
    expect(call).toMatchObject({ operation: 'getOrder', target: '/orders/o-1001' });
    expect(await world.count('orders', 'getOrder')).toBe(1);
    expect(await world.count('content')).toBe(0);
  });

  it('reports the calls when none of them fits', async () => {
    await expect(world.untilCalls('orders', () => false, 20)).rejects.toThrow('did not fit within 20 ms');
  });

  it('kills one upstream, brings it back on its port, and leaves the others alone', async () => {
    const before = world.url('content');
    await world.kill('content');
    await expect(fetch(`${before}/banners`)).rejects.toThrow();
    expect((await fetch(`${world.url('users')}/users/ada`)).status).toBe(200);
    await world.restart('content');
    expect(world.url('content')).toBe(before);
    expect((await fetch(`${before}/banners`)).status).toBe(200);
  });

  it('freezes one upstream: it takes the connection and sends nothing', async () => {
    world.freeze('content');
    const asked = fetch(`${world.url('content')}/banners`, { signal: AbortSignal.timeout(50) });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
    world.thaw('content');
    expect((await fetch(`${world.url('content')}/banners`)).status).toBe(200);
  });

  it('explains how an upstream gets a process of its own', () => {
    expect(() => world.freeze('users')).toThrow("separate: ['users']");
  });

  it('gives tokens with user, scopes and audience', async () => {
    const token = await world.token({ user: 'ada', scopes: ['home:read'], audience: 'mobile-bff', roles: ['vip'] });
    const [, claims = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: world.issuerUrl,
      sub: 'ada',
      aud: 'mobile-bff',
      scope: 'home:read',
      roles: ['vip'],
    });
  });
});

describe('the end of a world', () => {
  it('leaves no process behind, frozen ones included', async () => {
    const sandboxes = await Promise.all(
      ['users', 'content'].map((upstream) => SandboxProcess.start({ upstreams: [upstream] })),
    );
    const pids = sandboxes.map(({ pid }) => pid);
    expect(pids.every(isAlive)).toBe(true);
    sandboxes[1]?.freeze();
    await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
    expect(pids.some(isAlive)).toBe(false);
  });

  it('comes with the end of the process that started it, even when that one is killed', async () => {
    const file = new URL('./fixtures/start-and-wait.ts', import.meta.url);
    const parent = await SourceProcess.start({ file: file.pathname, cwd: workspaceRoot });
    const url = String(parent.ready['url']);
    expect((await fetch(url)).status).toBe(200);
    await parent.kill();
    // Its port is checked, not its pid: a process that no parent has waited for still has a pid.
    await expect.poll(() => fetch(url).catch(() => 'refused')).toBe('refused');
  });

  it('comes before the start where the port is taken, with the variable that changes it', async () => {
    const first = await SandboxProcess.start({ upstreams: [] });
    const port = Number(new URL(first.baseUrl).port);
    await expect(SandboxProcess.start({ upstreams: [], port })).rejects.toThrow(
      `Port ${port} is taken: set SANDBOX_PORT`,
    );
    await first.stop();
  });

  it('comes before the start where a contract does not exist, with a message', async () => {
    await expect(startWorld({ upstreams: ['users', 'unknown'] })).rejects.toThrow('There is no contract of unknown');
  });
});

import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallScope } from '@frontage/context';
import { channels, type CallShed, type Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawRequest } from '@frontage/testing/raw-server';
import { contextOf, operation, scopeOf } from './fixtures/operations.js';
import { http, json } from './fixtures/responses.js';
import { createUpstream, Pressure, type CallNeed, type Upstream, type UpstreamOptions } from './index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

/** An upstream that responds on command. */
class World {
  readonly held: { readonly socket: Socket; readonly request: RawRequest }[] = [];
  readonly clock = new ManualClock();
  readonly pressure = new Pressure();
  raw!: RawServer;
  client!: Upstream;

  static async start(options: Partial<UpstreamOptions>): Promise<World> {
    const world = new World();
    world.raw = await RawServer.start((socket, request) => void world.held.push({ socket, request }));
    world.client = world.clientOf('orders', options);
    started.push(world.raw);
    return world;
  }

  clientOf(name: string, options: Partial<UpstreamOptions>): Upstream {
    const client = createUpstream(
      name,
      { urls: [this.raw.url], timeoutMs: 10_000, ...options },
      {
        clock: this.clock,
        pressure: this.pressure,
        tierOf: ({ caller }) => (caller?.roles.includes('paying') ? 1 : 0),
      },
    );
    started.push({ stop: () => client.close() });
    return client;
  }

  /** Begins a call, with its name in the target. */
  call(name: string, need: CallNeed, scope: CallScope = scopeOf(), client = this.client): Promise<Outcome<unknown>> {
    const method = need === 'write' ? 'POST' : 'GET';
    return client.executor(operation({ id: need, method, path: `/${name}` }), { need })({}, scope);
  }

  arrived(count: number): Promise<void> {
    return expect
      .poll(() => this.held.length, { interval: 2 })
      .toBe(count)
      .then(() => undefined);
  }

  /** Responds to the requests one after the other, as they arrive. @returns their names */
  async serve(count: number): Promise<string[]> {
    const names: string[] = [];
    for (let index = 0; index < count; index++) {
      await this.arrived(index + 1);
      const { socket, request } = this.held[index]!;
      names.push(request.target.slice(1));
      socket.write(json(200, 1));
    }
    return names;
  }
}

const scopeFor = (subject: string, ...roles: string[]): CallScope => {
  const context = contextOf();
  context.caller = { subject, scopes: [], roles };
  return scopeOf(context);
};

describe('calls that wait for a permit', () => {
  it('get it by what they mean to their page, then by the tier of their caller, then by its use', async () => {
    const world = await World.start({ concurrency: 1, queue: 20 });
    const calls = [world.call('first', 'required')];
    await world.arrived(1);
    for (const need of ['optional', 'required', 'write'] as const) calls.push(world.call(need, need));
    // Callers who got no permit yet: only the tier puts one before the other.
    calls.push(world.call('free', 'required', scopeFor('bob')));
    calls.push(world.call('paying', 'required', scopeFor('ada', 'paying')));
    calls.push(world.call('optional-free', 'optional', scopeFor('eve')));
    calls.push(world.call('optional-paying', 'optional', scopeFor('ada', 'paying')));
    expect(await world.serve(8)).toEqual([
      'first',
      'write',
      'paying',
      'free',
      'required',
      'optional-paying',
      'optional-free',
      'optional',
    ]);
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true);
  });

  it('take turns where one caller has many', async () => {
    const world = await World.start({ concurrency: 1, queue: 20 });
    const calls = [world.call('first', 'required')];
    await world.arrived(1);
    for (const count of [1, 2, 3, 4]) calls.push(world.call(`greedy-${count}`, 'required', scopeFor('greedy')));
    for (const count of [1, 2]) calls.push(world.call(`modest-${count}`, 'required', scopeFor('modest')));
    expect(await world.serve(7)).toEqual([
      'first',
      'greedy-1',
      'modest-1',
      'greedy-2',
      'modest-2',
      'greedy-3',
      'greedy-4',
    ]);
    await Promise.all(calls);
  });

  it('are shed from the lowest on, say so, and leave nothing behind', async () => {
    const shed: CallShed[] = [];
    const listen = (message: unknown): void => void shed.push(message as CallShed);
    channels.callShed.subscribe(listen);
    const world = await World.start({ concurrency: 1, queue: 2 });
    const first = world.call('first', 'required');
    await world.arrived(1);
    const context = contextOf();
    const optional = world.call('optional', 'optional', scopeOf(context));
    const required = world.call('required', 'required');
    const write = world.call('write', 'write');
    expect(await optional).toMatchObject({ ok: false, status: 'shed', code: 'GW_OVERLOADED', unsent: true });
    expect(context.cancellation.listenerCount).toBe(0);
    expect(await world.call('another', 'optional')).toMatchObject({ status: 'shed' });
    expect(await world.serve(3)).toEqual(['first', 'write', 'required']);
    await Promise.all([first, required, write]);
    channels.callShed.unsubscribe(listen);
    expect(shed.map(({ upstream, need }) => [upstream, need])).toEqual([
      ['orders', 'optional'],
      ['orders', 'optional'],
    ]);
    expect(world.client.health()).toMatchObject({ calls: { active: 0, queued: 0, limit: 1 } });
    expect(world.clock.timerCount).toBe(0);
  });

  it('leave the queue at their deadline, whatever their rank', async () => {
    const world = await World.start({ concurrency: 1, queue: 20 });
    const first = world.call('first', 'required');
    await world.arrived(1);
    const late = world.call('late', 'required', scopeOf(contextOf(), 100));
    const optional = world.call('optional', 'optional');
    await world.clock.advance(100);
    expect(await late).toMatchObject({ status: 'timeout', unsent: true });
    expect(world.pressure.level).toBe(0);
    expect(await world.serve(2)).toEqual(['first', 'optional']);
    await Promise.all([first, optional]);
  });
});

describe('the pressure of all upstreams', () => {
  it('stops optional calls to one upstream before required calls to another one fail', async () => {
    const world = await World.start({ concurrency: 1, queue: 4 });
    const calm = world.clientOf('users', { concurrency: 10 });
    const calls = [world.call('first', 'required')];
    await world.arrived(1);
    calls.push(world.call('second', 'required'));
    const optional = world.call('optional', 'optional', scopeOf(), calm);
    await world.arrived(2);
    calls.push(world.call('third', 'required'));
    expect(await world.call('refused', 'optional', scopeOf(), calm)).toMatchObject({ status: 'shed', unsent: true });
    const required = world.call('required', 'required', scopeOf(), calm);
    await world.arrived(3);
    // The pressure is gone as soon as the calls have their permits.
    world.held[0]?.socket.write(json(200, 1));
    await world.arrived(4);
    const again = world.call('again', 'optional', scopeOf(), calm);
    await world.arrived(5);
    for (const { socket } of world.held.slice(1)) socket.write(json(200, 1));
    await world.arrived(6);
    world.held[5]?.socket.write(json(200, 1));
    const outcomes = await Promise.all([...calls, optional, required, again]);
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
  });
});

describe('an adaptive limit of an upstream', () => {
  const policy: Partial<UpstreamOptions> = { concurrency: { adaptive: { min: 2, max: 50, initial: 10 } }, queue: 200 };

  /** Rounds of calls that keep the limit full; each round takes so long. */
  async function rounds(world: World, count: number, latencyMs: number, response = json(200, 1)): Promise<void> {
    const limit = (): number => world.client.health().calls?.limit ?? 0;
    for (let round = 0; round < count; round++) {
      const before = world.held.length;
      const size = limit();
      const calls = Array.from({ length: size }, (_, id) => world.call(`${round}-${id}`, 'required'));
      await world.arrived(before + size);
      await world.clock.advance(latencyMs);
      for (const { socket } of world.held.slice(before)) socket.write(response);
      await Promise.all(calls);
    }
  }

  it('grows while calls take as long as usual, and shrinks where they are turned away', async () => {
    const world = await World.start(policy);
    expect(world.client.health()).toEqual({ upstream: 'orders', calls: { active: 0, queued: 0, limit: 10 } });
    await rounds(world, 24, 250);
    const grown = world.client.health().calls?.limit ?? 0;
    expect(grown).toBeGreaterThan(11);
    await rounds(world, 12, 250, http(503, {}));
    expect(world.client.health().calls?.limit).toBeLessThan(grown);
    expect(world.client.health()).toMatchObject({ calls: { active: 0, queued: 0 } });
  });

  it('learns nothing from calls that were cancelled, and gives their permits back', async () => {
    const world = await World.start(policy);
    for (let round = 0; round < 10; round++) {
      const context = contextOf();
      const calls = Array.from({ length: 10 }, () => world.call('x', 'required', scopeOf(context)));
      await world.arrived((round + 1) * 10);
      await world.clock.advance(500);
      context.cancellation.cancel('client_gone');
      await Promise.all(calls);
    }
    expect(world.client.health()).toEqual({ upstream: 'orders', calls: { active: 0, queued: 0, limit: 10 } });
  });
});

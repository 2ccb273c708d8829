import { join } from 'node:path';
import { createSandbox, findContracts, type Sandbox } from '@frontage/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SandboxState } from '../model/state.js';
import { SandboxClient } from './sandbox-client.js';

const root = join(import.meta.dirname, '../../../..');
const contracts = (await findContracts(root)).filter(({ upstream }) => ['users', 'orders'].includes(upstream));

let sandbox: Sandbox;
let client: SandboxClient;
beforeEach(async () => {
  sandbox = await createSandbox({ contracts });
  client = new SandboxClient(sandbox.url, [
    { name: 'people', urls: [`${sandbox.url}/users`] },
    { name: 'orders', urls: ['http://127.0.0.1:1', `${sandbox.url}/orders/`] },
    { name: 'real', urls: ['https://real.example.com'] },
  ]);
});
afterEach(async () => {
  client.stop();
  await sandbox.close();
});

describe('the sandbox of a page', () => {
  it('plays the upstreams whose address it has, by their names in the app', async () => {
    expect(['people', 'orders', 'real'].map((name) => client.plays(name))).toEqual([true, true, false]);
    expect(await client.setFault('people', undefined, { latencyMs: 20 })).toBeUndefined();
    expect((await client.state()).faults).toEqual({ people: [{ latencyMs: 20 }], orders: [] });
    expect(await client.setFault('real', undefined, { latencyMs: 20 })).toBe('the sandbox does not play real');
  });

  it('says what is wrong with a fault', async () => {
    expect(await client.setFault('people', 'getUser', { latencyMs: -1 })).toBe(
      'latencyMs is -1, and must be milliseconds from 0 to 600000.',
    );
  });

  it('ends the fault of one operation, or of all others, and leaves the rest', async () => {
    await client.setFault('people', undefined, { latencyMs: 1 });
    await client.setFault('people', 'getUser', { status: 503 });
    await client.setFault('orders', 'listOrders', { reset: true });
    await client.setFault('people', undefined, undefined);
    expect((await client.state()).faults['people']).toEqual([{ status: 503, operation: 'getUser' }]);
    await client.setFault('people', 'getUser', undefined);
    expect((await client.state()).faults).toMatchObject({ people: [], orders: [{ reset: true }] });
    await client.clearFaults();
    expect((await client.state()).faults).toEqual({ people: [], orders: [] });
  });

  it('tells each call when it has ended, without header fields', async () => {
    const told = Promise.withResolvers<SandboxState>();
    client.watch((state) => {
      if (state.calls[0]?.state === 'answered') told.resolve(state);
    });
    await fetch(`${sandbox.url}/users/users/ada`, { headers: { authorization: 'Bearer secret' } });
    const { calls } = await told.promise;
    expect(calls).toEqual([
      { upstream: 'people', operation: 'getUser', method: 'GET', target: '/users/ada', startedAt: expect.any(Number), ms: expect.any(Number), status: 200, state: 'answered' },
    ]); // prettier-ignore
  });
});

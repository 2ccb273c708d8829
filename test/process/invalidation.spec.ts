import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { expect, it, vi } from 'vitest';
import { AppProcess } from './app-process.js';

vi.setConfig({ testTimeout: 60_000 });

async function ask(url: string, agent: Agent, method = 'GET'): Promise<Readonly<Record<string, number>>> {
  const [response] = (await once(request(url, { agent, method }).end(), 'response')) as [IncomingMessage];
  return (await json(response)) as Readonly<Record<string, number>>;
}

it('a write in one process of `frontage serve` invalidates what the others have in memory, without a Redis', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'frontage-invalidation-'));
  let itemCount = 0;
  const service = await RawServer.start((socket, arrived) => {
    const { method, index } = arrived;
    if (method === 'POST') itemCount++;
    rawReplies.json(
      { id: 'c-1', customerId: 'c-1', lines: [], itemCount, version: index },
      {},
      method === 'POST' ? 201 : 200,
    )(socket, arrived);
  });
  const policy = join(folder, 'bff.yaml');
  await writeFile(
    policy,
    `bff: cached
listen: { port: 0, adminPort: 0 }
access: off
upstreams:
  carts: { urls: ['${service.url}'], cache: { getCart: { ttl: 1h, scope: public, tags: ['cart:{customerId}'] } } }
`,
  );
  const main = fileURLToPath(new URL('./fixtures/cached.main.ts', import.meta.url));
  const app = new AppProcess({
    script: 'libs/generator/src/main.ts',
    args: ['serve', main, '--processes', '2'],
    env: { CACHED_POLICY: policy },
  });
  const agents = new Map<number, Agent>();
  try {
    const { url } = await app.ready();
    // A connection stays with the process that took it.
    while (agents.size < 2) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { pid = 0 } = await ask(`${url}/pid`, agent);
      if (agents.has(pid)) agent.destroy();
      else agents.set(pid, agent);
    }
    const [one, other] = agents.values();
    if (one === undefined || other === undefined) throw new Error('there are two');
    for (const agent of [one, other]) expect(await ask(`${url}/cart`, agent)).toEqual({ itemCount: 0 });
    expect(service.requests.length).toBe(2);
    expect(await ask(`${url}/cart`, one, 'POST')).toEqual({ itemCount: 1 });
    expect(await ask(`${url}/cart`, one)).toEqual({ itemCount: 1 });
    await expect.poll(() => ask(`${url}/cart`, other), { timeout: 1_000, interval: 5 }).toEqual({ itemCount: 1 });
    expect(service.requests.length).toBe(5);
  } finally {
    for (const agent of agents.values()) agent.destroy();
    app.signal('SIGTERM');
    await app.ended;
    await service.stop();
    await rm(folder, { recursive: true });
  }
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppProcess } from './app-process.js';
import { SteadyClients } from './steady-clients.js';

/** `FRONTAGE_ROLLS=20` for the whole of it: a start takes a few seconds. */
const rolls = Number(process.env['FRONTAGE_ROLLS'] ?? 3);
const shop = fileURLToPath(new URL('./fixtures/shop.main.ts', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-rolls-'));
  await writeFile(
    join(folder, 'bff.yaml'),
    `bff: shop
listen: { port: 0, adminPort: 0 }
access: off
addressLimit: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
shutdown: { delay: 2s, grace: 5s }
log: { requests: false }
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function serve(): Promise<{ readonly app: AppProcess; readonly url: string }> {
  const app = new AppProcess({
    script: 'libs/generator/src/main.ts',
    args: ['serve', shop, '--processes', '2'],
    env: { SHOP_POLICY: join(folder, 'bff.yaml') },
  });
  return { app, url: (await app.ready()).url };
}

it(
  `loses no request in ${rolls} rolling restarts by a supervisor and a load balancer that respect readiness (F25)`,
  async () => {
    const clients = new SteadyClients(16, '/slow?ms=10');
    let current = await serve();
    await clients.add(current);
    const rounds: string[] = [];
    for (let roll = 1; roll <= rolls; roll++) {
      const next = await serve();
      await clients.add(next);
      const [answered, lost] = [clients.answered, clients.lost.length];
      const began = performance.now();
      current.app.signal('SIGTERM');
      expect((await current.app.ended).code).toBe(0);
      const tookMs = Math.round(performance.now() - began);
      rounds.push(
        `${roll}: ended after ${tookMs} ms, ${clients.answered - answered} answered, ${clients.lost.length - lost} lost`,
      );
      current = next;
    }
    await clients.end();
    current.app.signal('SIGTERM');
    await current.app.ended;
    process.stdout.write(
      `${rounds.join('\n')}\nin all ${clients.answered} answered, ${clients.closing} with connection: close, ${clients.lost.length} lost\n`,
    );
    expect(clients.lost).toEqual([]);
    expect(clients.closing).toBeGreaterThan(0);
    expect(clients.answered).toBeGreaterThan(100 * rolls);
  },
  60_000 + rolls * 30_000,
);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { channels, listen, type Warning } from '@frontage/core';
import { createGateway, type Gateway } from '@frontage/gateway';
import { DnsServer } from '@frontage/testing';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { RateClass } from '@frontage/throttling';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

@Controller()
class Counted {
  @Public()
  @RateClass('few')
  @Get('counted')
  counted(): string {
    return 'counted';
  }
}
@Module({ controllers: [Counted] })
class CountedModule {}

const host = 'cache.test';
const folder = mkdtempSync(join(tmpdir(), 'store-names-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!redisIsInstalled())('the name of the shared store (RELIABILITY F31, F32)', () => {
  let names: DnsServer;
  let first: RedisServer;
  let second: RedisServer;
  let gateway: Gateway;
  let url: string;
  const warnings: string[] = [];
  const ended: (() => unknown)[] = [];

  async function start(reply: Parameters<DnsServer['replies']['set']>[1], whenDown = 'closed'): Promise<void> {
    names.replies.set(host, reply);
    const file = join(folder, 'bff.yaml');
    const policy = `bff: shop
listen: { port: 0 }
log: { level: silent }
access: off
addressLimit: off
dns: { servers: ['${names.address}'], timeout: 1s }
redis: { url: 'redis://${host}:${first.port}' }
rateStore: { whenDown: ${whenDown} }
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
`;
    writeFileSync(file, policy);
    gateway = createGateway(CountedModule, {
      admin: false,
      loaded: loadConfig(file, { env: {}, environment: 'test' }),
    });
    ({ url } = await gateway.start());
  }

  beforeEach(async () => {
    names = await DnsServer.start();
    first = await RedisServer.start();
    // The same port of another address of the loopback, as another machine has it.
    second = await RedisServer.start(first.port, ['--bind', '127.0.0.2']);
    ended.push(
      listen<Warning>(
        channels.warning,
        ({ message }) => warnings.push(message),
        () => undefined,
      ),
    );
  });
  afterEach(async () => {
    await gateway.close();
    for (const end of ended.splice(0)) await end();
    warnings.splice(0);
    await Promise.all([names.stop(), first.stop(), second.stop()]);
  });

  const ask = async (): Promise<number> => (await fetch(`${url}/counted`)).status;

  /** A command may take longer than its bound on a busy machine. */
  const isCounted = (): Promise<void> => vi.waitFor(async () => expect(await ask()).toBe(200));

  /** The number of keys of limits that a server holds. */
  async function limitsAt(address: string): Promise<number> {
    const client = new Redis(first.port, address);
    const keys = await client.keys('shop:limits:*');
    client.disconnect();
    return keys.length;
  }
  const clientsAt = async (address: string): Promise<number> => {
    const client = new Redis(first.port, address);
    const list = String(await client.call('client', 'list'));
    client.disconnect();
    return list.trim().split('\n').length - 1;
  };

  it('is asked for at the name servers of policy, and counts go to its address', async () => {
    await start({ addresses: ['127.0.0.2'], ttl: 60 });
    await isCounted();
    expect(names.asked).toContain(host);
    expect([await limitsAt('127.0.0.1'), await limitsAt('127.0.0.2')]).toEqual([0, 1]);
  });

  it('that gets another address moves the store there under traffic: no request is refused, and no outage is told', async () => {
    await start({ addresses: ['127.0.0.1'], ttl: 1 }, 'local');
    await isCounted();
    names.replies.set(host, { addresses: ['127.0.0.2'], ttl: 1 });
    const statuses = new Set<number>();
    await vi.waitFor(
      async () => {
        statuses.add(await ask());
        expect(await limitsAt('127.0.0.2')).toBe(1);
      },
      { timeout: 15_000, interval: 20 },
    );
    expect(await ask()).toBe(200);
    expect([...statuses]).toEqual([200]);
    await vi.waitFor(async () => expect(await clientsAt('127.0.0.1')).toBe(0));
    expect(warnings).toEqual([]);
  });

  it('that leads to a server that takes no writes keeps the old connection', async () => {
    await start({ addresses: ['127.0.0.1'], ttl: 1 });
    const replica = new Redis(first.port, '127.0.0.2');
    await replica.call('replicaof', '127.0.0.1', String(first.port));
    replica.disconnect();
    const asked = names.asked.length;
    names.replies.set(host, { addresses: ['127.0.0.2'], ttl: 1 });
    await vi.waitFor(() => expect(names.asked.length).toBeGreaterThan(asked + 1), { timeout: 15_000 });
    for (let i = 0; i < 5; i++) await isCounted();
  });

  it('that has a new address after the store has crashed is taken, while others fail', async () => {
    await start({ addresses: ['127.0.0.1'], ttl: 1 });
    await isCounted();
    names.replies.set(host, { addresses: ['127.0.0.2'], ttl: 1 });
    await first.stop();
    await vi.waitFor(async () => expect(await ask()).toBe(200), { timeout: 15_000, interval: 50 });
    expect(await limitsAt('127.0.0.2')).toBe(1);
  });

  it('whose name server hangs leaves the app serving, and limits refuse as policy says', async () => {
    await start('hang');
    expect(await ask()).toBe(503);
    names.replies.set(host, { addresses: ['127.0.0.1'], ttl: 1 });
    await vi.waitFor(async () => expect(await ask()).toBe(200), { timeout: 20_000, interval: 100 });
  });
});

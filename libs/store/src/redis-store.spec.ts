import { connect, createServer } from 'node:net';
import { channels } from '@frontage/core';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisStore } from './redis-store.js';
import { storeScript } from './store-script.js';

const increment = storeScript(`return redis.call('INCR', KEYS[1])`);

describe.skipIf(!redisIsInstalled())('a store in Redis', () => {
  const ended: (() => unknown)[] = [];
  const warnings: string[] = [];
  const listen = (message: unknown): void => void warnings.push(String(Reflect.get(Object(message), 'message')));
  beforeEach(() => channels.warning.subscribe(listen));
  afterEach(async () => {
    channels.warning.unsubscribe(listen);
    warnings.splice(0);
    for (const end of ended.splice(0).toReversed()) await end();
  });

  async function server(port?: number, options: readonly string[] = []): Promise<RedisServer> {
    const started = await RedisServer.start(port, options);
    ended.push(() => started.stop());
    return started;
  }
  async function storeOf(url: string, timeoutMs = 1_000): Promise<RedisStore> {
    const store = new RedisStore({ app: 'mobile', url, timeoutMs });
    ended.push(() => store.stop());
    await store.start();
    return store;
  }
  function admin(redis: RedisServer, password?: string): Redis {
    const client = new Redis(redis.url, { retryStrategy: () => 50, ...(password !== undefined && { password }) });
    client.on('error', () => undefined);
    ended.push(() => client.disconnect());
    return client;
  }
  const key = (store: RedisStore) => store.namespace('limits').key('ada');
  const count = (store: RedisStore): Promise<unknown> => store.evaluate(increment, [key(store)], []);
  /** Uses the store as traffic does, until it refuses a command. */
  const untilDown = (store: RedisStore): Promise<void> =>
    expect
      .poll(
        async () => {
          await count(store).catch(() => undefined);
          return store.isUp;
        },
        { timeout: 5_000, interval: 20 },
      )
      .toBe(false);
  /** RELIABILITY F32: the store is used within five seconds after the server is back. */
  const untilUp = (store: RedisStore): Promise<void> =>
    expect.poll(() => store.isUp, { timeout: 5_000, interval: 20 }).toBe(true);

  it('keeps bytes as they are, and forgets them in time', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    await store.set(store.namespace('cache').key('k'), bytes, 60_000);
    expect(await store.get(store.namespace('cache').key('k'))).toEqual(bytes);
    expect(await store.get(store.namespace('cache').key('none'))).toBeNull();
    expect(await admin(redis).pttl('mobile:cache:v3:k')).toBeGreaterThan(50_000);
  });

  it('goes on when the server has forgotten a script', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    expect(await count(store)).toBe(1);
    await admin(redis).script('FLUSH');
    expect(await count(store)).toBe(2);
  });

  it('F32: follows a name to the new primary, when the old one has become a replica and keeps its connections', async () => {
    const [first, second] = [await server(), await server()];
    let primary = first.port;
    // As with a name server, the same name leads to another server. Here the address is the same and the port differs.
    const name = createServer((client) => {
      const onward = connect(primary, '127.0.0.1');
      client.pipe(onward).pipe(client);
      client.on('error', () => onward.destroy());
      onward.on('error', () => client.destroy());
      client.on('close', () => onward.destroy());
    });
    await new Promise<void>((resolve) => name.listen(0, '127.0.0.1', resolve));
    ended.push(() => name.close());
    const address = name.address();
    const store = await storeOf(`redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    expect(await count(store)).toBe(1);
    await admin(first).replicaof('127.0.0.1', String(second.port));
    primary = second.port;
    await untilDown(store);
    await untilUp(store);
    await expect(count(store)).resolves.toBeTypeOf('number');
    expect(await admin(second).get('mobile:limits:v2:ada')).not.toBeNull();
    expect(warnings).toEqual([
      expect.stringMatching(/^the shared store 127\.0\.0\.1:\d+ cannot be used/),
      expect.stringMatching(/^the shared store 127\.0\.0\.1:\d+ is used again$/),
    ]);
  });

  it('F32: is used again when a replica becomes a primary, without traffic', async () => {
    const [primary, replica] = [await server(), await server()];
    await admin(replica).replicaof('127.0.0.1', String(primary.port));
    const store = await storeOf(replica.url);
    expect(store.isUp).toBe(false);
    await admin(replica).replicaof('NO', 'ONE');
    await untilUp(store);
    expect(await count(store)).toBe(1);
  });

  it('F32: is used again after a crash and a restart', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    await count(store);
    await redis.stop();
    await expect.poll(() => store.isUp, { timeout: 5_000 }).toBe(false);
    await expect(count(store)).rejects.toThrow('the shared store is down');
    await server(redis.port);
    await untilUp(store);
    expect(await count(store)).toBe(1);
  });

  it('F32: costs nothing while the server hangs, and is used again when it goes on', async () => {
    const redis = await server();
    const store = await storeOf(redis.url, 100);
    redis.freeze();
    await untilDown(store);
    const startedAt = performance.now();
    const asked = await Promise.allSettled(Array.from({ length: 1_000 }, () => count(store)));
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(asked.every(({ status }) => status === 'rejected')).toBe(true);
    redis.thaw();
    await untilUp(store);
  });

  it('F32: waits for a server that loads its data', async () => {
    const redis = await server(undefined, ['--enable-debug-command', 'yes', '--key-load-delay', '3000']);
    const client = admin(redis);
    await client.call('DEBUG', 'POPULATE', '1000');
    const store = await storeOf(redis.url);
    const reloaded = client.call('DEBUG', 'RELOAD').catch(() => undefined);
    await untilDown(store);
    await reloaded;
    await untilUp(store);
    await expect(count(store)).resolves.toBeTypeOf('number');
  });

  it('F32: is not used while the server is full, and used again after that', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    const client = admin(redis);
    await client.config('SET', 'maxmemory', '1');
    await untilDown(store);
    await client.config('SET', 'maxmemory', '0');
    await untilUp(store);
  });

  it('F32: is not used while the server takes no writes without replicas', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    const client = admin(redis);
    await client.config('SET', 'min-replicas-to-write', '1');
    await untilDown(store);
    await client.config('SET', 'min-replicas-to-write', '0');
    await untilUp(store);
  });

  it('F32: is not used while a replica has lost its primary and serves nothing', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    const client = admin(redis);
    await client.config('SET', 'replica-serve-stale-data', 'no');
    await client.replicaof('127.0.0.1', '1');
    await untilDown(store);
    await client.replicaof('NO', 'ONE');
    await untilUp(store);
  });

  it('F32: is not used while a script of another client blocks the server', async () => {
    const redis = await server(undefined, ['--lua-time-limit', '50']);
    const store = await storeOf(redis.url);
    const [blocked, other] = [admin(redis), admin(redis)];
    await Promise.all([blocked.ping(), other.ping()]);
    const blocking = blocked.eval('while true do end', 0).catch(() => undefined);
    await untilDown(store);
    await expect.poll(() => other.call('SCRIPT', 'KILL').catch(() => 'busy'), { timeout: 5_000 }).toBe('OK');
    await blocking;
    await untilUp(store);
  });

  it('F32: is not used while the server asks for an unknown password, and used again after that', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    const client = admin(redis);
    await client.config('SET', 'requirepass', 'new');
    // The server asks new connections for it from now on.
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await expect.poll(() => store.isUp, { timeout: 5_000 }).toBe(false);
    const connections = async (): Promise<number> =>
      Number(/total_connections_received:(\d+)/.exec(await client.info('stats'))?.[1]);
    const before = await connections();
    await expect.poll(connections, { timeout: 10_000 }).toBeGreaterThan(before + 2);
    expect(store.isUp).toBe(false);
    await client.config('SET', 'requirepass', '');
    await untilUp(store);
  });

  it('F32: is not used with a wrong password, and a warning says so', async () => {
    const redis = await server(undefined, ['--requirepass', 'right']);
    const store = await storeOf(redis.url.replace('//', '//:wrong@'));
    expect(store.isUp).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toContain('wrong');
    await admin(redis, 'right').config('SET', 'requirepass', 'wrong');
    await untilUp(store);
  });

  it('does not count as down after one slow reply', async () => {
    const redis = await server();
    const store = await storeOf(redis.url, 50);
    redis.freeze();
    await expect(count(store)).rejects.toThrow();
    expect(store.isUp).toBe(true);
    redis.thaw();
    await expect.poll(() => count(store).catch(() => undefined)).toBeTypeOf('number');
    expect(warnings).toEqual([]);
  });

  it('does not count as down after an error reply about one key, and publishes one warning', async () => {
    const redis = await server();
    const store = await storeOf(redis.url);
    await admin(redis).rpush('mobile:limits:v2:ada', 'a list');
    for (let asked = 0; asked < 3; asked++) await expect(count(store)).rejects.toThrow();
    expect(store.isUp).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('refused a command')]);
  });

  it('starts without a server, and is used once there is one', async () => {
    const redis = await server();
    await redis.stop();
    const store = await storeOf(redis.url);
    expect(store.isUp).toBe(false);
    await server(redis.port);
    await untilUp(store);
  });

  it('does not start at a node of a Redis Cluster', async () => {
    const node = await server(undefined, ['--cluster-enabled', 'yes']);
    await expect(storeOf(node.url)).rejects.toThrow(
      /^redis: 127\.0\.0\.1:\d+ is a node of a Redis Cluster, .*: give the address of one Redis/,
    );
  });

  it('asks the given resolver for the address, anew for each connection', async () => {
    const redis = await server();
    const asked: string[] = [];
    const store = new RedisStore({
      app: 'mobile',
      url: `redis://cache.internal:${redis.port}`,
      names: {
        lookupWithin: () => (host, options, found) => {
          asked.push(host);
          if (options.all === true) found(null, [{ address: '127.0.0.1', family: 4 }]);
          else found(null, '127.0.0.1', 4);
        },
        services: () => Promise.resolve([]),
        watch: () => () => undefined,
      },
    });
    ended.push(() => store.stop());
    await store.start();
    expect(store.isUp).toBe(true);
    await redis.stop();
    await server(redis.port);
    await untilUp(store);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked)).toEqual(new Set(['cache.internal']));
  });
});

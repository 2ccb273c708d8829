import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer, redisIsInstalled } from './redis.js';

describe.skipIf(!redisIsInstalled())('a Redis for tests', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await RedisServer.start();
    client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => {});
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it('keeps a value', async () => {
    await client.set('a', '1');
    expect(await client.get('a')).toBe('1');
  });

  it('sends nothing while it is frozen', async () => {
    server.freeze();
    const asked = client.get('a');
    const first = await Promise.race([asked, new Promise((resolve) => void setTimeout(resolve, 30, 'nothing'))]);
    expect(first).toBe('nothing');
    server.thaw();
    expect(await asked).toBe('1');
  });

  it('comes back empty on the same port after it was stopped', async () => {
    await server.stop();
    server = await RedisServer.start(server.port);
    expect(await client.get('a')).toBeNull();
  });
});

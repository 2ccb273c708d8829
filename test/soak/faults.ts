import { setTimeout as pause } from 'node:timers/promises';
import { RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import type { SoakWorld } from './world.js';

/** Does something to what the BFF depends on, and undoes it. */
type Trouble = (world: SoakWorld) => Promise<void>;

async function asReplica(world: SoakWorld, forMs: number): Promise<void> {
  if (world.redis === undefined) return;
  const control = new Redis(world.redis.url, { retryStrategy: () => 50 });
  control.on('error', () => undefined);
  await control.replicaof('127.0.0.1', '1');
  await pause(forMs);
  await control.replicaof('NO', 'ONE');
  control.disconnect();
}

/** By name, in the order in which they come. */
export const troubles: readonly (readonly [name: string, trouble: Trouble])[] = [
  [
    'a name server that hangs',
    async ({ dns }) => {
      dns.replyToAll = 'hang';
      await pause(3_000);
      dns.replyToAll = undefined;
    },
  ],
  ['an upstream that is killed and started again', (world) => world.restartFrail()],
  ['a Redis that becomes a replica', (world) => asReplica(world, 1_500)],
  [
    'an issuer that hangs',
    async ({ issuer }) => {
      const { respond } = issuer;
      issuer.respond = () => undefined;
      await pause(1_500);
      issuer.respond = respond;
    },
  ],
  [
    'an upstream that is frozen',
    async ({ frail }) => {
      frail.signal('SIGSTOP');
      await pause(1_000);
      frail.signal('SIGCONT');
    },
  ],
  [
    'a Redis that is killed and started again',
    async (world) => {
      if (world.redis === undefined) return;
      const { port } = world.redis;
      await world.redis.stop();
      await pause(500);
      world.redis = await RedisServer.start(port);
    },
  ],
  [
    'a Redis that is frozen',
    async ({ redis }) => {
      redis?.freeze();
      await pause(800);
      redis?.thaw();
    },
  ],
  [
    'a name that has no address',
    async ({ dns }) => {
      dns.replyToAll = 'nxdomain';
      await pause(1_000);
      dns.replyToAll = undefined;
    },
  ],
];

import { createHash } from 'node:crypto';
import { channels, ProblemError, systemClock, type Clock, type Complaint } from '@frontage/core';
import { Redis } from 'ioredis';
import { throttlerKey, throttlerRecord, type RateStore, type ThrottlerRecord } from './rate-store.js';
import { slicesPerWindow, type WindowHit } from './sliding-window.js';

export interface RedisStorageOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** When Redis cannot answer: `open` admits every hit, `closed` refuses every one with `GW_OVERLOADED`. */
  readonly whenDown: 'open' | 'closed';
  /** How long one hit may take, 1 or more. @default 50 */
  readonly timeoutMs?: number;
  /** @default 'frontage:rate:' */
  readonly keyPrefix?: string;
  /** Counts by this clock: for tests. @default the clock of the Redis server, so that all instances agree */
  readonly clock?: Clock;
}

/** After a failure Redis is left alone for so long: a server that hangs costs one timeout a second and not one per request. */
const pauseMs = 1_000;

/**
 * The sliding window of `sliding-window.ts` on a hash: one field per slice that holds hits, never more than a window's, and `blocked`.
 * One script, so that a hit is counted and judged in one step whatever else runs. Answers hits, admitted, nextFreeMs, retryAfterMs.
 */
const script = `
local window, limit, block, slices, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
local sliceMs = window / slices
local slice = math.floor(now / sliceMs)
local total, blocked, oldest, left = 0, 0, slice, {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local value = tonumber(fields[i + 1])
  if fields[i] == 'blocked' then
    blocked = value
  else
    local at = tonumber(fields[i])
    if at < slice - slices then
      left[#left + 1] = fields[i]
    else
      total = total + value
      if at < oldest then oldest = at end
    end
  end
end
if blocked > now then
  local rest = math.ceil(blocked - now)
  return { total, 0, rest, rest }
end
if blocked > 0 then
  redis.call('DEL', KEYS[1])
  total, oldest = 0, slice
elseif #left > 0 then
  redis.call('HDEL', KEYS[1], unpack(left))
end
local freeMs = math.ceil((oldest + slices + 1) * sliceMs - now)
if total < limit then
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', slice), 1)
  redis.call('PEXPIRE', KEYS[1], math.ceil(window + sliceMs))
  return { total + 1, 1, freeMs, 0 }
end
if block > 0 then
  redis.call('HSET', KEYS[1], 'blocked', string.format('%.3f', now + block))
  redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(block, window + sliceMs)))
  return { total, 0, math.ceil(block), math.ceil(block) }
end
return { total, 0, freeMs, freeMs }
`;
const digest = createHash('sha1').update(script).digest('hex');

function readHit(answer: unknown): WindowHit {
  if (!Array.isArray(answer) || answer.length !== 4 || !answer.every((part) => typeof part === 'number')) {
    throw new TypeError('Redis answered the rate limit script with something else than four numbers');
  }
  const [hits = 0, admitted = 0, nextFreeMs = 0, retryAfterMs = 0] = answer;
  return { hits, admitted: admitted === 1, nextFreeMs, retryAfterMs };
}

/** Counts hits in Redis: one limit for all instances of a BFF. */
export class RedisThrottlerStorage implements RateStore {
  readonly #redis: Redis;
  readonly #options: RedisStorageOptions;
  readonly #keyPrefix: string;
  #downUntil = Number.NEGATIVE_INFINITY;
  #down = false;

  constructor(options: RedisStorageOptions) {
    this.#options = options;
    this.#keyPrefix = options.keyPrefix ?? 'frontage:rate:';
    this.#redis = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false, // a hit waits for nobody: `whenDown` decides
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000, // the start waits for it once
      commandTimeout: options.timeoutMs ?? 50,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
    });
    this.#redis.on('error', (cause: unknown) => this.#complain(cause));
  }

  /** Connects. Resolves either way: with Redis down at the start, `whenDown` holds until it is up. */
  async onModuleInit(): Promise<void> {
    await this.#redis.connect().catch((cause: unknown) => this.#complain(cause));
  }

  onApplicationShutdown(): void {
    this.#redis.disconnect();
  }

  async hit(key: string, windowMs: number, limit: number, blockMs: number): Promise<WindowHit> {
    const { clock, whenDown } = this.#options;
    if (systemClock.now() >= this.#downUntil) {
      try {
        const hit = readHit(
          await this.#run(this.#keyPrefix + key, windowMs, limit, blockMs, clock === undefined ? -1 : clock.now()),
        );
        this.#down = false;
        return hit;
      } catch (cause) {
        this.#downUntil = systemClock.now() + pauseMs;
        this.#complain(cause);
      }
    }
    if (whenDown === 'open') return { hits: 0, admitted: true, nextFreeMs: windowMs, retryAfterMs: 0 };
    throw new ProblemError('GW_OVERLOADED', {
      detail: 'Rate limits cannot be checked now',
      headers: { 'retry-after': '1' },
    });
  }

  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    name: string,
  ): Promise<ThrottlerRecord> {
    return throttlerRecord(await this.hit(throttlerKey(name, ttl, key), ttl, limit, blockDuration), limit);
  }

  async #run(key: string, ...values: number[]): Promise<unknown> {
    const [windowMs = 0, limit = 0, blockMs = 0, now = 0] = values;
    const args = [windowMs, limit, blockMs, slicesPerWindow, now];
    try {
      return await this.#redis.evalsha(digest, 1, key, ...args);
    } catch (error) {
      // A server that was restarted or failed over does not know the script any more.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.#redis.eval(script, 1, key, ...args);
    }
  }

  /** Once per outage. */
  #complain(cause: unknown): void {
    if (this.#down) return;
    this.#down = true;
    if (!channels.complaint.hasSubscribers) return;
    const complaint: Complaint = {
      from: 'throttling',
      message: `Redis cannot count hits; failing ${this.#options.whenDown}`,
      cause,
    };
    channels.complaint.publish(complaint);
  }
}

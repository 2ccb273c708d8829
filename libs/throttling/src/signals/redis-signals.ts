import { storeScript, type RedisStore, type StoreNamespace } from '@frontage/store';
import type { Clock } from '@frontage/core';
import type { MemorySignals } from './memory-signals.js';
import { calm, type Observation, type SignalStore, type Standing } from './signal-rule.js';

const numbersPerObservation = 6;
const numbersPerStanding = 3;
const kinds: Readonly<Record<Observation['kind'], number>> = { share: 1, distinct: 2, mark: 3, jump: 4 };

/**
 * The observations of one request in one script. Each has three keys: its record, and two more for the halves of a window (`distinct`, by
 * HyperLogLog) or for a mark. Arguments: the time (negative: that of the server), then of each its kind, window, threshold, share, value and
 * the time for which it stays raised. The reply has of each: leftMs, agoMs, isNew. It does what `memory-signals.ts` does.
 */
const signalsScript = storeScript(`
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
local reply = {}
for i = 1, #KEYS / 3 do
  local key, sets = KEYS[3 * i - 2], { KEYS[3 * i - 1], KEYS[3 * i] }
  local at = 2 + (i - 1) * ${numbersPerObservation}
  local kind, window, threshold = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local share, value, lasts = tonumber(ARGV[at + 3]), ARGV[at + 4], tonumber(ARGV[at + 5])
  local left, ago, new = 0, 0, 0
  if kind == 3 then
    redis.call('SET', sets[1], string.format('%.3f', now + value), 'PX', value)
  else
    local half = math.floor(now / (window / 2))
    local known = redis.call('HMGET', key, 'half', 'all', 'bad', 'allBefore', 'badBefore', 'raised', 'until')
    for n = 1, 7 do known[n] = tonumber(known[n] or 0) end
    local was, all, bad, allBefore, badBefore, raised, untilAt = unpack(known)
    local own = half % 2 + 1
    if was ~= half then
      if was ~= half - 1 then
        all, bad = 0, 0
        if kind == 2 then redis.call('DEL', sets[3 - own]) end
      end
      if kind == 2 then redis.call('DEL', sets[own]) end
      allBefore, badBefore, all, bad = all, bad, 0, 0
    end
    local beyond
    if kind == 1 then
      all, bad = all + 1, bad + tonumber(value)
      beyond = all + allBefore >= threshold and bad + badBefore >= share * (all + allBefore)
    elseif kind == 2 then
      redis.call('PFADD', sets[own], value)
      redis.call('PEXPIRE', sets[own], math.ceil(window))
      beyond = redis.call('PFCOUNT', sets[1], sets[2]) > threshold
    else
      if tonumber(redis.call('GET', sets[1]) or 0) <= now then all = all + 1 end
      beyond = all + allBefore > threshold
    end
    if beyond and untilAt <= now then
      raised, untilAt, new = now, now + lasts, 1
    end
    redis.call('HSET', key, 'half', half, 'all', all, 'bad', bad, 'allBefore', allBefore, 'badBefore', badBefore,
      'raised', string.format('%.3f', raised), 'until', string.format('%.3f', untilAt))
    redis.call('PEXPIRE', key, math.ceil(math.max(window, untilAt - now)))
    if untilAt > now then left, ago = math.ceil(untilAt - now), math.floor(now - raised) end
  end
  for _, number in ipairs({ left, ago, new }) do reply[#reply + 1] = number end
end
return reply
`);

/** Observations of all processes of an app. While Redis cannot be used, those of this process alone. */
export class RedisSignals implements SignalStore {
  readonly #store: RedisStore;
  readonly #keys: StoreNamespace;
  readonly #local: MemorySignals;
  readonly #clock: Clock | undefined;

  /** @param clock for tests. @default the clock of the Redis server */
  constructor(store: RedisStore, local: MemorySignals, clock?: Clock) {
    this.#store = store;
    this.#keys = store.namespace('signals');
    this.#local = local;
    this.#clock = clock;
  }

  observe(observations: readonly Observation[]): readonly Standing[] | Promise<readonly Standing[]> {
    if (!this.#store.isUp) return this.#local.observe(observations);
    const keys = observations.flatMap(({ key }) => ['', '\n0', '\n1'].map((end) => this.#keys.key(key + end)));
    const args = observations.flatMap(({ kind, windowMs, threshold, share, value, forMs }) => [
      kinds[kind],
      windowMs,
      threshold,
      share,
      value,
      forMs,
    ]);
    return this.#store
      .evaluate(signalsScript, keys, [this.#clock?.now() ?? -1, ...args])
      .then(readStandings)
      .catch(() => this.#local.observe(observations));
  }
}

/** @throws TypeError for another reply than that of the script */
function readStandings(reply: unknown): readonly Standing[] {
  if (!Array.isArray(reply) || !reply.every((part): part is number => typeof part === 'number'))
    throw new TypeError('Redis replied to the script of signals with something else than numbers');
  return Array.from({ length: reply.length / numbersPerStanding }, (_, i) => {
    const [leftMs = 0, agoMs = 0, isNew = 0] = reply.slice(i * numbersPerStanding);
    return leftMs === 0 ? calm : { leftMs, agoMs, isNew: isNew === 1 };
  });
}

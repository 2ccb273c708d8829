import { storeScript } from '@frontage/store';
import type { WindowHit } from './sliding-window.js';

/** Numbers of one limit in the arguments of the script, and of one outcome in its reply. */
const numbersPerLimit = 5;
const numbersPerHit = 4;

/**
 * The limits of one request, each under its key, in one script: all of them are checked, then all are counted, or none. Arguments: slices
 * per window, the time (negative: that of the server), then of each limit the window, the limit, the time of a block, the burst (0: a
 * sliding window) and the weight of the hit (0: it is not counted). The reply has of each limit: hits, admitted, nextFreeMs, retryAfterMs.
 *
 * A sliding window is that of `sliding-window.ts` on a hash: one field per slice that holds hits, and `blocked`. A limit with a burst is
 * that of `burst-table.ts` on a text.
 */
export const limitsScript = storeScript(`
local slices, now = tonumber(ARGV[1]), tonumber(ARGV[2])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end

local function checkBurst(key, window, limit, burst, weight)
  local every = window / limit
  local before = math.max(tonumber(redis.call('GET', key) or now), now)
  local after = before + weight * every
  local wait = after - now - burst * every
  if wait > every / 10 then
    local used = math.min(burst, math.ceil((before - now) / every - 0.1))
    return { used, 0, math.ceil(before - now), math.ceil(wait) }
  end
  local count = function()
    if weight == 0 then return end
    redis.call('SET', key, string.format('%.3f', after), 'PX', math.ceil(after - now))
  end
  return { math.min(burst, math.ceil((after - now) / every - 0.1)), 1, math.ceil(after - now), 0 }, count
end

local function checkWindow(key, window, limit, block, weight)
  local sliceMs = window / slices
  local slice = math.floor(now / sliceMs)
  local total, blocked, oldest, left = 0, 0, slice, {}
  local fields = redis.call('HGETALL', key)
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
    redis.call('DEL', key)
    total, oldest = 0, slice
  elseif #left > 0 then
    redis.call('HDEL', key, unpack(left))
  end
  local free = math.ceil((oldest + slices + 1) * sliceMs - now)
  if total + weight > limit then
    if block > 0 then
      redis.call('HSET', key, 'blocked', string.format('%.3f', now + block))
      redis.call('PEXPIRE', key, math.ceil(math.max(block, window + sliceMs)))
      free = math.ceil(block)
    end
    return { total, 0, free, free }
  end
  local count = function()
    if weight == 0 then return end
    redis.call('HINCRBY', key, string.format('%.0f', slice), weight)
    redis.call('PEXPIRE', key, math.ceil(window + sliceMs))
  end
  return { total + weight, 1, free, 0 }, count
end

local reply, counts, admitted = {}, {}, true
for i, key in ipairs(KEYS) do
  local at = 3 + (i - 1) * ${numbersPerLimit}
  local window, limit, block = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local burst, weight = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local hit, count
  if burst > 0 then
    hit, count = checkBurst(key, window, limit, burst, weight)
  else
    hit, count = checkWindow(key, window, limit, block, weight)
  end
  if count == nil then admitted = false else counts[#counts + 1] = count end
  for _, number in ipairs(hit) do reply[#reply + 1] = number end
end
if admitted then
  for _, count in ipairs(counts) do count() end
end
return reply
`);

/** @throws TypeError for another reply than that of the script to so many limits */
export function readHits(reply: unknown, limits: number): WindowHit[] {
  if (!isNumbers(reply) || reply.length !== limits * numbersPerHit)
    throw new TypeError('Redis replied to the rate limit script with something else than four numbers per limit');
  return Array.from({ length: limits }, (_, i) => {
    const [hits = 0, admitted = 0, nextFreeMs = 0, retryAfterMs = 0] = reply.slice(i * numbersPerHit);
    return { hits, admitted: admitted === 1, nextFreeMs, retryAfterMs };
  });
}

const isNumbers = (reply: unknown): reply is number[] =>
  Array.isArray(reply) && reply.every((part) => typeof part === 'number');

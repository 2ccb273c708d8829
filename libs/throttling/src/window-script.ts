import { storeScript } from '@frontage/store';
import type { WindowHit } from './sliding-window.js';

/**
 * The sliding window of `sliding-window.ts` on a hash: one field per slice that holds hits, never more than a window's, and `blocked`.
 * It is one script, so that checking and counting a hit is one atomic step. It returns hits, admitted, nextFreeMs, retryAfterMs.
 */
export const windowScript = storeScript(`
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
`);

/** @throws TypeError for another reply than that of the script */
export function readHit(reply: unknown): WindowHit {
  if (!Array.isArray(reply) || reply.length !== 4 || !reply.every((part) => typeof part === 'number')) {
    throw new TypeError('Redis replied to the rate limit script with something else than four numbers');
  }
  const [hits = 0, admitted = 0, nextFreeMs = 0, retryAfterMs = 0] = reply;
  return { hits, admitted: admitted === 1, nextFreeMs, retryAfterMs };
}

import { storeScript } from '@frontage/store';

/** The sign of an invalidated key; what follows is unique. */
export const goneSign = 'gone:';

/**
 * Looks a response up, together with the tokens of its marks; a mark without a token gets a new one. A record begins with the tokens at the
 * time at which its load began, and is read only while they are the present ones. So an invalidation is the removal of a token, and a token
 * that the store has lost invalidates, too.
 *
 * KEYS: record, lock, one per mark. ARGV: a new token, its time in ms, the holder of the lock, the time of the lock in ms (0: none), the version
 * of the format.
 */
export const findScript = storeScript(`local tokens = {ARGV[5]}
for i = 3, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if not held then
    held = ARGV[1]
    redis.call('SET', KEYS[i], held, 'PX', ARGV[2])
  elseif redis.call('PTTL', KEYS[i]) < tonumber(ARGV[2]) / 2 then redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
  tokens[i - 1] = held
end
local line = table.concat(tokens, ' ')
local record = redis.call('GET', KEYS[1]) or ''
if string.sub(record, 1, #line + 1) == line .. '\\n' then return {'found', line, '', string.sub(record, #line + 2)} end
if tonumber(ARGV[4]) > 0 and not redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4], 'NX') then return {'loading'} end
local seen = ''
if string.sub(record, 1, ${goneSign.length}) == '${goneSign}' then seen = record end
return {'absent', line, seen}`);

/**
 * Writes a response and gives the lock back. Nothing is written where the key was invalidated since the lookup; with any other mark the record
 * is written, and never read.
 *
 * KEYS: record, lock. ARGV: the holder of the lock, the seen sign, the time of the record in ms, its tokens, its body.
 */
export const keepScript = storeScript(`if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
if redis.call('GETRANGE', KEYS[1], 0, ${goneSign.length - 1}) == '${goneSign}' and redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[4] .. '\\n' .. ARGV[5], 'PX', ARGV[3])
return 1`);

/** Gives a lock back that is still that of its holder. */
export const releaseScript = storeScript(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
);

const remove = `for i = 2, 1 + tonumber(ARGV[1]) do redis.call('DEL', KEYS[i]) end
for i = 2 + tonumber(ARGV[1]), #KEYS do redis.call('SET', KEYS[i], ARGV[2], 'PX', ARGV[3]) end
`;

/**
 * Removes tokens, marks keys as gone, and tells all processes.
 *
 * KEYS: the stream, tokens, records. ARGV: how many tokens, the sign of a key that is gone, its time in ms, the length of the stream, fields.
 */
export const tellScript =
  storeScript(`${remove}redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', unpack(ARGV, 5))
return 1`);

/**
 * Removes tokens and marks keys as gone for entries that other systems have written, unless another process has. The cursor is the last entry
 * for which that was done.
 *
 * KEYS: the cursor, tokens, records. ARGV: how many tokens, the sign of a key that is gone, its time in ms, the last entry, the time of the
 * cursor in ms.
 */
export const applyScript = storeScript(`local held = redis.call('GET', KEYS[1])
if held then
  local heldMs, heldAt = string.match(held, '(%d+)-(%d+)')
  local ms, at = string.match(ARGV[4], '(%d+)-(%d+)')
  if tonumber(ms) < tonumber(heldMs) or (ms == heldMs and tonumber(at) <= tonumber(heldAt)) then return 0 end
end
${remove}redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
return 1`);

/** Removes tokens alone. KEYS: none in use, tokens. ARGV: how many. */
export const removeScript = storeScript(`${remove}return 1`);

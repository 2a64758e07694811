-- Applies a batch of changes unconditionally, in order, and stops at the first that Redis refuses.
-- KEYS     per change: the data key; a delete has its tombstone key after it, a touch or an increment with the floor '+' its
--          marker; last, where ARGV[3] says so, the slip
-- ARGV[1]  one letter per change: s set, d delete, t touch, i increment, m mark; or '=': all are sets with the same ttl
-- ARGV[2]  milliseconds a tombstone is kept; for '=': the ttl
-- ARGV[3]  but for '=': milliseconds the slip is kept, on which the versions of the increments that were made are
--          noted; '' for no slip
-- ARGV[..] for '=': the stored texts; else per change:
--          s stored, ttl | d version | t version, fresh, ttl, floor | i version, fresh, ttl, floor, by |
--          m since, invalidated, expired, ttl
-- ARGV[last] milliseconds since the epoch until which the changes may be made, or '' for ever
-- Result   { changes applied, error or '', then per d and t: 0 or 1 (existed), per i: the sum, as text, or 'nan' }
local pcall, byte = redis.pcall, string.byte
local ops, tombstone_ttl = ARGV[1], ARGV[2]
local key, arg, out = 1, 4, { 0, '' }

-- Whoever sent this has given up by now, and went on without it: what they did since must not be undone.
local expires = tonumber(ARGV[#ARGV])
if expires then
  local now = redis.call('TIME')
  if now[1] * 1000 + now[2] / 1000 > expires then return { 0, 'LATE the changes came after their time' } end
end

if ops == '=' then
  local ttl = ARGV[2]
  for at = 1, #KEYS do
    local reply = pcall('SET', KEYS[at], ARGV[at + 2], 'PX', ttl)
    if reply.err then return { at - 1, reply.err } end
  end
  return { #KEYS, '' }
end

-- What a replay has noted there has been made: these changes were given up, and come late.
local slip, noted, noted_before = ARGV[3] ~= '' and KEYS[#KEYS], {}, ''
if slip then
  local text = pcall('GET', slip)
  if type(text) == 'string' then noted_before = text end
end

local function finish()
  if #noted > 0 then pcall('SET', slip, table.concat(noted), 'PX', ARGV[3]) end
  return out
end

-- A touch makes a value no newer: its version stays, so that it does not stand in the way of what another instance wrote
-- later and has still to replay.
local function refreshed(stored, fresh)
  return sub(stored, 1, 87) .. fresh .. sub(stored, 101)
end

for at = 1, #ops do
  local op, name = byte(ops, at), KEYS[key]
  local reply
  key = key + 1
  if op == 115 then
    reply = pcall('SET', name, ARGV[arg], 'PX', ARGV[arg + 1])
    arg = arg + 2
  elseif op == 100 then
    reply = pcall('SET', KEYS[key], ARGV[arg], 'PX', tombstone_ttl)
    if not reply.err then
      reply = pcall('UNLINK', name)
      if type(reply) ~= 'table' then out[#out + 1] = reply end
    end
    key, arg = key + 1, arg + 1
  elseif op == 109 then
    reply, looked[name] = mark(name, ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]), false
    arg = arg + 4
  elseif op == 116 then
    local fresh, ttl, floor = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
    local stored = pcall('GET', name)
    arg = arg + 4
    if floor == '+' then
      floor, key = floor_at(KEYS[key], ARGV[arg - 4]), key + 1
    end
    if type(stored) == 'table' or not stored or is_nothing(stored, fresh - ttl) or is_below(stored, floor) then
      out[#out + 1] = 0
    else
      if sub(stored, 1, 27) == HEAD then
        reply = pcall('SET', name, refreshed(stored, fresh), 'PX', ttl + grace_of(stored))
      else
        reply = pcall('PEXPIRE', name, ttl)
      end
      if type(reply) ~= 'table' or not reply.err then out[#out + 1] = 1 end
    end
  else
    local version, fresh, ttl, floor, by = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4]
    local stored = pcall('GET', name)
    local sum
    arg = arg + 5
    if floor == '+' then
      floor, key = floor_at(KEYS[key], version), key + 1
    end
    if type(stored) == 'string' and (is_nothing(stored, fresh - ttl) or is_below(stored, floor)) then stored = false end
    if type(stored) == 'table' then
      sum = nil
    elseif stored then
      local number = number_in(stored)
      sum = number and number + tonumber(by)
    else
      sum = tonumber(by)
    end
    -- What an earlier batch left there is older than the first of this one.
    if noted_before ~= '' and #noted == 0 and sub(noted_before, -26) < version then noted_before = '' end
    local made = noted_before ~= '' and find(noted_before, version, 1, true)
    if slip then noted[#noted + 1] = version end
    if made then
      out[#out + 1] = '0'
    elseif not sum or math.abs(sum) > 9007199254740991 then
      out[#out + 1] = 'nan'
    else
      local text = string.format('%.0f', sum)
      version = above(floor, version)
      if stored and sub(stored, 1, 27) == HEAD then
        reply = pcall('SET', name, HEAD .. version .. sub(stored, 54, value_at(stored) - 1) .. text .. '}', 'KEEPTTL')
      elseif stored then
        reply = pcall('SET', name, text, 'KEEPTTL')
      else
        local created = string.format('%.0f', tonumber(fresh) - tonumber(ttl))
        local fields = '","created":' .. created .. ',"fresh":' .. fresh .. ',"value":' .. text .. '}'
        reply = pcall('SET', name, HEAD .. version .. fields, 'PX', ttl)
      end
      if not reply.err then
        out[#out + 1] = text
      elseif slip then
        noted[#noted] = nil
      end
    end
  end
  if type(reply) == 'table' and reply.err then
    out[2] = reply.err
    return finish()
  end
  out[1] = at
end
return finish()

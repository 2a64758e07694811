-- Applies changes that come late, each only where Redis holds nothing newer: compare-and-set by version. A change that
-- Redis refuses does not keep those after it from being made.
-- KEYS     per change: the data key, its tombstone key (the data key again: deletions are not looked at); an increment
--          has after them the key that remembers which parts of late increments were made, and the slips of the
--          batches in which parts of it were sent before; a touch or an increment with the floor '+' has its marker
--          then; a mark has its own key alone; last, not on a Cluster, the hash of cleared prefixes
-- ARGV[1]  one letter per change: s set, d delete, t touch, i increment, m mark
-- ARGV[2]  milliseconds a tombstone is kept
-- ARGV[3]  milliseconds it is remembered which increments were made
-- ARGV[4]  milliseconds since the epoch, in hexadecimal: ids of increments before it need not be remembered any more
-- ARGV[5]  1 when the hash of cleared prefixes is among KEYS, else ''
-- ARGV[..] per change: version, fresh, ttl, payload (s: stored text, i: fresh and ttl of what exists already, or '' and
--          '', its floor, its number of slips, its number of parts, then per part: id, by, number of its slip or 0, 1 if it
--          counts only where there is a counter; t: its floor; d: ''); m since, invalidated, expired, ttl
-- ARGV[last] milliseconds since the epoch until which the changes may be made, or '' for ever
-- Result   per change: 1 applied, 0 superseded, 2 not a number, 3 it was there, or the error as text; or one error for all
local pcall, byte = redis.pcall, string.byte
local ops, tombstone_ttl, memory_ttl, memory_from = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local ID = 26
local key, arg, out = 1, 6, {}

-- Whoever sent this has given up by now, and went on without it: what they did since must not be undone.
local expires = tonumber(ARGV[#ARGV])
if expires then
  local now = redis.call('TIME')
  if now[1] * 1000 + now[2] / 1000 > expires then return 'LATE the changes came after their time' end
end

-- A value without a version was written by somebody else: older than any change of ours.
local function version_of(stored)
  return stored and sub(stored, 1, 27) == HEAD and sub(stored, 28, 53) or ''
end

local clearings = ARGV[5] == '1' and redis.call('HGETALL', KEYS[#KEYS]) or {}

-- The version of the last clearing of a prefix of this key: a clear leaves tombstones only for what it found.
local function cleared_at(name)
  local last = ''
  for at = 1, #clearings, 2 do
    local version = clearings[at + 1]
    if version > last and sub(name, 1, #clearings[at]) == clearings[at] then last = version end
  end
  return last
end

-- The same of deletions that found no room in a journal. It spares what else waited in that journal, and so what is
-- there: but where there is nothing, what is older must not come back.
local function collapsed_at(version)
  local last, instance = '', sub(version, 19)
  for at = 2, #clearings, 2 do
    local cleared = clearings[at]
    if sub(cleared, 27, 27) == '~' and cleared > last and not find(cleared, instance, 27, true) then last = cleared end
  end
  return sub(last, 1, 26)
end

local function text_at(name)
  local text = pcall('GET', name)
  return type(text) == 'string' and text or ''
end

local function failed(reply)
  return type(reply) == 'table' and reply.err
end

-- Ids come in the order of time, as far as it matters here.
local function remembered(ids)
  local from = 1
  while from <= #ids and sub(ids, from, from + 11) < memory_from do from = from + ID end
  return sub(ids, from)
end

-- A delta adds to whatever is there, unless it was added before and nobody heard of it, or the key was deleted since.
local function increment(name, stored, textless, current, buried, version, fresh, ttl)
  local memory, slips, marks = KEYS[key + 2], {}, {}
  local touched_fresh, touched_ttl = ARGV[arg + 3], tonumber(ARGV[arg + 4])
  local count, parts = tonumber(ARGV[arg + 6]), tonumber(ARGV[arg + 7])
  for at = 1, count do
    slips[at] = text_at(KEYS[key + 2 + at])
    marks[at] = ''
  end
  local known, ids, to_present, to_nothing, begins = text_at(memory), '', 0, 0, false
  local at = arg + 8
  key, arg = key + 3 + count, at + 4 * parts
  while at < arg do
    local id, by, slip = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    if not (find(known, id, 1, true) or slip > 0 and find(slips[slip], id, 1, true)) then
      ids, to_present = ids .. id, to_present + by
      if slip > 0 then marks[slip] = marks[slip] .. id end
      if ARGV[at + 3] == '0' then to_nothing, begins = to_nothing + by, true end
    end
    at = at + 4
  end

  local result, reply = 1, nil
  local touches = touched_ttl and current <= version
  if touches and touched_ttl <= 0 and stored and not textless then
    -- Touched, and expired since, with what was added before; what was added after began anew.
    reply = pcall('UNLINK', name)
    if failed(reply) then return reply.err end
    stored, begins = false, begins and tonumber(touched_fresh) <= tonumber(sub(version, 1, 12), 16)
  end
  if buried > version then
    result = 0
  elseif not stored then
    if begins and tonumber(ttl) > 0 then
      local created = string.format('%.0f', tonumber(fresh) - tonumber(ttl))
      local text = string.format('%.0f', to_nothing)
      local fields = '","created":' .. created .. ',"fresh":' .. fresh .. ',"value":' .. text .. '}'
      reply = pcall('SET', name, HEAD .. version .. fields, 'PX', ttl)
    end
  elseif ids ~= '' or touches then
    local number, head = not textless and number_in(stored), sub(stored, 1, 27) == HEAD
    local newest = current > version and current or version
    local text
    if number and math.abs(number + to_present) <= 9007199254740991 then
      text = string.format('%.0f', number + to_present)
    else
      -- No number: what remains is that it was touched.
      result, text = 2, head and sub(stored, value_at(stored), -2) or stored
      newest = version_of(stored)
    end
    if head then
      local until_then = touches and touched_fresh or sub(stored, 88, 100)
      text = HEAD .. newest .. sub(stored, 54, 87) .. until_then .. sub(stored, 101, value_at(stored) - 1) .. text .. '}'
    end
    if touches and not textless then
      reply = pcall('SET', name, text, 'PX', touched_ttl + (head and grace_of(stored) or 0))
    elseif result == 1 then
      reply = pcall('SET', name, text, 'KEEPTTL')
    end
  end
  if failed(reply) then return reply.err end
  if ids ~= '' then
    pcall('SET', memory, remembered(known) .. ids, 'PX', memory_ttl)
    for slip = 1, count do
      -- Should the batch of this slip still arrive, its increments are not made again.
      if marks[slip] ~= '' then
        pcall('SET', KEYS[key - 1 - count + slip], slips[slip] .. marks[slip], 'PX', memory_ttl)
      end
    end
  end
  return result
end

local function make(at)
  local op, name, tombstone = byte(ops, at), KEYS[key], KEYS[key + 1]
  local version, fresh, ttl = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2]
  if op == 109 then
    out[at], looked[name] = failed(mark(name, version, fresh, ttl, ARGV[arg + 3])) or 1, false
    key, arg = key + 1, arg + 4
    return
  end
  local floor = op == 116 and ARGV[arg + 3] or op == 105 and ARGV[arg + 5] or ''
  local guarded = floor == '+' and 1 or 0
  local invalidated = floor
  if guarded == 1 then
    floor, invalidated = floor_at(KEYS[op == 116 and key + 2 or key + 3 + tonumber(ARGV[arg + 6])], version)
  end
  local stored = pcall('GET', name)
  -- Of another type: there is something, but no text.
  local textless = type(stored) == 'table'
  if textless then stored = '' end
  local current, buried = version_of(stored), tombstone ~= name and text_at(tombstone) or ''
  if op ~= 100 then
    local cleared, present = cleared_at(name), version_of(stored)
    if cleared > version and present ~= '' and present < cleared then
      -- Whoever cleared it may be gone before it came to this key.
      pcall('SET', tombstone, cleared, 'PX', tombstone_ttl)
      pcall('UNLINK', name)
      stored = false
    end
    local collapsed = not stored and collapsed_at(version) or ''
    -- It was the newer one: of what is spared and comes yet, nothing that is older may take its place.
    if op == 115 and version > buried and version < collapsed then
      pcall('SET', tombstone, version, 'PX', tombstone_ttl)
    end
    if collapsed > cleared then cleared = collapsed end
    if cleared > buried then buried = cleared end
  end
  if buried > current then current = buried end
  local over = stored and not textless and is_below(stored, floor)
  -- What was counted before an invalidation is gone with all that was.
  if op == 105 and invalidated > buried then buried = invalidated end
  if op == 105 then
    if stored and not textless and (over or is_nothing(stored, fresh - ttl)) then stored = false end
    out[at] = increment(name, stored, textless, current, buried, version, fresh, ttl)
  else
    local payload, reply, result = ARGV[arg + 3], nil, 1
    key, arg = key + 2, arg + 4
    -- What is older than a deletion goes, also where a later deletion of another instance, by its clock, went before.
    if op == 100 and stored and version_of(stored) <= version and current > version then
      reply = pcall('UNLINK', name)
    elseif op == 100 and not stored and buried == version then
      -- A clearing deletes what others wrote under their own versions: the same version says nothing alone.
      result = 3
    elseif current > version then
      result = 0
    elseif op == 115 then
      -- Of the same version it may differ by a touch that was put together with it here.
      if version_of(stored) == version then result = 3 end
      if stored ~= payload then reply = pcall('SET', name, payload, 'PX', ttl) end
    elseif op == 100 then
      reply = pcall('SET', tombstone, version, 'PX', tombstone_ttl)
      if not reply.err then reply = pcall('UNLINK', name) end
    elseif not stored or textless or over or is_nothing(stored, fresh - ttl) then
      result = 0
    elseif sub(stored, 1, 27) == HEAD then
      -- A touch makes a value no newer.
      if sub(stored, 88, 100) == fresh then result = 3 end
      reply = pcall('SET', name, sub(stored, 1, 87) .. fresh .. sub(stored, 101), 'PX', ttl + grace_of(stored))
    else
      reply = pcall('PEXPIRE', name, ttl)
    end
    out[at] = failed(reply) or result
  end
  key = key + guarded
end

for at = 1, #ops do make(at) end
return out

-- Applies changes that come late, each only where Redis holds nothing newer: compare-and-set by version.
-- KEYS     per change: the data key, its tombstone key (the data key again: deletions are not looked at)
-- ARGV[1]  one letter per change: s set, d delete, t touch, i increment
-- ARGV[2]  milliseconds a tombstone is kept
-- ARGV[..] per change: version, fresh, ttl, payload (s: stored text, i: by, d and t: '')
-- ARGV[last] milliseconds since the epoch until which the changes may be made, or '' for ever
-- Result   { changes applied or passed over, error or '', then per change: 1 applied, 0 superseded, 2 not a number, 3 it was there }
local pcall, byte, sub = redis.pcall, string.byte, string.sub
local ops, tombstone_ttl = ARGV[1], ARGV[2]
local HEAD = '{"understudy":1,"version":"'
local arg, out = 3, { 0, '' }

-- Whoever sent this has given up by now, and went on without it: what they did since must not be undone.
local expires = tonumber(ARGV[#ARGV])
if expires then
  local now = redis.call('TIME')
  if now[1] * 1000 + now[2] / 1000 > expires then return { 0, 'LATE the changes came after their time' } end
end

-- A value without a version was written by somebody else: older than any change of ours.
local function version_of(stored)
  return stored and sub(stored, 1, 27) == HEAD and sub(stored, 28, 53) or ''
end

local function number_in(stored)
  local text = sub(stored, 1, 27) == HEAD and sub(stored, 110, -2) or stored
  return string.match(text, '^-?%d+$') and tonumber(text)
end

for at = 1, #ops do
  local op, name, tombstone = byte(ops, at), KEYS[2 * at - 1], KEYS[2 * at]
  local version, fresh, ttl, payload = ARGV[arg], ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
  arg = arg + 4
  local stored = pcall('GET', name)
  -- Of another type: there is something, but no text.
  local textless = type(stored) == 'table'
  if textless then stored = '' end
  local made = version_of(stored) == version
  local current, buried = version_of(stored), tombstone ~= name and pcall('GET', tombstone)
  if type(buried) == 'string' and buried > current then current = buried end
  local reply, result = nil, 1
  if op == 105 then
    -- A delta adds to whatever is there, unless it was added before and nobody heard of it, or the key was deleted since.
    if made or type(buried) == 'string' and buried > version then
      result = 0
    else
      local number = not stored and 0 or number_in(stored)
      if not number or math.abs(number + tonumber(payload)) > 9007199254740991 then
        result = 2
      else
        local text = string.format('%.0f', number + tonumber(payload))
        local newest = current > version and current or version
        if stored and sub(stored, 1, 27) == HEAD then
          reply = pcall('SET', name, HEAD .. newest .. sub(stored, 54, 109) .. text .. '}', 'KEEPTTL')
        elseif stored then
          reply = pcall('SET', name, text, 'KEEPTTL')
        else
          local created = string.format('%.0f', tonumber(fresh) - tonumber(ttl))
          local fields = '","created":' .. created .. ',"fresh":' .. fresh .. ',"value":' .. text .. '}'
          reply = pcall('SET', name, HEAD .. version .. fields, 'PX', ttl)
        end
      end
    end
  elseif op == 100 and not stored and buried == version or op ~= 100 and made then
    -- A clearing deletes what others wrote under their own versions: of a deletion the same version says nothing alone.
    result = 3
  elseif current > version then
    result = 0
  elseif op == 115 then
    reply = pcall('SET', name, payload, 'PX', ttl)
  elseif op == 100 then
    reply = pcall('SET', tombstone, version, 'PX', tombstone_ttl)
    if not reply.err then reply = pcall('UNLINK', name) end
  elseif not stored or textless then
    result = 0
  elseif sub(stored, 1, 27) == HEAD then
    reply = pcall('SET', name, HEAD .. version .. sub(stored, 54, 87) .. fresh .. sub(stored, 101), 'PX', ttl)
  else
    reply = pcall('PEXPIRE', name, ttl)
  end
  if type(reply) == 'table' and reply.err then
    out[2] = reply.err
    return out
  end
  out[1] = at
  out[#out + 1] = result
end
return out

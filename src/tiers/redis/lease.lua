-- Leases to load a key, shared by all processes: at most one a key, for a time, void once the key was changed.
-- KEYS     per request: the data key, its tombstone key, its lease key
-- ARGV[1]  one letter per request: l look, t take, f fulfil, u fulfil what was not granted here, r release
-- ARGV[..] per request: token, milliseconds (of the lease, or of the value), and for f and u the stored text; for l and t
--          the digest of something at the key that does not count (it cannot be read, or is to be loaded anew), or ''
-- ARGV[last] milliseconds since the epoch until which the requests may be carried out, or '' for ever
-- Result   { requests carried out, error or '', then per request:
--          l, t: -1 granted, else the milliseconds that somebody else's lease has left, or the digest of what is there
--          f, u: 1 stored, 0 void; r: 1 }
-- A lease is <token>/<version of the tombstone when it was granted>/<digest of what was at the key>: plain changes need
-- not know of it, for they leave another value or another tombstone behind.
local pcall, byte = redis.pcall, string.byte
local ops = ARGV[1]
local out = { 0, '' }

-- Whoever sent this has given up by now: a lease would be granted to nobody.
local expires = tonumber(ARGV[#ARGV])
if expires then
  local now = redis.call('TIME')
  if now[1] * 1000 + now[2] / 1000 > expires then return { 0, 'LATE the requests came after their time' } end
end

-- The text at a key; '' for something of another type, nil for nothing.
local function text_at(name)
  local text = pcall('GET', name)
  if type(text) == 'table' then return '' end
  return text or nil
end

local function digest(stored)
  return stored and redis.sha1hex(stored) or ''
end

local function version_of(stored)
  return stored and sub(stored, 1, 27) == HEAD and sub(stored, 28, 53) or ''
end

for at = 1, #ops do
  local op = byte(ops, at)
  local name, tombstone, lease = KEYS[3 * at - 2], KEYS[3 * at - 1], KEYS[3 * at]
  local token, ttl, payload = ARGV[3 * at - 1], ARGV[3 * at], ARGV[3 * at + 1]
  local owner, grave, seen = string.match(text_at(lease) or '', '^([^/]+)/([^/]*)/([^/]*)$')
  local reply, result
  if op == 114 then
    if owner == token then reply = pcall('DEL', lease) end
    result = 1
  else
    local stored, buried = text_at(name), text_at(tombstone) or ''
    local good = owner and (buried == '' or buried == grave)
    if good and (stored or seen ~= '') then good = digest(stored) == seen end
    if op == 102 or op == 117 then
      local mine = owner == token
      -- Granted by its process alone, while Redis could not be asked: then the versions must tell.
      local newest = op == 117 and not mine and version_of(payload)
      if mine and good or newest and version_of(stored) <= newest and buried <= newest then
        reply = pcall('SET', name, payload, 'PX', ttl)
        result = 1
      else
        result = 0
      end
      if mine and not (type(reply) == 'table' and reply.err) then reply = pcall('DEL', lease) end
    else
      local left = good and redis.call('PTTL', lease) or -1
      if left >= 0 then
        result = left
      elseif stored and digest(stored) ~= payload then
        result = digest(stored)
      else
        result = -1
        if op ~= 108 then
          reply = pcall('SET', lease, token .. '/' .. buried .. '/' .. digest(stored), 'PX', ttl)
        end
      end
    end
  end
  if type(reply) == 'table' and reply.err then
    out[2] = reply.err
    return out
  end
  out[1] = at
  out[#out + 1] = result
end
return out

-- Stands before every script: what it has to know of a stored text, which is an envelope where it begins with HEAD.
-- Fixed places in one: version 28-53, fresh 88-100, value from 110 where nothing optional is before it.
local HEAD = '{"understudy":1,"version":"'
local sub, find = string.sub, string.find

-- Milliseconds that it is kept after it was fresh.
local function grace_of(stored)
  return tonumber(string.match(stored, '^,"grace":(%d+)', 101) or 0)
end

-- Whether there is nothing to touch or to add to: it was fresh once and is only kept since, or says that there is none.
local function is_nothing(stored, now)
  if sub(stored, 1, 27) ~= HEAD then return false end
  if sub(stored, 101, 114) == ',"absent":true' then return true end
  return grace_of(stored) > 0 and tonumber(sub(stored, 88, 100)) <= now
end

-- Where the value begins, in a text of ours.
local function value_at(stored)
  local _, last = find(stored, ',"value":', 101, true)
  return (last or #stored) + 1
end

local function number_in(stored)
  local text = stored
  if sub(stored, 1, 27) == HEAD then
    local at = value_at(stored)
    -- What is encoded in another way is no number.
    local optional = sub(stored, 101, at - 1)
    if find(optional, '"codec":', 1, true) then return nil end
    -- What others may invalidate by its tags must not get a later version.
    if find(optional, ',"tags":', 1, true) then return nil end
    text = sub(stored, at, -2)
  end
  return string.match(text, '^-?%d+$') and tonumber(text)
end

-- A marker: {"understudy":1,"since":"<version>","invalidated":"<version>","expired":"<version>"}, versions at 26, 69 and 108.
local MARKER, NEVER = '{"understudy":1,"since":"', '000000000000-0000-00000000'

local function marker_at(name)
  local stored = redis.pcall('GET', name)
  if type(stored) ~= 'string' or sub(stored, 1, 25) ~= MARKER or #stored ~= 135 then return nil end
  return sub(stored, 26, 51), sub(stored, 69, 94), sub(stored, 108, 133)
end

-- What was said before and what is said now: since the earlier of both, all else up to the later.
local function mark(name, since, invalidated, expired, ttl)
  local was_since, was_invalidated, was_expired = marker_at(name)
  local left = was_since and redis.pcall('PTTL', name) or 0
  if was_since then
    if was_since < since then since = was_since end
    if was_invalidated > invalidated then invalidated = was_invalidated end
    if was_expired > expired then expired = was_expired end
  end
  local same = since == was_since and invalidated == was_invalidated and expired == was_expired
  if same and left >= tonumber(ttl) then return true end
  if left > tonumber(ttl) then ttl = left end
  local text = MARKER .. since .. '","invalidated":"' .. invalidated .. '","expired":"' .. expired .. '"}'
  return redis.pcall('SET', name, text, 'PX', ttl)
end

-- Markers that were looked at and not changed: nobody need hear of them.
local looked = {}

-- Milliseconds that a marker is kept at least: 30 days.
local MARKER_TTL = 2592000000

-- What a touch or an increment builds on must not be older than its floor: a version, '' for none, or '+' for what its marker
-- says. Where that is missing it is made, and nothing is new enough. The second is what it was invalidated by.
local function floor_at(marker, version)
  local since, invalidated = marker_at(marker)
  if not since then
    mark(marker, version, NEVER, NEVER, MARKER_TTL)
    looked[marker] = false
    return version, ''
  end
  if looked[marker] == nil then looked[marker] = true end
  return since > invalidated and since or invalidated, invalidated
end

local function is_below(stored, floor)
  if floor == '' then return false end
  return (sub(stored, 1, 27) == HEAD and sub(stored, 28, 53) or '') < floor
end

-- The version of what is changed now, whatever clock it was stamped by: not below the floor.
local function above(floor, version)
  local counter = floor > version and tonumber(sub(floor, 14, 17), 16)
  if not counter or counter == 65535 then return version end
  return sub(floor, 1, 13) .. string.format('%04x', counter + 1) .. sub(version, 18)
end

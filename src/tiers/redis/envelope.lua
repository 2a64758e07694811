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
    if find(sub(stored, 101, at - 1), '"codec":', 1, true) then return nil end
    text = sub(stored, at, -2)
  end
  return string.match(text, '^-?%d+$') and tonumber(text)
end

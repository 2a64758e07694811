-- Runs after a script that makes changes, which stands above as the function `change`, and tells those who listen.
-- marked      whether every change leaves another mark; where it does not, none is told, and nobody may rely on theirs
-- KEYS        of the changes; companion keys among them are passed on, and known by their names
-- ARGV[last]  the channel, taken away before the changes are made
-- Message     JSON list: key, mark of what it holds now (its version and `fresh`; '' for none), key, mark, ...
local channel = table.remove(ARGV)
local result = change()
local listeners = redis.pcall('PUBSUB', 'NUMSUB', channel)
if listeners[2] and tonumber(listeners[2]) > 0 then
  local message = {}
  for at = 1, #KEYS do
    if not looked[KEYS[at]] then
      local head = marked and redis.pcall('GETRANGE', KEYS[at], 0, 99)
      local ours = type(head) == 'string' and sub(head, 1, 27) == HEAD
      message[#message + 1] = KEYS[at]
      message[#message + 1] = ours and sub(head, 28, 53) .. sub(head, 88, 100) or ''
    end
  end
  redis.pcall('PUBLISH', channel, cjson.encode(message))
end
return result

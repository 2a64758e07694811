-- Remembers that everything with a prefix was cleared, so that no late replay brings back what was not there to delete.
-- KEYS[1]  hash of prefixes and the versions of their last clearings
-- ARGV[1]  the prefix, as the data keys have it; with `~` and an instance after it where deletions of that found no room
-- ARGV[2]  version of the clearing; in that case with `~` and the instances after it whose changes it spares
-- ARGV[3]  milliseconds it is kept
-- ARGV[4]  milliseconds since the epoch before which clearings need not be kept
-- Result   1
local known = redis.call('HGETALL', KEYS[1])
for at = 1, #known, 2 do
  -- A version begins with its time, in hexadecimal.
  if tonumber(string.sub(known[at + 1], 1, 12), 16) < tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], known[at]) end
end
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or before < ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
